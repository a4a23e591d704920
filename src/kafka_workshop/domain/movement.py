"""The ways that money moves on an account, and what one transaction is to the account's past."""

from zlib import crc32

from msgspec import Struct

from kafka_workshop.domain.transaction import Transaction

# A way is a kind and who is on the other side: their amounts and habits differ.
PIX_PERSON, PIX_SHOP, CARD_PRESENT, CARD_ONLINE, TRANSFER, BOLETO, WITHDRAWAL, CREDIT = range(8)
WAYS = 8
OUTGOING = frozenset(range(CREDIT))
_PRESENT = frozenset({CARD_PRESENT, WITHDRAWAL})
_WAY = {
    "card_present": CARD_PRESENT,
    "card_not_present": CARD_ONLINE,
    "transfer": TRANSFER,
    "boleto": BOLETO,
    "withdrawal": WITHDRAWAL,
}


class Moment(Struct, gc=False):
    """A transaction, and what every rule asks about it.

    Attributes:
        second: event time, seconds UTC.
        approved: whether money moved.
        late: whether a newer one of the account came before it.
        idle: seconds since the account's newest transaction before it, 0 if it is the first.
        device, counterparty: stable hashes, 0 where there is none.
        here: where a card was present: thousandths of a degree, seconds; empty if nobody knows, and
            for a late one.
    """

    transaction: Transaction
    second: int
    way: int
    approved: bool
    late: bool
    idle: int
    device: int
    counterparty: int
    here: list[int]


def way_of(transaction: Transaction) -> int:
    """Return the way that a transaction's money moves."""
    if transaction.leg == "credit":
        return CREDIT
    if transaction.kind == "pix":
        return PIX_PERSON if transaction.merchant is None else PIX_SHOP
    return _WAY[transaction.kind]


def moment_of(transaction: Transaction, latest: int) -> Moment:
    """Return the moment of a transaction on an account whose newest event time is `latest`, ms."""
    at, device, other = (
        transaction.occurred_at,
        transaction.device_id,
        transaction.counterparty,
    )
    way = way_of(transaction)
    return Moment(
        transaction,
        at // 1000,
        way,
        transaction.status == "approved",
        at < latest,
        (at - latest) // 1000 if 0 < latest < at else 0,
        stable_hash(device) if device else 0,
        stable_hash(other.account) if other is not None else 0,
        _here(transaction) if way in _PRESENT and at >= latest else [],
    )


def _here(transaction: Transaction) -> list[int]:
    place = transaction.location
    if place is None:
        return []
    return [round(place.lat * 1000), round(place.lon * 1000), transaction.occurred_at // 1000]


def stable_hash(text: str) -> int:
    """Return 32 bits, above 0, that are the same in every process.

    >>> stable_hash("A0000001")
    3623169179
    """
    return crc32(text.encode()) or 1
