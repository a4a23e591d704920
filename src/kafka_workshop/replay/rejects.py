"""The rows that are no transactions: line and reason, in a CSV file of their own."""

import csv
from pathlib import Path
from typing import TextIO

from kafka_workshop.errors import UserError
from kafka_workshop.language import tr

HEADER = ("line", "reason")


class InvalidRejects(UserError):
    """The file of rejects can't be written, or is somebody's own."""


def rejects_of(path: Path) -> Path:
    """Return where the rejects of a file go if nobody says.

    >>> rejects_of(Path("data/fraud.csv")).as_posix()
    'data/fraud.rejects.csv'
    """
    return path.with_name(f"{path.stem}.rejects.csv")


class Rejects:
    """Writes rejects; without any the file is gone in the end.

    Attributes:
        count: how many there are.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file: TextIO | None = None

    def open(self) -> None:
        """Begin the file anew.

        Raises:
            InvalidRejects: it can't be written, or what is there is no file of rejects.
        """
        try:
            if self._is_foreign():
                raise self._refused(
                    tr("it is no file of rejects", "não é um arquivo de linhas rejeitadas")
                )
            self._file = self.path.open("w", encoding="utf-8", newline="")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "UTF-8"
            raise self._refused(f"{why}") from None
        csv.writer(self._file).writerow(HEADER)

    def _is_foreign(self) -> bool:
        if not self.path.exists():
            return False
        with self.path.open(encoding="utf-8", newline="") as file:
            return file.readline(100).strip() not in {"", ",".join(HEADER)}

    def add(self, line: int, reason: str) -> None:
        """Write one down.

        Raises:
            InvalidRejects: the file can't be written any more.
        """
        self.count += 1
        if self._file is not None:
            try:
                csv.writer(self._file).writerow((line, reason))
            except OSError as error:
                raise self._refused(f"{error.strerror}") from None

    def close(self) -> None:
        """End the file; remove it if it says nothing."""
        if self._file is not None:
            self._file.close()
            self._file = None
            if not self.count:
                self.path.unlink(missing_ok=True)

    def _refused(self, why: str) -> InvalidRejects:
        return InvalidRejects(
            tr(
                "{path} can't be written: {why}; --rejects PATH names another place",
                "não é possível gravar {path}: {why}; --rejects CAMINHO indica outro lugar",
                path=self.path,
                why=why,
            )
        )
