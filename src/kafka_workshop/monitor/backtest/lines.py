"""A file of JSON lines: transactions, and labels among them in any order."""

from collections.abc import Iterator
from pathlib import Path

from kafka_workshop.errors import Undecodable, UserError
from kafka_workshop.language import tr
from kafka_workshop.messaging.codec import decode
from kafka_workshop.messaging.label_codec import decode_label
from kafka_workshop.monitor.backtest.run import Event

# What tells a label, or how far labels are complete, from a transaction.
_LABEL_MARK = b'"record"'


class InvalidFile(UserError):
    """A file could not be read, or a line of it is no transaction and no label."""


def events_of(path: Path) -> Iterator[Event]:
    """Yield the labels of a file, then its transactions in their order.

    Raises:
        InvalidFile: there is no such file, or a line says neither; it is named by its number.
    """
    yield from _read(path, labels=True)
    yield from _read(path, labels=False)


def _read(path: Path, *, labels: bool) -> Iterator[Event]:
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip() and (_LABEL_MARK in line) is labels:
                    yield _event(path, number, line.strip(), labels)
    except OSError as error:
        raise InvalidFile(
            tr(
                "{path} can't be read: {why}",
                "não é possível ler {path}: {why}",
                path=path,
                why=error.strerror,
            )
        ) from None


def _event(path: Path, number: int, line: bytes, label: bool) -> Event:
    try:
        return decode_label(line) if label else decode(line)
    except Undecodable as error:
        raise InvalidFile(
            tr(
                "{path}, line {number}: no transaction and no label ({why})",
                "{path}, linha {number}: nem transação nem rótulo ({why})",
                path=path,
                number=number,
                why=error,
            )
        ) from None
