"""Amount anomaly: a payment far over what the account pays in this way.

Both must hold, for a way (Pix to people, card on the internet, …) with enough history: the amount
is over `factor` times the mean, and its logarithm is `deviations` standard deviations above the
mean logarithm. The second is the robust one: payments are roughly log-normal, and amounts beyond
three deviations are clipped before they are learnt. A busy account makes hundreds of payments a
day, and of so many some are large: so the deviation is higher than a textbook's 3.

>>> from kafka_workshop.domain.rules.example import play, payments
>>> [a.evidence.en for a in play(payments(amounts=[9_000_00]), "amount_anomaly")]
['R$ 9,000.00 is 180.0 times the mean of R$ 50.00 (15.0 deviations)']

Source: [1] Banco Central do Brasil, Carta Circular 4.001/2020, art. 1, item IV. [2] B. Iglewicz,
D. Hoaglin, How to Detect and Handle Outliers, ASQC 1993: robust z-scores.
"""

from typing import Annotated

from kafka_workshop.domain.movement import OUTGOING, Moment
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rules.contract import HOUR, Finding, Limits, Parameters, Rule
from kafka_workshop.domain.words import Words


class AmountAnomaly(Parameters, frozen=True):
    """Thresholds of the rule."""

    factor: Annotated[
        float, Limits(1.5, 1_000, "×", Words("of the mean amount", "do valor médio"))
    ] = 3.0
    deviations: Annotated[
        float,
        Limits(
            1,
            20,
            "σ",
            Words("of the logarithm, above its mean", "do logaritmo, acima da sua média"),
        ),
    ] = 5.0
    minimum_reais: Annotated[int, Limits(0, 1_000_000, "R$", Words("at least", "no mínimo"))] = (
        1_000
    )
    history: Annotated[
        int, Limits(5, 200, "", Words("earlier payments of the way", "pagamentos anteriores"))
    ] = 20
    quiet_hours: Annotated[
        int, Limits(1, 168, "h", Words("one alert in this time", "um alerta nesse tempo"))
    ] = 24

    @property
    def window(self) -> int:
        """One alert a day, by default."""
        return self.quiet_hours * HOUR


def evaluate(profile: Profile, moment: Moment, parameters: AmountAnomaly) -> Finding | None:
    """Compare the amount with those that the profile knows of the same way."""
    amount, way = moment.transaction.amount, moment.way
    if amount < parameters.minimum_reais * 100 or profile.count(way) < parameters.history:
        return None
    mean = profile.mean(way, parameters.history)
    if amount < parameters.factor * mean:
        return None
    deviation = profile.deviation(way, amount)
    if deviation < parameters.deviations:
        return None
    numbers = {
        "amount": amount,
        "mean": mean,
        "times": round(amount / mean, 1),
        "deviations": round(deviation, 1),
    }
    return Finding(moment.second, deviation / parameters.deviations, numbers)


RULE = Rule(
    name="amount_anomaly",
    slot=1,
    title=Words("Amount anomaly", "Valor anômalo"),
    meaning=Words(
        "A payment far over what the account usually pays in this way.",
        "Um pagamento muito acima do que a conta costuma pagar dessa forma.",
    ),
    evidence={
        "": Words(
            "{amount:money} is {times} times the mean of {mean:money} ({deviations} deviations)",
            "{amount:money} é {times} vezes a média de {mean:money} ({deviations} desvios)",
        )
    },
    source=Words(
        "BCB, Carta Circular 4.001/2020, art. 1, item IV",
        "BCB, Carta Circular 4.001/2020, art. 1º, inciso IV",
    ),
    severity="low",
    ways=OUTGOING,
    parameters=AmountAnomaly,
    evaluate=evaluate,
)
