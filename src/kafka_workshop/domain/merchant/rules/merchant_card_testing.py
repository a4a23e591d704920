"""Card testing as the merchant sees it: many cards are tried with tiny payments, and declined.

Within the window, payments on the internet of at most `tiny_reais` were declined at one merchant
for at least `cards` different accounts, `declines` in all. Each account sees one try at most, so
that no account rule notices.

>>> from kafka_workshop.domain.merchant.rules.example import play, tried
>>> [a.evidence.en for a in play(tried(cards=6), "merchant_card_testing")]
['5 payments of at most R$ 20.00 with 5 cards were declined within 4 min']

Source: [1] Visa, Anti-Enumeration and Account Testing Best Practices, 2021.
"""

from typing import Annotated

from kafka_workshop.domain.merchant.event import DECLINED, ONLINE, Payment
from kafka_workshop.domain.merchant.place import TRIALS, Place, Seen
from kafka_workshop.domain.merchant.rules.contract import MerchantRule
from kafka_workshop.domain.rules.contract import HOUR, Finding, Limits, Parameters
from kafka_workshop.domain.window import remember, within
from kafka_workshop.domain.words import Words

_TRIED = ONLINE | DECLINED


class MerchantCardTesting(Parameters, frozen=True):
    """Thresholds of the rule."""

    tiny_reais: Annotated[int, Limits(1, 1_000, "R$", Words("at most", "no máximo"))] = 20
    cards: Annotated[
        int, Limits(2, TRIALS, "", Words("different cards or more", "cartões diferentes ou mais"))
    ] = 4
    declines: Annotated[
        int, Limits(2, TRIALS, "", Words("declined in all, or more", "recusas ao todo, ou mais"))
    ] = 5
    minutes: Annotated[
        int, Limits(1, 1_440, "min", Words("within this time", "dentro desse tempo"))
    ] = 15
    quiet_hours: Annotated[
        int, Limits(1, 168, "h", Words("one alert in this time", "um alerta nesse tempo"))
    ] = 24

    @property
    def window(self) -> int:
        """One alert a day, by default."""
        return self.quiet_hours * HOUR


def evaluate(place: Place, seen: Seen, parameters: MerchantCardTesting) -> Finding | None:
    """Remember a tiny payment that was declined; count those of the window."""
    event = seen.event
    if not isinstance(event, Payment) or event.flags != _TRIED:
        return None
    if event.amount > parameters.tiny_reais * 100:
        return None
    remember(place.trials, TRIALS, (event.occurred_at // 1000, seen.account))
    tries = within(place.trials, 2, seen.second - parameters.minutes * 60, seen.second)
    cards = len({account for _, account in tries})
    if cards < parameters.cards or len(tries) < parameters.declines:
        return None
    since = min(at for at, _ in tries)
    numbers = {
        "count": len(tries),
        "limit": parameters.tiny_reais * 100,
        "cards": cards,
        "time": seen.second - since,
    }
    return Finding(since, cards / parameters.cards, numbers)


RULE = MerchantRule(
    name="merchant_card_testing",
    slot=1,
    title=Words("Card testing at a merchant", "Teste de cartões em um estabelecimento"),
    meaning=Words(
        "Tiny payments with many cards are declined at one merchant on the internet.",
        "Pagamentos mínimos com muitos cartões são recusados em uma loja na internet.",
    ),
    evidence={
        "": Words(
            "{count} payments of at most {limit:money} with {cards} cards were declined within "
            "{time:duration}",
            "{count} pagamentos de até {limit:money} com {cards} cartões foram recusados em "
            "{time:duration}",
        )
    },
    source=Words(
        "Visa, Anti-Enumeration and Account Testing Best Practices, 2021",
        "Visa, Anti-Enumeration and Account Testing Best Practices, 2021",
    ),
    severity="high",
    parameters=MerchantCardTesting,
    evaluate=evaluate,
)
