"""Pass-through: money that comes in from new payers is gone to new beneficiaries within hours.

At least `minimum_reais` came from payers that were first seen within a day, and between
`lowest_percent` and `highest_percent` of it have gone to beneficiaries as new. Salaries, rent and
friends are known counterparties: they count on neither side.

>>> from kafka_workshop.domain.rules.example import play, mule
>>> [a.evidence.en for a in play(mule(payers=1, payees=2), "pass_through")]
['R$ 3,000.00 in from new payers, R$ 2,940.00 (98 %) out to new beneficiaries within 20 min']

Source: [1] Banco Central do Brasil, Carta Circular 4.001/2020, art. 1, item IV (credits that are
debited at once). [2] Europol, European Money Mule Action.
"""

from typing import Annotated

from kafka_workshop.domain.movement import PIX_PERSON, TRANSFER, Moment
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rules.contract import HOUR, Finding, Limits, Parameters, Rule
from kafka_workshop.domain.window import within
from kafka_workshop.domain.words import Words


class PassThrough(Parameters, frozen=True):
    """Thresholds of the rule."""

    minimum_reais: Annotated[
        int, Limits(1, 1_000_000, "R$", Words("came in, at least", "entraram, no mínimo"))
    ] = 1_000
    lowest_percent: Annotated[
        int, Limits(10, 100, "%", Words("of it went out, at least", "saíram, no mínimo"))
    ] = 90
    highest_percent: Annotated[
        int, Limits(100, 1_000, "%", Words("of it went out, at most", "saíram, no máximo"))
    ] = 110
    hours: Annotated[int, Limits(1, 24, "h", Words("within this time", "dentro desse tempo"))] = 12
    quiet_hours: Annotated[
        int, Limits(1, 168, "h", Words("one alert in this time", "um alerta nesse tempo"))
    ] = 24

    @property
    def window(self) -> int:
        """One alert a day, by default."""
        return max(self.quiet_hours, self.hours) * HOUR


def evaluate(profile: Profile, moment: Moment, parameters: PassThrough) -> Finding | None:
    """Compare what new payers brought with what new beneficiaries got since, this one included."""
    second, amount = moment.second, moment.transaction.amount
    if not profile.inflows or not profile.is_new(profile.payees, moment.counterparty, second):
        return None
    after = max(second - parameters.hours * HOUR, profile.horizon(second))
    came = within(profile.inflows, 3, after, second)
    brought = sum(flow[1] for flow in came)
    if brought < parameters.minimum_reais * 100:
        return None
    since = min(flow[0] for flow in came)
    went = amount + sum(flow[1] for flow in within(profile.outflows, 3, since - 1, second))
    percent = went * 100 // brought
    if not parameters.lowest_percent <= percent <= parameters.highest_percent:
        return None
    numbers = {"brought": brought, "went": went, "percent": percent, "time": second - since}
    return Finding(since, brought / (parameters.minimum_reais * 100), numbers)


RULE = Rule(
    name="pass_through",
    slot=6,
    title=Words("Pass-through", "Conta de passagem"),
    meaning=Words(
        "Money comes in from new payers and is gone to new beneficiaries within hours.",
        "Dinheiro entra de pagadores novos e sai a favorecidos novos em poucas horas.",
    ),
    evidence={
        "": Words(
            "{brought:money} in from new payers, {went:money} ({percent} %) out to new "
            "beneficiaries within {time:duration}",
            "{brought:money} de pagadores novos, {went:money} ({percent} %) a favorecidos novos "
            "em {time:duration}",
        )
    },
    source=Words(
        "BCB, Carta Circular 4.001/2020, art. 1, item IV",
        "BCB, Carta Circular 4.001/2020, art. 1º, inciso IV",
    ),
    severity="high",
    ways=frozenset({PIX_PERSON, TRANSFER}),
    parameters=PassThrough,
    evaluate=evaluate,
)
