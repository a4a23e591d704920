"""Merchant compromise: cards that were used at one terminal are misused elsewhere soon after.

Stage account calls a card's use on the internet suspicious if the device is new to the account and
the amount over `factor` times its mean, and tells so to the terminals where the card was used in
the `visit_days` before. One such card means little; `accounts` different ones within `days`, those
included that a label has named meanwhile, have a terminal in common that copies cards.

>>> from kafka_workshop.domain.merchant.rules.example import play, copied
>>> [a.evidence.en for a in play(copied(cards=5), "merchant_compromise")]
['3 cards that were used here were misused elsewhere within 6 h']

Source: [1] P. Juszczak et al., Off-the-peg and bespoke classifiers for fraud detection, 2008, on
common points of purchase.
"""

from typing import Annotated

from kafka_workshop.domain.merchant.place import DAY, Place, Seen
from kafka_workshop.domain.merchant.rules.contract import MerchantRule
from kafka_workshop.domain.rules.contract import Finding, Limits, Parameters
from kafka_workshop.domain.words import Words


class MerchantCompromise(Parameters, frozen=True):
    """Thresholds of the rule; the first four are those of a suspicion."""

    factor: Annotated[
        float, Limits(1.5, 100, "×", Words("the mean payment, more than", "a média, mais que"))
    ] = 4.0
    history: Annotated[
        int, Limits(1, 100, "", Words("payments known, at least", "pagamentos, no mínimo"))
    ] = 3
    visit_days: Annotated[
        int, Limits(1, 60, "d", Words("since the card was used", "desde o uso do cartão"))
    ] = 5
    accounts: Annotated[
        int, Limits(2, 32, "", Words("different cards or more", "cartões diferentes ou mais"))
    ] = 3
    days: Annotated[int, Limits(1, 60, "d", Words("within this time", "dentro desse tempo"))] = 21
    quiet_days: Annotated[
        int, Limits(1, 60, "d", Words("one alert in this time", "um alerta nesse tempo"))
    ] = 21

    @property
    def window(self) -> int:
        """One alert in three weeks, by default."""
        return self.quiet_days * DAY


def evaluate(place: Place, seen: Seen, parameters: MerchantCompromise) -> Finding | None:
    """Count the different cards that were misused, by suspicion or by label."""
    after, now = seen.second - parameters.days * DAY, seen.second
    misused: dict[int, int] = {}
    for at in range(0, len(place.suspicions), 2):
        _note(misused, place.suspicions[at + 1], place.suspicions[at])
    for at in range(0, len(place.frauds), 3):
        if place.frauds[at + 1] <= now:
            _note(misused, place.frauds[at + 2], place.frauds[at])
    times = [second for second in misused.values() if after < second <= now]
    if len(times) < parameters.accounts:
        return None
    since = min(times)
    numbers = {"count": len(times), "time": now - since}
    return Finding(since, len(times) / parameters.accounts, numbers)


def _note(misused: dict[int, int], account: int, second: int) -> None:
    misused[account] = max(second, misused.get(account, 0))


RULE = MerchantRule(
    name="merchant_compromise",
    slot=0,
    title=Words("Merchant compromise", "Estabelecimento comprometido"),
    meaning=Words(
        "Several cards that were used at one terminal are misused elsewhere soon after.",
        "Vários cartões usados em um terminal são mal usados em outro lugar pouco depois.",
    ),
    evidence={
        "": Words(
            "{count} cards that were used here were misused elsewhere within {time:duration}",
            "{count} cartões usados aqui foram mal usados em outro lugar em {time:duration}",
        )
    },
    source=Words(
        "P. Juszczak et al., Off-the-peg and bespoke classifiers for fraud detection, 2008",
        "P. Juszczak et al., Off-the-peg and bespoke classifiers for fraud detection, 2008",
    ),
    severity="high",
    parameters=MerchantCompromise,
    evaluate=evaluate,
)
