"""Terminal risk: of the payments at a terminal that are old enough, too many were fraud.

Labels come up to seven days late, so the share is that over (t - 7 d - w, t - 7 d], for w of 1, 7
and 30 days (see `Place.share`). It says what labels have told, in good time for the next payment;
so it is a limit to keep, and scored apart from the signs of fraud.

>>> from kafka_workshop.domain.merchant.rules.example import play, defrauded
>>> [a.evidence.en for a in play(defrauded(frauds=3), "terminal_risk")]
['3 of 9 payments in 7 days, those of a week ago and before, were fraud']

Source: [1] Y.-A. Le Borgne et al., Reproducible Machine Learning for Credit Card Fraud Detection,
2022, chapter 3, on the risk of a terminal.
"""

from typing import Annotated

from kafka_workshop.domain.merchant.event import Payment
from kafka_workshop.domain.merchant.place import DAY, LABEL_DELAY_DAYS, WINDOWS_DAYS, Place, Seen
from kafka_workshop.domain.merchant.rules.contract import MerchantRule
from kafka_workshop.domain.rules.contract import Finding, Limits, Parameters
from kafka_workshop.domain.words import Words


class TerminalRisk(Parameters, frozen=True):
    """Thresholds of the rule."""

    percent: Annotated[
        int, Limits(1, 100, "%", Words("of the payments, or more", "dos pagamentos, ou mais"))
    ] = 10
    frauds: Annotated[int, Limits(1, 32, "", Words("labelled, or more", "com rótulo, ou mais"))] = 3
    quiet_days: Annotated[
        int, Limits(1, 60, "d", Words("one alert in this time", "um alerta nesse tempo"))
    ] = 30

    @property
    def window(self) -> int:
        """One alert a month, by default."""
        return self.quiet_days * DAY


def evaluate(place: Place, seen: Seen, parameters: TerminalRisk) -> Finding | None:
    """Take the window with the largest share among those with enough frauds."""
    if len(place.frauds) < 3 * parameters.frauds or not isinstance(seen.event, Payment):
        return None
    windows = [place.share(seen.second, days) for days in WINDOWS_DAYS]
    enough = [window for window in windows if window.frauds >= parameters.frauds]
    if not enough:
        return None
    worst = max(enough, key=lambda window: window.share)
    if worst.share * 100 < parameters.percent:
        return None
    since = (seen.second // DAY - LABEL_DELAY_DAYS - worst.days) * DAY
    numbers = {"frauds": worst.frauds, "payments": worst.payments, "days": worst.days}
    return Finding(since, worst.share * 100 / parameters.percent, numbers)


RULE = MerchantRule(
    name="terminal_risk",
    slot=2,
    title=Words("Terminal risk", "Risco do terminal"),
    meaning=Words(
        "Of a terminal's payments, as far as labels are complete, too many were fraud.",
        "Dos pagamentos de um terminal, até onde há rótulos completos, muitos foram fraude.",
    ),
    evidence={
        "": Words(
            "{frauds} of {payments} payments in {days} days, those of a week ago and before, were "
            "fraud",
            "{frauds} de {payments} pagamentos em {days} dias, de uma semana atrás ou antes, foram "
            "fraude",
        )
    },
    source=Words(
        "Y.-A. Le Borgne et al., Reproducible Machine Learning for Credit Card Fraud Detection, "
        "2022, chapter 3",
        "Y.-A. Le Borgne et al., Reproducible Machine Learning for Credit Card Fraud Detection, "
        "2022, capítulo 3",
    ),
    severity="medium",
    parameters=TerminalRisk,
    evaluate=evaluate,
    policy=True,
)
