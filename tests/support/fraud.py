"""Populations, histories and single episodes with fraud in them, and what each scenario means."""

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from random import Random
from typing import NamedTuple

from msgspec.structs import replace

from kafka_workshop.domain.label import Label, Scenario
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.simulator.fraud.cast import Cast, World, mean_payment, world_of
from kafka_workshop.simulator.fraud.impossible_travel import kilometres
from kafka_workshop.simulator.fraud.plan import FraudPlan
from kafka_workshop.simulator.fraud.scenario import Moves
from kafka_workshop.simulator.population import Account, Population, build_population
from kafka_workshop.simulator.stream import Simulator, history_instants

START = 1_750_000_000_000
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
DAY = 24 * HOUR
HISTORY = 200_000
HISTORY_STEP = 120 * DAY // HISTORY  # milliseconds between two numbers, on average
LIVE_STEP = 20
PLAN = FraudPlan(0.005, HISTORY)


@cache
def people(seed: int = 3, accounts: int = 2_000) -> Population:
    return build_population(seed, accounts)


@cache
def world() -> World:
    return world_of(people(), len(people().accounts))


def simulator(seed: int = 3, plan: FraudPlan = PLAN) -> Simulator:
    return Simulator(people(), seed, plan)


@cache
def history() -> tuple[tuple[Transaction, Label | None], ...]:
    """120 days, with labels."""
    instants = history_instants(3, START, START + 120 * DAY, HISTORY)
    return tuple(simulator().labelled(instants))


@cache
def of_each_account() -> dict[str, list[Transaction]]:
    found: dict[str, list[Transaction]] = defaultdict(list)
    for transaction, _ in history():
        found[transaction.account_id].append(transaction)
    return found


def episodes(scenario: Scenario) -> list[list[tuple[Transaction, Label]]]:
    """The labelled transactions of each episode in the history."""
    found: dict[str, list[tuple[Transaction, Label]]] = defaultdict(list)
    for transaction, label in history():
        if label is not None and label.scenario == scenario:
            found[label.episode_id].append((transaction, label))
    return list(found.values())


class Played(NamedTuple):
    """One episode by itself: its account, its moves, and what they would be in a stream."""

    cast: Cast
    moves: Moves
    transactions: list[Transaction]

    @property
    def own(self) -> list[Transaction]:
        return [t for t in self.transactions if t.account_id == self.cast.account.id]


def play(make: Callable[[Cast], Moves], seed: int, step: int = HISTORY_STEP) -> Played:
    cast = Cast(world(), Random(f"play:{seed}"), set())
    moves = make(cast)
    return Played(cast, moves, [replace(m.draft, occurred_at=START + m.at * step) for m in moves])


# What each scenario means, asked of the transactions of an account.


def is_card_testing(account: Account, own: list[Transaction]) -> bool:
    tests = [t for t in own if t.kind == "card_not_present" and t.amount < 1_000]
    large = [t for t in own if t.amount > 3 * mean_payment(account)]
    return (
        len(tests) > 10
        and sum(t.status == "declined" for t in tests) > 3
        and tests[-1].occurred_at - tests[0].occurred_at < HOUR
        and any(t.occurred_at >= tests[-1].occurred_at for t in large)
    )


def fastest(own: list[Transaction]) -> float:
    """The highest speed between two uses of a card at terminals, km/h; near places do not count."""
    seen = [t for t in own if t.kind in ("card_present", "withdrawal") and t.location]
    highest = 0.0
    for one, other in pairwise(seen):
        assert one.location
        assert other.location
        far = kilometres(one.location, other.location)
        if far > 50:
            hours = max(1, other.occurred_at - one.occurred_at) / HOUR
            highest = max(highest, far / hours)
    return highest


def is_impossible_travel(_: Account, own: list[Transaction]) -> bool:
    return fastest(own) > 850


def is_account_takeover(account: Account, own: list[Transaction]) -> bool:
    devices = {device.id for device in account.devices}
    known = {contact.account for contact in account.contacts}
    return any(
        t.device_id not in devices
        and t.counterparty is not None
        and t.counterparty.account not in known
        and t.amount > 3 * mean_payment(account)
        for t in own
        if t.leg == "debit"
    )


def is_mule(_: Account, own: list[Transaction]) -> bool:
    came = [t for t in own if t.leg == "credit"]
    went = sum(t.amount for t in own if t.leg == "debit")
    return (
        len({t.counterparty for t in came}) >= 5
        and 0.9 <= went / sum(t.amount for t in came) <= 1.1
        and own[-1].occurred_at - own[0].occurred_at < DAY
    )


def is_structuring(_: Account, own: list[Transaction]) -> bool:
    for limit in (1_000_000, 5_000_000):
        below = [t for t in own if 0.9 * limit <= t.amount < limit]
        if len(below) >= 3 and below[-1].occurred_at - below[0].occurred_at < 5 * DAY:
            return True
    return False


def is_velocity(account: Account, own: list[Transaction]) -> bool:
    close = [b for a, b in pairwise(own) if b.occurred_at - a.occurred_at < 5 * MINUTE]
    return len(close) >= 9 and sum(t.amount for t in close) > 3 * mean_payment(account)


def is_high(account: Account, own: list[Transaction]) -> bool:
    return max(t.amount for t in own) > 3 * mean_payment(account)
