"""The producer's book as it is stored: one record a run, written anew about once a second."""

from typing import Annotated

import msgspec
from msgspec import Meta

from kafka_workshop.ledger.numbers import Range
from kafka_workshop.messaging.client import Message

Count = Annotated[int, Meta(ge=0, le=2**62)]
# Ranges of failed ids that a record holds at most: some 3 KB. Beyond, the last takes in the rest.
MOST_FAILED = 100


class Run(msgspec.Struct, frozen=True):
    """What one run of a producer knows of its ids; the record's key is `run`.

    Attributes:
        stream: seed and lane, see `domain.numbering`.
        first: its first sequence number.
        until: every number in [first, until) was answered by the brokers.
        failed: of those the ones that were refused, or that nobody knows of; [from, to), ordered.
        acknowledged: how many were acknowledged, those beyond `until` included.
        at_ms: when this was written, milliseconds UTC.
        ended: whether the run has ended, and this is its last word.
    """

    run: str
    stream: Count
    first: Count
    until: Count
    failed: tuple[tuple[Count, Count], ...]
    acknowledged: Count
    at_ms: Count
    ended: bool = False


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Run)


def to_bytes(run: Run) -> bytes:
    """Return the record's value."""
    return _encoder.encode(run)


def run_of(message: Message) -> Run | None:
    """Return the run that a record of the book tells of, `None` if it tells of none."""
    try:
        return _decoder.decode(message.value or b"")
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def failed_of(run: Run) -> tuple[Range, ...]:
    """Return the failed ranges in order, whatever order somebody wrote them in."""
    return tuple(sorted(run.failed))
