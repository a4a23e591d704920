"""Rows of a CSV file, one by one in bounded memory; `opening` knows which format a file has."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, Self

from kafka_workshop.errors import UserError
from kafka_workshop.language import tr
from kafka_workshop.replay.convert import BadRow

Row = dict[str, str]
# Far beyond any row; without it a file that is no text could be one line of all its bytes.
_LONGEST_LINE = 2**20


class InvalidFile(UserError):
    """The file can't be read, or is none that we read."""


class Rows(Protocol):
    """A file of named columns: what another format than CSV has to offer."""

    @property
    def header(self) -> list[str]:
        """The names of the columns."""

    @property
    def share(self) -> float:
        """How much of the file is read, from 0 to 1."""

    def __iter__(self) -> Iterator[tuple[int, Row | BadRow]]:
        """Yield the number of each row's last line, and its values or why it has none."""


class CsvRows:
    """A CSV file in UTF-8 whose first line names the columns; blank lines are no rows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._header: list[str] = []
        self._size = 1
        self._file: BinaryIO | None = None

    @property
    def header(self) -> list[str]:
        """See `Rows`."""
        return self._header

    @property
    def share(self) -> float:
        """See `Rows`."""
        if self._file is None or self._file.closed:
            return 0.0
        return min(1.0, self._file.tell() / self._size)

    def open(self) -> Self:
        """Read the header.

        Raises:
            InvalidFile: the file can't be read, or is empty.
        """
        try:
            with self._path.open("rb") as file:
                self._size = max(1, file.seek(0, io.SEEK_END))
                file.seek(0)
                self._header = next(csv.reader(_Lines(file)), [])
        except OSError as error:
            raise unreadable(self._path, f"{error.strerror}") from None
        except csv.Error as error:
            raise unreadable(self._path, f"{error}") from None
        if not self._header:
            why = tr("its first line names no columns", "a primeira linha não nomeia colunas")
            raise unreadable(self._path, why)
        return self

    def __iter__(self) -> Iterator[tuple[int, Row | BadRow]]:
        """See `Rows`."""
        with self._path.open("rb") as self._file:
            lines = _Lines(self._file)
            reader = csv.reader(lines)
            next(reader, None)
            while True:
                first = lines.number + 1
                try:
                    values = next(reader, None)
                except csv.Error as error:
                    yield lines.number, BadRow(f"CSV: {error}{_since(first, lines.number)}")
                    continue
                if values is None:
                    return
                if values:
                    yield lines.number, self._row(values, _since(first, lines.number))

    def _row(self, values: list[str], since: str) -> Row | BadRow:
        if len(values) == len(self._header):
            return dict(zip(self._header, values, strict=True))
        return BadRow(
            tr(
                "{n} columns instead of {wanted}",
                "{n} colunas em vez de {wanted}",
                n=len(values),
                wanted=len(self._header),
            )
            + since
        )


def _since(first: int, last: int) -> str:
    """Say where a row begins that has several lines: a quote that nobody closes takes many."""
    if last <= first:
        return ""
    return tr(" (from line {n} on)", " (a partir da linha {n})", n=first)


class _Lines:
    """The lines of a file as text; what is no line of ours is a `csv.Error` of that line alone.

    No generator: that would end with its first error.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.number = 0
        self._file = file

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._file.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
            self._skip_the_rest()
            raise csv.Error(
                tr("a line of over {n} bytes", "uma linha com mais de {n} bytes", n=_LONGEST_LINE)
            )
        try:
            return line.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise csv.Error(tr("not UTF-8", "não é UTF-8")) from None

    def _skip_the_rest(self) -> None:
        while (rest := self._file.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass


def unreadable(path: Path, why: str) -> InvalidFile:
    """Return the error that says why a file can't be read."""
    return InvalidFile(
        tr(
            "{path} can't be read: {why}",
            "não é possível ler {path}: {why}",
            path=path,
            why=why,
        )
    )
