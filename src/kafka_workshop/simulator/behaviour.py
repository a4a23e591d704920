"""How people transact: which kinds, how much, when, and how often they are refused.

The mix follows Brazil's retail payments in outline (Pix ahead of cards, few boletos, transfers and
withdrawals); the figures are the workshop's, not statistics.
"""

import math
from bisect import bisect
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import accumulate
from statistics import NormalDist
from typing import Literal

from kafka_workshop.domain.transaction import DeclineReason, Kind

Side = Literal["shop", "site", "cash", "inside", "outside", "biller", "incoming"]
_NORMAL = NormalDist()
STEPS = 1024  # granularity of the tables that draws are looked up in
AMOUNT_STEPS = 4096
MAX_AMOUNT = 99_999_999  # R$ 999,999.99

# Relative number of transactions in each local hour and on each weekday, Monday first.
HOURS = (3, 2, 1, 1, 1, 2, 6, 12, 18, 22, 25, 28, 33, 30, 26, 25, 26, 29, 34, 32, 26, 18, 11, 6)
WEEKDAYS = (98, 96, 98, 102, 120, 108, 78)


@dataclass(frozen=True, slots=True)
class Chronotype:
    """When people are active: by how many hours later than most; `share` of the population."""

    hours_later: int
    share: int


CHRONOTYPES = (Chronotype(-2, 25), Chronotype(0, 55), Chronotype(3, 20))


@dataclass(frozen=True, slots=True)
class Movement:
    """One way that money moves, with its place in the mix and its distributions.

    Attributes:
        side: who is on the other side and, so, which fields there are.
        weight: share of the movements that customers start, in thousandths.
        median, sigma: of the log-normal amount, minor units and natural logarithm.
        rounded_to: amounts are multiples of it, for every `rounded_share` of four, minor units.
        decline: how many of a thousand are declined.
    """

    index: int
    kind: Kind
    side: Side
    weight: int
    median: int
    sigma: float
    rounded_to: int
    rounded_share: int
    decline: int


MOVEMENTS = (
    Movement(0, "pix", "inside", 130, 6_000, 1.2, 500, 2, 15),
    Movement(1, "pix", "outside", 150, 7_000, 1.2, 500, 2, 15),
    Movement(2, "pix", "shop", 150, 4_500, 1.0, 100, 1, 12),
    Movement(3, "pix", "incoming", 110, 9_000, 1.2, 500, 2, 0),
    Movement(4, "card_present", "shop", 220, 4_800, 0.9, 100, 1, 35),
    Movement(5, "card_not_present", "site", 120, 8_500, 1.0, 10, 2, 60),
    Movement(6, "boleto", "biller", 45, 18_000, 0.9, 1, 0, 10),
    Movement(7, "transfer", "inside", 15, 45_000, 1.1, 1_000, 2, 12),
    Movement(8, "transfer", "outside", 15, 60_000, 1.1, 1_000, 2, 12),
    Movement(9, "transfer", "incoming", 20, 220_000, 0.8, 1_000, 1, 0),
    Movement(10, "withdrawal", "cash", 25, 15_000, 0.7, 1_000, 4, 30),
)

# Why a thing is refused, ten equally likely entries.
_DIGITAL: tuple[DeclineReason, ...] = (
    *("no_funds", "no_funds", "no_funds", "no_funds", "no_funds"),
    *("over_limit", "over_limit", "over_limit", "wrong_pin", "suspected"),
)
_CARD: tuple[DeclineReason, ...] = (
    *("no_funds", "no_funds", "no_funds", "no_funds", "over_limit"),
    *("over_limit", "wrong_pin", "wrong_pin", "expired", "suspected"),
)


OUTSIDE_OF = {movement.kind: movement for movement in MOVEMENTS if movement.side == "outside"}


@cache
def declines(movement: Movement) -> tuple[DeclineReason | None, ...]:
    """Return `STEPS` equally likely outcomes: None is approved, else the reason."""
    has_card = movement.side in {"site", "cash"} or movement.kind == "card_present"
    reasons = _CARD if has_card else _DIGITAL
    declined = STEPS * movement.decline // 1000
    return tuple(reasons[step % 10] if step < declined else None for step in range(STEPS))


@cache
def mix() -> tuple[Movement, ...]:
    """Return `STEPS` movements, each as often as its weight says."""
    bounds = list(accumulate(movement.weight for movement in MOVEMENTS))
    return tuple(MOVEMENTS[bisect(bounds, step * bounds[-1] // STEPS)] for step in range(STEPS))


def lognormal(probability: float, median: float, sigma: float) -> float:
    """Return the value that a log-normal variable is below with `probability`.

    >>> lognormal(0.5, 6000, 1.2)
    6000.0
    """
    clipped = min(max(probability, 1e-9), 1 - 1e-9)
    return median * math.exp(sigma * _NORMAL.inv_cdf(clipped))


def mean(movement: Movement) -> float:
    """Return the mean amount of an average customer, in minor units: of a log-normal variable."""
    return movement.median * math.exp(movement.sigma**2 / 2)


@cache
def amounts(movement: Movement) -> tuple[int, ...]:
    """Return `AMOUNT_STEPS` equally likely amounts of an average customer, in minor units."""
    return tuple(
        max(1, round(lognormal((step + 0.5) / AMOUNT_STEPS, movement.median, movement.sigma)))
        for step in range(AMOUNT_STEPS)
    )


def personal(amount: int, factor: int, movement: Movement, quarter: int) -> int:
    """Return an average customer's amount as this customer's, above 0, in minor units.

    `factor` is the customer's, in thousandths; `quarter`, 0 to 3, decides whether it is rounded.

    >>> personal(6_049, 2_000, MOVEMENTS[0], quarter=0), personal(6_049, 2_000, MOVEMENTS[0], 3)
    (12000, 12098)
    """
    own = amount * factor // 1000
    if quarter < movement.rounded_share:
        own = max(movement.rounded_to, own - own % movement.rounded_to)
    return 1 if own < 1 else min(own, MAX_AMOUNT)


def activity(local: datetime, hours_later: int = 0) -> int:
    """Return how many transactions to expect at a local time, relative to other times."""
    return HOURS[(local.hour - hours_later) % 24] * WEEKDAYS[local.weekday()]
