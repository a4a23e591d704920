"""Structuring (smurfing): amounts just below a limit, again and again.

Within the window at least `count` movements of one direction lie at most `percent` below one of the
limits, and they outnumber by `excess` those that lie as near beside that band (twice `percent`
below, or just over the limit): somebody who is rich has amounts on both sides.

>>> from kafka_workshop.domain.rules.example import play, payments
>>> below = payments(amounts=[9_800_00, 9_500_00, 9_900_00, 9_900_01], every=36_000)
>>> [a.evidence.en for a in play(below, "structuring")]
['4 amounts just below R$ 10,000.00 within 30 h, R$ 39,100.01 in all']

Source: [1] Banco Central do Brasil, Carta Circular 4.001/2020, art. 1, items I (cash, fragmented)
and IV. [2] P. Reuter, E. Truman, Chasing Dirty Money, 2004, chapter 3.
"""

from typing import Annotated

from kafka_workshop.domain.movement import CREDIT, PIX_PERSON, TRANSFER, WITHDRAWAL, Moment
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rules.contract import DAY, Finding, Limits, Parameters, Rule
from kafka_workshop.domain.window import remember, within
from kafka_workshop.domain.words import Words

_KEEP = 24


class Structuring(Parameters, frozen=True):
    """Thresholds of the rule."""

    limits_reais: Annotated[
        tuple[int, ...],
        Limits(100, 1_000_000, "R$", Words("that are stayed below", "abaixo dos quais se fica")),
    ] = (10_000, 50_000)
    percent: Annotated[
        int, Limits(1, 25, "%", Words("below a limit, at most", "abaixo de um limite, no máximo"))
    ] = 10
    count: Annotated[
        int, Limits(2, _KEEP, "", Words("such amounts or more", "valores assim ou mais"))
    ] = 4
    excess: Annotated[
        float,
        Limits(1, 100, "×", Words("as many as beside the band", "tantos quantos ao lado da faixa")),
    ] = 3.0
    days: Annotated[int, Limits(1, 30, "d", Words("within this time", "dentro desse tempo"))] = 5

    @property
    def window(self) -> int:
        """One alert in the window that it counts in."""
        return self.days * DAY


def evaluate(profile: Profile, moment: Moment, parameters: Structuring) -> Finding | None:
    """Remember amounts around a limit; count those of the window."""
    amount, percent = moment.transaction.amount, parameters.percent
    # Most amounts are far under the lowest limit, and done here.
    if amount < parameters.limits_reais[0] * (100 - 2 * percent):
        return None
    for limit in parameters.limits_reais:
        if limit * (100 - 2 * percent) <= amount < limit * (100 + percent):
            sign = -1 if moment.way == CREDIT else 1
            remember(profile.near, _KEEP, (moment.second, sign * amount))
            return _judged(profile, moment.second, limit, sign, parameters)
    return None


def _judged(
    profile: Profile, second: int, limit: int, sign: int, parameters: Structuring
) -> Finding | None:
    percent = parameters.percent
    recent = within(profile.near, 2, second - parameters.days * DAY, second)
    mine = [(at, sign * amount) for at, amount in recent if sign * amount > 0]
    below = [(at, a) for at, a in mine if limit * (100 - percent) <= a < limit * 100]
    beside = sum(limit * (100 - 2 * percent) <= a < limit * (100 + percent) for _, a in mine) - len(
        below
    )
    if len(below) < max(parameters.count, parameters.excess * beside):
        return None
    since, last = min(at for at, _ in below), max(at for at, _ in below)
    if last != second:
        return None  # this one lies beside the band
    numbers = {
        "count": len(below),
        "limit": limit * 100,
        "time": last - since,
        "sum": sum(amount for _, amount in below),
    }
    return Finding(since, len(below) / parameters.count, numbers)


RULE = Rule(
    name="structuring",
    slot=5,
    title=Words("Structuring", "Fracionamento"),
    meaning=Words(
        "Several amounts just below a limit within days.",
        "Vários valores logo abaixo de um limite em poucos dias.",
    ),
    evidence={
        "": Words(
            "{count} amounts just below {limit:money} within {time:duration}, {sum:money} in all",
            "{count} valores logo abaixo de {limit:money} em {time:duration}, {sum:money} no total",
        )
    },
    source=Words(
        "BCB, Carta Circular 4.001/2020, art. 1, items I and IV",
        "BCB, Carta Circular 4.001/2020, art. 1º, incisos I e IV",
    ),
    severity="medium",
    ways=frozenset({PIX_PERSON, TRANSFER, WITHDRAWAL, CREDIT}),
    parameters=Structuring,
    evaluate=evaluate,
)
