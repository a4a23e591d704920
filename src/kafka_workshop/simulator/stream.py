"""The stream of transactions: the n-th is a function of population, seed, n and its instant.

Each sequence number has its own row of draws, so a producer that knows the last number it sent
goes on with the same stream. Money that moves within the bank takes two numbers: the debit leg n
and the credit leg n + 1, which is told from the debit's draws. Three rules keep that well-defined:

- Whether n opens such a pair, who the two are and how much moves is decided from draws alone,
  never from the instant; only other movements pick their account by the local hour.
- A pair never spans two blocks of `draws.BLOCK` numbers: the last of a block pays outside.
- Every number consumes one instant. A credit leg carries its debit's; a stream that is resumed
  exactly at a credit leg does not know that one and carries its own.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple, TypeVar

from kafka_workshop.domain.label import Label
from kafka_workshop.domain.numbering import LANES, stream_of
from kafka_workshop.domain.transaction import (
    SCHEMA_VERSION,
    Card,
    Channel,
    Counterparty,
    DeclineReason,
    Location,
    Merchant,
    Transaction,
)
from kafka_workshop.simulator.arrivals import Activity, history_instants
from kafka_workshop.simulator.behaviour import (
    MOVEMENTS,
    OUTSIDE_OF,
    STEPS,
    Movement,
    Side,
    amounts,
    declines,
    mix,
    personal,
)
from kafka_workshop.simulator.draws import BLOCK, Draws, identifiers, sequence_of, table
from kafka_workshop.simulator.fraud.overlay import Overlay
from kafka_workshop.simulator.fraud.plan import FraudPlan
from kafka_workshop.simulator.fraud.schedule import NOTHING, Part
from kafka_workshop.simulator.population import Account, Population

__all__ = ["Simulator", "history_instants", "sequence_of"]

T = TypeVar("T")
# Transaction id, movement, draws, and whether this is the credit leg of the number before.
Step = tuple[str, Movement, Draws, bool]


class Scripted(NamedTuple):
    """A step that an episode decides, with its transaction id."""

    identifier: str
    part: Part


# Channel, merchant, counterparty, device, terminal, address, location, card. A plain tuple, made
# for every transaction.
Details = tuple[
    Channel,
    Merchant | None,
    Counterparty | None,
    str | None,
    str | None,
    str | None,
    Location | None,
    Card | None,
]
# What each of a row's draws decides.
_MIX, _GROUP, _ACCOUNT, _STATUS, _AMOUNT, _OTHER, _DEVICE, _ROUNDING = range(8)
_STEP_SHIFT = 32 - (STEPS - 1).bit_length()  # from a draw to a table of STEPS entries


class Simulator:
    """Generates the transactions of a population from a stream's number: a seed, or its lane.

    With a plan there is fraud in them, see `simulator.fraud`.

    Raises:
        ValueError: there is no such stream, or too few accounts for fraud.
    """

    def __init__(self, population: Population, seed: int, fraud: FraudPlan | None = None) -> None:
        if not 0 <= seed < stream_of(0, LANES):
            raise ValueError("the stream is a seed of 32 bits, or one of its lanes")
        self._seed = seed
        self._accounts = population.accounts
        self._overlay = Overlay(population, seed, fraud) if fraud else None
        self._activity = Activity(self._overlay.awake if self._overlay else population)
        self._mix = mix()
        self._amounts = tuple(amounts(movement) for movement in MOVEMENTS)
        self._declines = tuple(declines(movement) for movement in MOVEMENTS)

    def labelled(
        self, instants: Iterable[int], first_sequence: int = 0
    ) -> Iterator[tuple[Transaction, Label | None]]:
        """Yield the transactions as `transactions` does, each with its label if it is fraud."""
        for number, transaction in enumerate(
            self.transactions(instants, first_sequence), first_sequence
        ):
            yield transaction, self.label(transaction, number)

    def label(self, transaction: Transaction, number: int) -> Label | None:
        """Return the label of this stream's `number`-th transaction, None if it is no fraud."""
        return self._overlay.label(transaction, number) if self._overlay else None

    def is_fraud(self, number: int) -> bool:
        """Return whether the plan makes this stream's `number`-th transaction a fraud."""
        return self._overlay is not None and self._overlay.is_fraud(number)

    def label_of_stored(self, transaction: Transaction, number: int) -> Label | None:
        """Return the label of what was stored as the `number`-th transaction.

        None if it is no fraud, and if it was made under another plan, or none.
        """
        if self._overlay is None or not self._overlay.made(transaction, number):
            return None
        return self._overlay.label(transaction, number)

    def transactions(
        self, instants: Iterable[int], first_sequence: int = 0
    ) -> Iterator[Transaction]:
        """Yield one transaction for each instant, numbered on from `first_sequence`.

        `instants` are event times in milliseconds UTC, not decreasing; one is pulled only when
        the next transaction is asked for. The stream ends where they end.
        """
        debit_at: int | None = None
        for instant, step in zip(instants, self._steps(first_sequence), strict=False):
            if isinstance(step, Scripted):
                if debit_at is None or not step.part.is_credit:
                    debit_at = instant
                yield step.part.transaction(step.identifier, debit_at)
            elif step[3]:
                yield self._credit_leg(step, instant if debit_at is None else debit_at)
            else:
                debit_at = instant
                yield self._transaction(step, instant)

    def _steps(self, first_sequence: int) -> Iterator[Step | Scripted]:
        block, offset = divmod(first_sequence, BLOCK)
        while True:
            yield from islice(self._block(block), offset, None)
            block, offset = block + 1, 0

    def _block(self, block: int) -> Iterator[Step | Scripted]:
        opened: tuple[Movement, Draws] | None = None
        script = self._overlay.script(block) if self._overlay else NOTHING
        rows = zip(identifiers(self._seed, block), table(self._seed, block), strict=True)
        for offset, (identifier, draws) in enumerate(rows):
            if opened is not None:
                yield identifier, *opened, True
                opened = None
                continue
            if script and offset in script:
                yield Scripted(identifier, script[offset])
                continue
            movement = self._mix[draws[_MIX] >> _STEP_SHIFT]
            if movement.side == "inside":
                if offset == BLOCK - 1 or offset + 1 in script:
                    movement = OUTSIDE_OF[movement.kind]
                elif self._reason(movement, draws) is None:
                    opened = movement, draws
            yield identifier, movement, draws, False

    def _transaction(self, step: Step, instant: int) -> Transaction:
        identifier, movement, draws, _ = step
        account = self._payer(movement, draws, instant)
        if self._overlay is not None:
            movement, account = self._overlay.where(movement, account, instant)
        reason = self._reason(movement, draws)
        channel, merchant, other, device, terminal, ip, location, card = self._details(
            movement, account, draws
        )
        return Transaction(
            schema_version=SCHEMA_VERSION,
            transaction_id=identifier,
            occurred_at=instant,
            account_id=account.id,
            kind=movement.kind,
            amount=self._amount(movement, account, draws),
            currency="BRL",
            channel=channel,
            status="approved" if reason is None else "declined",
            holder=account.holder,
            leg="credit" if movement.side == "incoming" else "debit",
            merchant=merchant,
            counterparty=other,
            device_id=device,
            terminal_id=terminal,
            ip=ip,
            location=location,
            decline_reason=reason,
            card=card,
        )

    def _credit_leg(self, step: Step, instant: int) -> Transaction:
        identifier, movement, draws, _ = step
        payer = self._payer(movement, draws, instant)
        payee = self._payee(payer, draws)
        return Transaction(
            schema_version=SCHEMA_VERSION,
            transaction_id=identifier,
            occurred_at=instant,
            account_id=payee.id,
            kind=movement.kind,
            amount=self._amount(movement, payer, draws),
            currency="BRL",
            channel="clearing",
            status="approved",
            holder=payee.holder,
            leg="credit",
            counterparty=payer.itself,
        )

    def _payer(self, movement: Movement, draws: Draws, instant: int) -> Account:
        if movement.side == "inside":
            return self._activity.anyone(draws[_ACCOUNT])
        return self._activity.at(instant, draws[_GROUP], draws[_ACCOUNT])

    def _payee(self, payer: Account, draws: Draws) -> Account:
        return self._accounts[_pick(payer.payees, draws[_OTHER])]

    def _reason(self, movement: Movement, draws: Draws) -> DeclineReason | None:
        return self._declines[movement.index][draws[_STATUS] >> _STEP_SHIFT]

    def _amount(self, movement: Movement, account: Account, draws: Draws) -> int:
        index = movement.index
        average = _pick(self._amounts[index], draws[_AMOUNT])
        return personal(average, account.spend[index], movement, draws[_ROUNDING] >> 30)

    def _details(self, movement: Movement, account: Account, draws: Draws) -> Details:
        if movement.side == "inside":
            return _online(account, draws, None, self._payee(account, draws).itself)
        return _DETAILS[movement.side](movement, account, draws)


