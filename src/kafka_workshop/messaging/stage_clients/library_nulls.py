"""Lets kafka-python store nulls that it can store, but does not let through.

Its `send` refuses a header whose value is null, and a record with neither key nor value; both have
a place in its record format. A dead letter is what it was, so they are sent as `NULL`, which
becomes null where the record is written. No other value is this one object.
"""

from typing import Any

from kafka.record import MemoryRecordsBuilder

NULL = b"kafka-python: null"

_append = MemoryRecordsBuilder.append


def allow_nulls() -> None:
    """Write `NULL` as null from now on, in this process; again is no harm."""
    MemoryRecordsBuilder.append = _append_with_nulls


def _append_with_nulls(
    builder: Any,
    timestamp: int | None,
    key: bytes | None,
    value: bytes | None,
    headers: list[tuple[str, bytes]] | None = None,
) -> Any:
    meant = [(name, None if text is NULL else text) for name, text in headers or ()]
    return _append(builder, timestamp, key, None if value is NULL else value, meant)
