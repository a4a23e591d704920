"""What places are told of an account's transaction: the projection that stage merchant reads."""

from collections.abc import Iterator

from kafka_workshop.domain.detector import Verdict
from kafka_workshop.domain.merchant.event import PlaceEvent, payment_of, suspicion_of
from kafka_workshop.domain.transaction import Transaction


def told_of(transaction: Transaction, verdict: Verdict) -> Iterator[PlaceEvent]:
    """Yield what places are told of a transaction; nothing of one that came again."""
    if verdict.repeated:
        return
    payment = payment_of(transaction, verdict.side)
    if payment is not None:
        yield payment
    for terminal_id in verdict.copied_at:
        yield suspicion_of(transaction, terminal_id)
