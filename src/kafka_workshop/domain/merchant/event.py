"""What stage account tells stage merchant: the few fields that the merchant rules look at.

Everything about one place has its key: the terminal, or for a payment on the internet the merchant.
"""

from typing import NamedTuple

from msgspec import Struct

from kafka_workshop.domain.label import Label
from kafka_workshop.domain.risk.sides import AccountSide
from kafka_workshop.domain.transaction import (
    Amount,
    Identifier,
    Instant,
    Transaction,
    TransactionId,
)

ONLINE, DECLINED = 1, 2  # what a payment's flags say; none of them: approved at a terminal


class Payment(Struct, frozen=True, array_like=True, gc=False, tag=0):
    """Somebody paid here, or drew money, or was refused to; `amount` in minor units of BRL.

    `side` is what it is to the account, for the score; without it there is none.
    """

    occurred_at: Instant
    transaction_id: TransactionId
    account_id: Identifier
    amount: Amount
    flags: int
    side: AccountSide | None = None


class Suspicion(Struct, frozen=True, array_like=True, gc=False, tag=1):
    """A card that was used here a while ago was now used elsewhere as if it had been copied."""

    occurred_at: Instant
    transaction_id: TransactionId
    account_id: Identifier


class Fraud(Struct, frozen=True, array_like=True, gc=False, tag=2):
    """A label: a transaction here, or with a card that was copied here, was fraud.

    Attributes:
        occurred_at: the transaction's event time; `available_at`: when that became known.
    """

    occurred_at: Instant
    transaction_id: TransactionId
    account_id: Identifier
    available_at: Instant


Event = Payment | Suspicion | Fraud


class PlaceEvent(NamedTuple):
    """Something happened at a place."""

    place: str
    event: Event


def place_of(transaction: Transaction) -> str | None:
    """Return the terminal, or the merchant of a payment on the internet; None if it has neither."""
    merchant = transaction.merchant
    if merchant is not None and transaction.kind == "card_not_present":
        return merchant.id
    return transaction.terminal_id


def payment_of(transaction: Transaction, side: AccountSide | None = None) -> PlaceEvent | None:
    """Return what a transaction is to its place; None if it has none that any rule looks at."""
    place = place_of(transaction)
    if place is None:
        return None
    online = transaction.kind == "card_not_present"
    flags = (ONLINE if online else 0) | (DECLINED if transaction.status == "declined" else 0)
    at, identifier = transaction.occurred_at, transaction.transaction_id
    payment = Payment(at, identifier, transaction.account_id, transaction.amount, flags, side)
    return PlaceEvent(place, payment)


def suspicion_of(transaction: Transaction, terminal_id: str) -> PlaceEvent:
    """Return what a suspicious transaction is to a terminal where its card was used before."""
    at, identifier = transaction.occurred_at, transaction.transaction_id
    return PlaceEvent(terminal_id, Suspicion(at, identifier, transaction.account_id))


def fraud_of(label: Label) -> PlaceEvent | None:
    """Return what a label is to its terminal; None if it names none."""
    if label.terminal_id is None:
        return None
    times = label.occurred_at, label.available_at
    fraud = Fraud(times[0], label.transaction_id, label.account_id, times[1])
    return PlaceEvent(label.terminal_id, fraud)
