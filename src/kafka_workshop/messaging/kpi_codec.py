"""What stage account counts: one record for each input partition and transaction of the stage.

Counts of all records sum to what the group has processed, dead letters included, each message
once: they are committed with the offsets.
"""

from typing import Annotated

import msgspec

from kafka_workshop.errors import Undecodable

MAX_KPI_BYTES = 64 * 1024
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
# Of a kind or a state: how many, minor units of BRL, how many were declined.
Cell = Annotated[list[Count], msgspec.Meta(min_length=3, max_length=3)]


class Kpi(msgspec.Struct):
    """Deltas of one partition: what was processed since the record before.

    Attributes:
        partition, until: the input's; the offset after the last message counted here.
        at: wall clock at its commit, whole seconds since the epoch, UTC.
        count: transactions processed; `amount` in minor units, `declined` how many were.
        dead: messages that went to the dead letters.
        by_kind, by_uf: count, amount and declined of each kind and state (`--`: none named).
        alerts: raised, by rule.
    """

    partition: Count
    until: Count
    at: Count
    count: Count = 0
    amount: Count = 0
    declined: Count = 0
    dead: Count = 0
    by_kind: dict[str, Cell] = msgspec.field(default_factory=dict)
    by_uf: dict[str, Cell] = msgspec.field(default_factory=dict)
    alerts: dict[str, Count] = msgspec.field(default_factory=dict)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Kpi)


def encode_kpi(kpi: Kpi) -> bytes:
    """Return the deltas as JSON."""
    return _encoder.encode(kpi)


def decode_kpi(value: bytes | None) -> Kpi:
    """Return the deltas that a record says.

    Raises:
        Undecodable: it says none.
    """
    if value is None:
        raise Undecodable("null-value", "the record has no value")
    if len(value) > MAX_KPI_BYTES:
        raise Undecodable("oversize", f"{len(value)} bytes, over {MAX_KPI_BYTES}")
    try:
        return _decoder.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Undecodable("wrong-shape", "no KPI record") from None