def _pick(values: tuple[T, ...], draw: int) -> T:
    return values[draw * len(values) >> 32]


def _online(
    account: Account, draws: Draws, merchant: Merchant | None, other: Counterparty | None
) -> Details:
    device = _pick(account.devices, draws[_DEVICE])
    return device.channel, merchant, other, device.id, None, device.ip, account.home, None


def _at_shop(movement: Movement, account: Account, draws: Draws) -> Details:
    terminal = _pick(account.terminals, draws[_OTHER])
    if movement.kind == "pix":
        return _online(account, draws, terminal.merchant, None)
    return "pos", terminal.merchant, None, None, terminal.id, None, terminal.location, account.card


def _at_site(_: Movement, account: Account, draws: Draws) -> Details:
    device = _pick(account.devices, draws[_DEVICE])
    site = _pick(account.sites, draws[_OTHER])
    return device.channel, site, None, device.id, None, device.ip, None, account.card


def _at_machine(_: Movement, account: Account, draws: Draws) -> Details:
    machine = _pick(account.machines, draws[_OTHER])
    return "atm", None, None, None, machine.id, None, machine.location, account.card


def _to_outside(_: Movement, account: Account, draws: Draws) -> Details:
    return _online(account, draws, None, _pick(account.contacts, draws[_OTHER]))


def _to_biller(_: Movement, account: Account, draws: Draws) -> Details:
    return _online(account, draws, None, _pick(account.billers, draws[_OTHER]))


def _incoming(_: Movement, account: Account, draws: Draws) -> Details:
    payer = _pick(account.contacts, draws[_OTHER])
    return "clearing", None, payer, None, None, None, None, None


_DETAILS: dict[Side, Callable[[Movement, Account, Draws], Details]] = {
    "shop": _at_shop,
    "site": _at_site,
    "cash": _at_machine,
    "outside": _to_outside,
    "biller": _to_biller,
    "incoming": _incoming,
}
