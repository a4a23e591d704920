"""Dormant reactivation: nothing for months, then a large payment.

The account was silent for `idle_days`; within `hours` after it woke up it pays over `factor` times
its mean amount. Small payments after a long holiday are ordinary.

>>> from kafka_workshop.domain.rules.example import play, payments
>>> awake = payments(amounts=[4_000_00], after=100 * 86_400)
>>> [a.evidence.en for a in play(awake, "dormant_reactivation")]
['R$ 4,000.00 after 100 days without a movement, 80.0 times the mean of R$ 50.00']

Source: [1] Banco Central do Brasil, Carta Circular 4.001/2020, art. 1, item IV (accounts that
suddenly move after a time without movement).
"""

from typing import Annotated

from kafka_workshop.domain.movement import OUTGOING, Moment
from kafka_workshop.domain.profile import AWAKE_AFTER, Profile
from kafka_workshop.domain.rules.contract import DAY, HOUR, Finding, Limits, Parameters, Rule
from kafka_workshop.domain.words import Words


class DormantReactivation(Parameters, frozen=True):
    """Thresholds of the rule."""

    idle_days: Annotated[
        int, Limits(7, 360, "d", Words("without any movement", "sem nenhum movimento"))
    ] = 90
    factor: Annotated[
        float, Limits(1, 1_000, "×", Words("of the mean amount", "do valor médio"))
    ] = 3.0
    minimum_reais: Annotated[int, Limits(0, 1_000_000, "R$", Words("at least", "no mínimo"))] = 500
    history: Annotated[
        int,
        Limits(
            1, 200, "", Words("earlier payments, for a mean", "pagamentos anteriores, para a média")
        ),
    ] = 2
    hours: Annotated[int, Limits(1, 168, "h", Words("after it woke up", "depois de voltar"))] = 48

    @property
    def window(self) -> int:
        """One alert for each time that it wakes up."""
        return self.hours * HOUR


def evaluate(profile: Profile, moment: Moment, parameters: DormantReactivation) -> Finding | None:
    """Judge payments of an account that has just woken up."""
    woke, idle = profile.woke
    if moment.idle >= AWAKE_AFTER:
        woke, idle = moment.second, moment.idle
    if idle < parameters.idle_days * DAY or moment.second - woke > parameters.hours * HOUR:
        return None
    amount, mean = moment.transaction.amount, profile.mean(moment.way, parameters.history)
    if mean == 0 or amount <= max(parameters.factor * mean, parameters.minimum_reais * 100):
        return None
    numbers = {"amount": amount, "idle": idle, "mean": mean, "times": round(amount / mean, 1)}
    return Finding(woke, amount / (parameters.factor * mean), numbers)


RULE = Rule(
    name="dormant_reactivation",
    slot=9,
    title=Words("Dormant reactivation", "Conta inativa reativada"),
    meaning=Words(
        "Nothing for months, then a large payment.",
        "Nada durante meses, depois um pagamento alto.",
    ),
    evidence={
        "": Words(
            "{amount:money} after {idle:duration} without a movement, {times} times the mean of "
            "{mean:money}",
            "{amount:money} após {idle:duration} sem movimento, {times} vezes a média de "
            "{mean:money}",
        )
    },
    source=Words(
        "BCB, Carta Circular 4.001/2020, art. 1, item IV",
        "BCB, Carta Circular 4.001/2020, art. 1º, inciso IV",
    ),
    severity="high",
    ways=OUTGOING,
    parameters=DormantReactivation,
    evaluate=evaluate,
)
