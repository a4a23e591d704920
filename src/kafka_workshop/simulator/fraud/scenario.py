"""What a scenario is: a name, and two pure functions from a cast to the moves of an episode."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from kafka_workshop.domain import label
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.simulator.fraud.cast import Cast

DAY_MS = 24 * 3_600_000


class Move(NamedTuple):
    """One transaction of an episode.

    Attributes:
        at: numbers of the stream after the episode's begin.
        draft: the transaction; id and instant are those of its number.
        fraud: whether it will be labelled.
        terminal_id: what the label says if it is not the draft's own terminal.
        is_credit: the credit leg of the move before: the very next number, the same instant.
    """

    at: int
    draft: Transaction
    fraud: bool = False
    terminal_id: str | None = None
    is_credit: bool = False


Moves = list[Move]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of fraud.

    Attributes:
        labelled: how many transactions an episode labels, on average.
        delay_days: a label is available so many days later, from and to, at most `MAX_DELAY_DAYS`.
        look_alike: the legitimate counterpart; None where `journeys` makes it.
        of_sleepers: the account has been idle for 90 days.
    """

    name: label.Scenario
    labelled: float
    delay_days: tuple[int, int]
    episode: Callable[[Cast], Moves]
    look_alike: Callable[[Cast], Moves] | None
    of_sleepers: bool = False


def in_turn(
    cast: Cast, waits: tuple[int, int], drafts: Iterable[Transaction], fraud: bool
) -> Moves:
    """Return drafts one after the other, each `waits` (from, to) numbers after the one before."""
    chosen = list(drafts)
    gaps = (cast.random.randint(*waits) for _ in chosen)
    return [Move(at, draft, fraud) for at, draft in zip(accumulate(gaps), chosen, strict=True)]


def pair(at: int, debit: Transaction, credit: Transaction, *, fraud_is: str) -> Moves:
    """Return the two legs of a transfer; `fraud_is` names the one to label: debit or credit."""
    return [
        Move(at, debit, fraud_is == "debit"),
        Move(at + 1, credit, fraud_is == "credit", is_credit=True),
    ]
