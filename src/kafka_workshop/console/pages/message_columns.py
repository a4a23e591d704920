"""Fields of JSON values as columns: which there are, and what stands in them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kafka_workshop.console import formats
from kafka_workshop.console.filtering import Path, printed_path
from kafka_workshop.console.filtering.document import MISSING, decoded, lookup
from kafka_workshop.console.pages.message_address import MAX_COLUMNS
from kafka_workshop.console.payload import preview
from kafka_workshop.console.records import Record
from kafka_workshop.console.widgets import Column, Row

# Looked for in so many messages, so deep, and never more than so many.
_LOOKED_AT = 200
_DEEP = 4
_MOST = 60
_LABEL = 60
_CELL = 80
# Numbers longer than this are shown as they are written: nobody groups their digits.
_DIGITS = 30


def fields_of(records: Iterable[Record], most: int = _MOST) -> list[Path]:
    """Return the paths of the plain values in the JSON of `records`, in order of appearance."""
    found: dict[Path, None] = {}
    for record, _ in zip(records, range(_LOOKED_AT), strict=False):
        for path in _paths(decoded(record.value), ()):
            if len(found) < most:
                found.setdefault(path)
    return list(found)


def _paths(document: Any, at: Path) -> Iterator[Path]:
    if isinstance(document, dict) and len(at) < _DEEP:
        for name, value in list(document.items())[:_MOST]:
            yield from _paths(value, (*at, name))
    elif isinstance(document, list) and len(at) < _DEEP:
        for index, value in enumerate(document[:2]):
            yield from _paths(value, (*at, index))
    elif at and not isinstance(document, dict | list):
        yield at


def label(path: Path) -> str:
    """Return a path as a column's name: hostile text of bounded length on one line."""
    return preview(printed_path(path).encode(errors="replace"), _LABEL)


@dataclass(frozen=True)
class Cell:
    """What stands in a column: `text` for a person, `number` if it is one, for sorting."""

    text: str
    number: int | Decimal | None = None


def cell(document: Any, path: Path) -> Cell:
    """Return what stands at `path` of a decoded value; nothing where it has no such field."""
    value = lookup(document, path)
    if value is MISSING:
        return Cell("")
    if value is None or isinstance(value, bool):
        return Cell({None: "null", True: "true", False: "false"}[value])
    if isinstance(value, int | Decimal):
        return Cell(_number(value), value)
    if isinstance(value, str):
        return Cell(preview(value.encode(errors="replace"), _CELL))
    return Cell("{…}" if isinstance(value, dict) else "[…]")


def _number(value: int | Decimal) -> str:
    plain = str(value)
    if len(plain) > _DIGITS or "E" in plain:
        return preview(plain.encode(), _CELL)
    places = len(plain.partition(".")[2])
    grouped = f"{value:,.{places}f}" if places else f"{value:,}"
    return formats.localised(grouped)


def column_definitions(paths: tuple[Path, ...], rows: Iterable[Row] = ()) -> list[Column]:
    """Return a column for each path: its name is ours, only its label is hostile text.

    Where `rows` hold nothing but numbers they stand at the right.
    """
    seen = list(rows)
    return [
        Column(f"field{n}", label(path), "shown", right=_numbers(f"field{n}", seen))
        for n, path in enumerate(paths)
    ]


def _numbers(name: str, rows: list[Row]) -> bool:
    found = [row[name] for row in rows if row.get(name, "") != ""]
    return bool(found) and all(isinstance(value, float) for value in found)


def slots() -> list[Column]:
    """Return every column that there may be, for the table to prepare its cells."""
    return [Column(f"field{n}", "", "shown") for n in range(MAX_COLUMNS)]


def cells(record: Record, paths: tuple[Path, ...]) -> Row:
    """Return what a row holds of `paths`."""
    document = decoded(record.value) if paths else MISSING
    row: Row = {}
    for n, path in enumerate(paths):
        found = cell(document, path)
        row[f"field{n}"] = _sorted_by(found)
        row[f"field{n}_text"] = found.text
    return row


def _sorted_by(found: Cell) -> str | float:
    if found.number is None:
        return found.text
    try:
        return float(found.number)
    except OverflowError:
        return found.text
