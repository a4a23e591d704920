"""Rows of a file, one by one in bounded memory. CSV only: parquet is not read yet."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from kafka_workshop.language import tr
from kafka_workshop.replay.convert import BadRow
from kafka_workshop.replay.mapping import InvalidMapping


class Rows(Protocol):
    """A file of named columns: what another format than CSV has to offer."""

    header: list[str]

    def __iter__(self) -> Iterator[tuple[int, dict[str, str] | BadRow]]:
        """Yield the number of each row's last line, and its values or why it has none."""


class CsvRows:
    """A CSV file in UTF-8 whose first line names the columns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.header: list[str] = []

    def open(self) -> "CsvRows":
        """Read the header.

        Raises:
            InvalidMapping: the file can't be read, or is empty.
        """
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as lines:
                self.header = next(csv.reader(lines), [])
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise self._unreadable(f"{error}") from None
        if not self.header:
            raise self._unreadable(tr("it is empty", "está vazio"))
        return self

    def __iter__(self) -> Iterator[tuple[int, dict[str, str] | BadRow]]:
        """See `Rows`. What is not UTF-8 is kept apart by its column being refused."""
        with self._path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            reader = csv.reader(lines)
            next(reader, None)
            while True:
                try:
                    values = next(reader, None)
                except csv.Error as error:
                    yield reader.line_num, BadRow(f"CSV: {error}")
                    continue
                if values is None:
                    return
                yield reader.line_num, self._row(values)

    def _row(self, values: list[str]) -> dict[str, str] | BadRow:
        if len(values) == len(self.header):
            return dict(zip(self.header, values, strict=True))
        return BadRow(
            tr(
                "{n} columns instead of {wanted}",
                "{n} colunas em vez de {wanted}",
                n=len(values),
                wanted=len(self.header),
            )
        )

    def _unreadable(self, why: str) -> InvalidMapping:
        return InvalidMapping(
            tr(
                "{path} can't be read: {why}",
                "não é possível ler {path}: {why}",
                path=self._path,
                why=why,
            )
        )
