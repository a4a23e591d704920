"""Messages as files: JSON lines that lose nothing, and CSV for people.

A JSON line holds a message's coordinates, its time, key, value and headers in order. What is UTF-8
stands there as text; what is not stands under a name that ends in `_base64`. `null` is no key, `""`
an empty one.
"""

import base64
import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from kafka_workshop.console.access.roles import Role, needs
from kafka_workshop.console.filtering import Path, printed_path
from kafka_workshop.console.filtering.document import MISSING, decoded, lookup
from kafka_workshop.console.records import Record
from kafka_workshop.language import current

# What a spreadsheet takes for the beginning of a formula.
_FORMULA = frozenset("=+-@\t\r\n")
_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
_NAME_CHARACTERS = 80
Ending = Literal["jsonl", "csv"]
_PLAIN = msgspec.json.Encoder(decimal_format="number")
_BOM = "\ufeff"


@needs(Role.ANALYST, target="topic", writes=False)
def export(
    topic: str, records: Sequence[Record], ending: Ending, columns: Sequence[Path] = ()
) -> tuple[bytes, str]:
    """Return a file of some messages of `topic` and its name; the audit log tells of it.

    Raises:
        Forbidden: whoever asks may not export.
    """
    content = as_csv(records, columns) if ending == "csv" else as_jsonl(records)
    return content, file_name(topic, ending)


def as_jsonl(records: Iterable[Record]) -> bytes:
    """Return `records` as JSON lines, by partition and offset: the order they were written in.

    >>> as_jsonl([Record(0, 5, 1, None, b"hi", (("h", b""),), 2)])
    b'{"partition":0,"offset":5,"timestamp":1,"key":null,"value":"hi","headers":[{"name":"h","value":""}]}\\n'
    """
    ordered = sorted(records, key=lambda r: (r.partition, r.offset))
    return b"".join(msgspec.json.encode(_line(record)) + b"\n" for record in ordered)


def _line(record: Record) -> dict[str, Any]:
    return {
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp_ms,
        **_bytes("key", record.key),
        **_bytes("value", record.value),
        "headers": [{"name": name, **_bytes("value", data)} for name, data in record.headers],
    }


def _bytes(name: str, data: bytes | None) -> dict[str, str | None]:
    if data is None:
        return {name: None}
    try:
        return {name: data.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(data).decode()}


def as_csv(records: Iterable[Record], columns: Sequence[Path] = ()) -> bytes:
    """Return `records` as CSV for a spreadsheet, with a column for each path into the values.

    A text that a spreadsheet would run as a formula has an apostrophe before it.
    """
    out = io.StringIO()
    out.write(_BOM)  # without it a spreadsheet guesses the encoding
    # Where the comma is in numbers, a spreadsheet splits at the semicolon.
    writer = csv.writer(out, delimiter=";" if current() == "pt-BR" else ",", lineterminator="\r\n")
    fixed = ("partition", "offset", "timestamp", "key", "value", "headers", "size")
    writer.writerow([*fixed, *(harmless(f"value.{printed_path(path)}") for path in columns)])
    for record in records:
        writer.writerow([*_fixed(record), *_fields(record, columns)])
    return out.getvalue().encode()


def _fixed(record: Record) -> list[str | int]:
    headers = "; ".join(f"{name}={_text(data)}" for name, data in record.headers)
    return [
        record.partition,
        record.offset,
        _instant(record.timestamp_ms),
        harmless(_text(record.key)),
        harmless(_text(record.value)),
        harmless(headers),
        record.size,
    ]


def _fields(record: Record, columns: Sequence[Path]) -> list[str]:
    document = decoded(record.value) if columns else MISSING
    return [_field(lookup(document, path)) for path in columns]


def _field(value: object) -> str:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    if value is MISSING or value is None:
        return ""
    if isinstance(value, str):
        return harmless(_text(value.encode(errors="replace")))
    return harmless(_PLAIN.encode(value).decode())


def harmless(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula.

    >>> harmless("=1+1"), harmless("plain")
    ("'=1+1", 'plain')
    """
    return f"'{text}" if text[:1] in _FORMULA and text else text


def _text(data: bytes | None) -> str:
    return "" if data is None else data.decode(errors="backslashreplace").replace("\x00", "\\x00")


def _instant(at_ms: int | None) -> str:
    try:
        moment = datetime.fromtimestamp((at_ms or 0) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return str(at_ms)
    return "" if at_ms is None else f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"


def file_name(topic: str, ending: str) -> str:
    """Return a name for a file of messages: no folder, nothing hidden, nothing a shell minds.

    >>> file_name("../../etc/<b>", "csv")
    'messages-etc-b.csv'
    """
    plain = _NAME.sub("-", topic)[:_NAME_CHARACTERS].strip(".-").lstrip("./-")
    return f"messages-{plain.replace('..', '-').strip('.-') or 'topic'}.{ending}"
