"""Fan-in: money from many payers that the account has never seen, within a day.

A payer is new if it was first seen at most a day ago; friends who share a bill are known. Their
number is what counts, and `minimum_reais` in all, so that a birthday present is none.

>>> from kafka_workshop.domain.rules.example import play, mule
>>> [a.evidence.en for a in play(mule(payers=6, payees=0), "fan_in")]
['5 new payers sent R$ 15,000.10 within 40 min']

Source: [1] Banco Central do Brasil, Carta Circular 4.001/2020, art. 1, item IV. [2] M. Weber et
al., Scalable Graph Learning for Anti-Money Laundering, 2018, on fan patterns.
"""

from typing import Annotated

from kafka_workshop.domain.movement import CREDIT, Moment
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rules.contract import HOUR, Finding, Limits, Parameters, Rule
from kafka_workshop.domain.window import within
from kafka_workshop.domain.words import Words


class FanIn(Parameters, frozen=True):
    """Thresholds of the rule."""

    count: Annotated[
        int, Limits(2, 16, "", Words("new counterparties or more", "contrapartes novas ou mais"))
    ] = 5
    minimum_reais: Annotated[
        int, Limits(0, 1_000_000, "R$", Words("in all, at least", "no total, no mínimo"))
    ] = 500
    hours: Annotated[int, Limits(1, 24, "h", Words("within this time", "dentro desse tempo"))] = 24
    quiet_hours: Annotated[
        int, Limits(1, 168, "h", Words("one alert in this time", "um alerta nesse tempo"))
    ] = 24

    @property
    def window(self) -> int:
        """One alert a day, by default."""
        return max(self.quiet_hours, self.hours) * HOUR


def evaluate(profile: Profile, moment: Moment, parameters: FanIn) -> Finding | None:
    """Count the different new counterparties of the window, this one included."""
    second, other = moment.second, moment.counterparty
    if not profile.is_new(profile.payers, other, second):
        return None
    after = max(second - parameters.hours * HOUR, profile.horizon(second))
    flows = within(profile.inflows, 3, after, second)
    count = len({other, *(flow[2] for flow in flows)})
    if count < parameters.count:
        return None
    amount = moment.transaction.amount + sum(flow[1] for flow in flows)
    if amount < parameters.minimum_reais * 100:
        return None
    since = min(flow[0] for flow in flows)
    numbers = {"count": count, "sum": amount, "time": second - since}
    return Finding(since, count / parameters.count, numbers)


RULE = Rule(
    name="fan_in",
    slot=7,
    title=Words("Fan-in", "Muitos pagadores"),
    meaning=Words(
        "Several payers that the account has never seen send money within a day.",
        "Vários pagadores nunca vistos mandam dinheiro à conta em um dia.",
    ),
    evidence={
        "": Words(
            "{count} new payers sent {sum:money} within {time:duration}",
            "{count} pagadores novos mandaram {sum:money} em {time:duration}",
        )
    },
    source=Words(
        "BCB, Carta Circular 4.001/2020, art. 1, item IV",
        "BCB, Carta Circular 4.001/2020, art. 1º, inciso IV",
    ),
    severity="high",
    ways=frozenset({CREDIT}),
    parameters=FanIn,
    evaluate=evaluate,
)
