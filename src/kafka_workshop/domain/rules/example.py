"""Small, seeded stories that the rules' examples and tests play: one account, a plain past.

The account "A0000001" of São Paulo pays R$ 50 by Pix to one person every 12 hours for 20 days,
from one telephone. What happens then is the story.
"""

from collections.abc import Iterable
from typing import Any

from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.detector import Detector
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rulebook import default_rules
from kafka_workshop.domain.transaction import (
    Card,
    Counterparty,
    Holder,
    Location,
    Merchant,
    Transaction,
)

HOUR, DAY = 3_600, 86_400
START = 1_750_000_000 - 1_750_000_000 % DAY + 15 * HOUR  # noon in São Paulo
NOW = START + 20 * DAY
_PLACES = {
    "São Paulo": Location("São Paulo", "SP", -23.551, -46.633),
    "Guarulhos": Location("Guarulhos", "SP", -23.463, -46.533),
    "Rio de Janeiro": Location("Rio de Janeiro", "RJ", -22.907, -43.173),
    "Manaus": Location("Manaus", "AM", -3.119, -60.022),
}
_HOLDER = Holder("Ana S.", "***.123.456-**")
_CARD = Card("400217", "1234")
_SHOP = Merchant("M00001", "Padaria", "5462")


def pix(second: int, amount: int = 50_00, **other: Any) -> Transaction:
    """Return a Pix to "00000001" from the device "d1", at a second UTC; `other` changes fields."""
    fields: dict[str, Any] = {
        "schema_version": 1,
        "transaction_id": f"x-{second % 10**9:09d}-{amount % 1000:03d}"[:16],
        "occurred_at": second * 1000,
        "account_id": "A0000001",
        "kind": "pix",
        "amount": amount,
        "currency": "BRL",
        "channel": "app",
        "status": "approved",
        "holder": _HOLDER,
        "counterparty": Counterparty("00000001", "00000000"),
        "device_id": "d1",
        "location": _PLACES["São Paulo"],
    }
    return Transaction(**(fields | other))


def credit(second: int, amount: int, payer: str) -> Transaction:
    """Return money that comes in by Pix."""
    other = Counterparty(payer, "00000000")
    plain: dict[str, Any] = {"device_id": None, "location": None, "channel": "clearing"}
    return pix(second, amount, leg="credit", counterparty=other, **plain)


def past() -> list[Transaction]:
    """Return the 40 plain payments of the 20 days."""
    return [pix(START + n * 12 * HOUR) for n in range(40)]


def payments(
    amounts: Iterable[int] = (),
    every: int = HOUR,
    count: int = 0,
    after: int = 0,
    hour: int = 12,
) -> list[Transaction]:
    """Return payments as usual but of these amounts (or `count` of R$ 50), from some hour on."""
    begin = NOW + after + (hour - 12) * HOUR
    sums = list(amounts) or [50_00 + n for n in range(count)]
    return [pix(begin + n * every, amount) for n, amount in enumerate(sums)]


def purchases(stops: Iterable[tuple[str, int]]) -> list[Transaction]:
    """Return card-present purchases: a city, and seconds from now on."""
    card: dict[str, Any] = {
        "kind": "card_present",
        "channel": "pos",
        "merchant": _SHOP,
        "counterparty": None,
        "device_id": None,
        "terminal_id": "T00001",
        "card": _CARD,
    }
    return [pix(NOW + at, location=_PLACES[city], **card) for city, at in stops]


def tries(count: int, declined: int, amount: int = 5_00) -> list[Transaction]:
    """Return small card payments on the internet, one a minute, the first ones declined."""
    card: dict[str, Any] = {
        "kind": "card_not_present",
        "channel": "web",
        "merchant": _SHOP,
        "counterparty": None,
        "card": _CARD,
    }
    refused: dict[str, Any] = {"status": "declined", "decline_reason": "wrong_pin"}
    return [
        pix(NOW + 60 * n, amount + n, **card, **(refused if n < declined else {}))
        for n in range(count)
    ]


def takeover(
    amount: int = 2_000_00, device: str = "d9", payee: str = "00000099"
) -> list[Transaction]:
    """Return one Pix to somebody from a device."""
    return [pix(NOW, amount, device_id=device, counterparty=Counterparty(payee, "00000000"))]


def mule(payers: int, payees: int, first: int = 1_000) -> list[Transaction]:
    """Return R$ 3,000 from each new payer, then 98 % of one such sum shared by new payees.

    Ten minutes lie between two movements; `first` numbers the counterparties.
    """
    came = [credit(NOW + 600 * n, 3_000_00 + n, f"{first + n:08d}") for n in range(payers)]
    share = 2_940_00 // max(payees, 1)
    went = [
        pix(
            NOW + 600 * (payers + n),
            share,
            counterparty=Counterparty(f"{first + 500 + n:08d}", "00000000"),
        )
        for n in range(payees)
    ]
    return [*came, *went]


def play(story: Iterable[Transaction], rule: str = "") -> list[Alert]:
    """Return the alerts, of one rule or of all, of the plain past and a story after it."""
    detector, profile, alerts = Detector(default_rules()), Profile(), []
    for transaction in (*past(), *story):
        profile, raised = detector.fold(profile, transaction)
        alerts += [alert for alert in raised if rule in ("", alert.rule)]
    return alerts
