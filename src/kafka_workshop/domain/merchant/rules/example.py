"""Small stories that the merchant rules' examples and tests play: one place, a plain past.

At the terminal "T00001" another account pays R$ 50 every 14 hours for 20 days. What happens then
is the story.
"""

from collections.abc import Iterable

from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.merchant.detector import MerchantDetector
from kafka_workshop.domain.merchant.event import DECLINED, ONLINE, Event, Fraud, Payment, Suspicion
from kafka_workshop.domain.merchant.place import DAY, Place
from kafka_workshop.domain.rulebook import default_rules

HOUR = 3_600
START = 1_750_000_000 - 1_750_000_000 % DAY
NOW = START + 20 * DAY
PLACE = "T00001"


def paid(second: int, number: int, amount: int = 50_00, flags: int = 0) -> Payment:
    """Return a payment by the `number`-th account."""
    return Payment(second * 1000, f"p{second}", f"A{number:07d}", amount, flags)


def plain(until: int = NOW) -> list[Event]:
    """Return the payments of the past."""
    return [paid(at, at % 97) for at in range(START, until, 14 * HOUR)]


def copied(cards: int, every: int = 3 * HOUR, same: bool = False) -> list[Event]:
    """Return suspicions about so many cards, or as often about the same one."""
    return [
        Suspicion((NOW + n * every) * 1000, f"s{n}", f"B{0 if same else n:07d}")
        for n in range(cards)
    ]


def tried(
    cards: int, each: int = 1, amount: int = 3_00, flags: int = ONLINE | DECLINED
) -> list[Event]:
    """Return tiny payments a minute apart, so many with each of the cards."""
    return [paid(NOW + 60 * n, 1_000 + n // each, amount, flags) for n in range(cards * each)]


def defrauded(frauds: int, delay: int = 7 * DAY, again: int = 9 * DAY) -> list[Event]:
    """Return labels of so many payments of the last day, told when they are known, and a payment.

    The payment comes `again` seconds later.
    """
    known = [
        Fraud((NOW - n * HOUR) * 1000, f"f{n}", f"A{n:07d}", (NOW - n * HOUR + delay) * 1000)
        for n in range(1, frauds + 1)
    ]
    return [*known, paid(NOW + again, 7)]


def play(story: Iterable[Event], rule: str) -> list[Alert]:
    """Return the alerts of one rule when the story follows the past."""
    detector, place, alerts = MerchantDetector(default_rules()), Place(), list[Alert]()
    for event in (*plain(), *story):
        place, raised = detector.fold(place, PLACE, event)
        alerts += [alert for alert in raised if alert.rule == rule]
    return alerts
