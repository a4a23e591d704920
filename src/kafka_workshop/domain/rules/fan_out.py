"""Fan-out: money to many beneficiaries that the account has never paid, within a day.

A beneficiary is new if it was first seen at most a day ago. Their number is what counts, and
`minimum_reais` in all. Boletos do not count: their payees are companies.

>>> from kafka_workshop.domain.rules.example import play, mule
>>> [a.evidence.en for a in play(mule(payers=1, payees=6), "fan_out")]
['5 new beneficiaries got R$ 2,450.00 within 40 min']

Source: [1] Banco Central do Brasil, Carta Circular 4.001/2020, art. 1, item IV. [2] M. Weber et
al., Scalable Graph Learning for Anti-Money Laundering, 2018, on fan patterns.
"""

from typing import Annotated

from kafka_workshop.domain.movement import PIX_PERSON, TRANSFER, Moment
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rules.contract import HOUR, Finding, Limits, Parameters, Rule
from kafka_workshop.domain.window import within
from kafka_workshop.domain.words import Words


class FanOut(Parameters, frozen=True):
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


def evaluate(profile: Profile, moment: Moment, parameters: FanOut) -> Finding | None:
    """Count the different new counterparties of the window, this one included."""
    second, other = moment.second, moment.counterparty
    if not profile.is_new(profile.payees, other, second):
        return None
    after = max(second - parameters.hours * HOUR, profile.horizon(second))
    flows = within(profile.outflows, 3, after, second)
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
    name="fan_out",
    slot=8,
    title=Words("Fan-out", "Muitos favorecidos"),
    meaning=Words(
        "The account pays several beneficiaries that it has never paid, within a day.",
        "A conta paga a vários favorecidos a quem nunca pagou, em um dia.",
    ),
    evidence={
        "": Words(
            "{count} new beneficiaries got {sum:money} within {time:duration}",
            "{count} favorecidos novos receberam {sum:money} em {time:duration}",
        )
    },
    source=Words(
        "BCB, Carta Circular 4.001/2020, art. 1, item IV",
        "BCB, Carta Circular 4.001/2020, art. 1º, inciso IV",
    ),
    severity="high",
    ways=frozenset({PIX_PERSON, TRANSFER}),
    parameters=FanOut,
    evaluate=evaluate,
)
