"""Card testing: somebody tries with tiny payments whether a stolen card still works.

Within the window the account's card saw at least `attempts` payments on the internet of at most
`tiny_reais`, of which at least `declines` and `declined_percent` were declined: whoever buys little
things often has a declined one now and then. A single account sees one card; that many
cards are tried at one merchant is another rule's, keyed by merchant.

>>> from kafka_workshop.domain.rules.example import play, tries
>>> [a.evidence.en for a in play(tries(count=6, declined=4), "card_testing")]
['5 card payments of at most R$ 20.00 within 4 min, 4 of them declined']

Source: [1] Visa, Anti-Enumeration and Account Testing Best Practices, 2021.
"""

from typing import Annotated

from kafka_workshop.domain.movement import CARD_ONLINE, Moment
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rules.contract import HOUR, Finding, Limits, Parameters, Rule
from kafka_workshop.domain.window import remember, within
from kafka_workshop.domain.words import Words

_KEEP = 32


class CardTesting(Parameters, frozen=True):
    """Thresholds of the rule."""

    tiny_reais: Annotated[int, Limits(1, 1_000, "R$", Words("at most", "no máximo"))] = 20
    attempts: Annotated[
        int, Limits(2, _KEEP, "", Words("tiny payments or more", "pagamentos mínimos ou mais"))
    ] = 5
    declines: Annotated[
        int, Limits(1, _KEEP, "", Words("of them declined, or more", "deles recusados, ou mais"))
    ] = 3
    declined_percent: Annotated[
        int, Limits(0, 100, "%", Words("of them declined, or more", "deles recusados, ou mais"))
    ] = 50
    minutes: Annotated[
        int, Limits(1, 1_440, "min", Words("within this time", "dentro desse tempo"))
    ] = 60
    quiet_hours: Annotated[
        int, Limits(1, 168, "h", Words("one alert in this time", "um alerta nesse tempo"))
    ] = 24

    @property
    def window(self) -> int:
        """One alert a day, by default."""
        return self.quiet_hours * HOUR


def evaluate(profile: Profile, moment: Moment, parameters: CardTesting) -> Finding | None:
    """Remember a tiny attempt; count those of the window."""
    if moment.transaction.amount > parameters.tiny_reais * 100:
        return None
    second = moment.second
    remember(profile.trials, _KEEP, (second, int(not moment.approved)))
    tries = within(profile.trials, 2, second - parameters.minutes * 60, second)
    declined = sum(flag for _, flag in tries)
    wanted = max(parameters.declines, parameters.declined_percent * len(tries) / 100)
    if len(tries) < parameters.attempts or declined < wanted:
        return None
    since = min(at for at, _ in tries)
    numbers = {
        "count": len(tries),
        "limit": parameters.tiny_reais * 100,
        "time": second - since,
        "declined": declined,
    }
    return Finding(since, declined / parameters.declines, numbers)


RULE = Rule(
    name="card_testing",
    slot=3,
    title=Words("Card testing", "Teste de cartão"),
    meaning=Words(
        "Tiny card payments on the internet, many declined: does a stolen card still work?",
        "Pagamentos mínimos com cartão na internet, muitos recusados: o cartão roubado funciona?",
    ),
    evidence={
        "": Words(
            "{count} card payments of at most {limit:money} within {time:duration}, {declined} of "
            "them declined",
            "{count} pagamentos com cartão de até {limit:money} em {time:duration}, {declined} "
            "deles recusados",
        )
    },
    source=Words(
        "Visa, Anti-Enumeration and Account Testing Best Practices, 2021",
        "Visa, Anti-Enumeration and Account Testing Best Practices, 2021",
    ),
    severity="high",
    ways=frozenset({CARD_ONLINE}),
    parameters=CardTesting,
    evaluate=evaluate,
    declined=True,
)
