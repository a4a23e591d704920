"""The audit log: every write, who asked for it, and what came of it; refused ones as well.

A line of JSON each, in files that are rotated, so they take at most some 20 MB. What is written is
masked and bounded. The newest are in memory too, for the page and for REST.
"""

import os
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kafka_workshop import clock
from kafka_workshop.console.access.roles import Attempt
from kafka_workshop.logs import Logger
from kafka_workshop.masking import masked_text

FILE_BYTES, FILES = 5_000_000, 4
KEPT = 2_000
_DETAIL_CHARACTERS = 500


class Entry(msgspec.Struct, frozen=True):
    """One attempt and when it was, milliseconds UTC."""

    at_ms: int
    who: str
    role: str
    action: str
    target: str
    outcome: str
    detail: str = ""


@dataclass(frozen=True)
class Wanted:
    """Which entries: an outcome, and a text that stands somewhere in them; empty for all."""

    outcome: str = ""
    text: str = ""

    def admits(self, entry: Entry) -> bool:
        """Return whether it is one of them."""
        searched = f"{entry.who} {entry.role} {entry.action} {entry.target} {entry.detail}"
        right_outcome = self.outcome in {"", entry.outcome}
        return right_outcome and self.text.casefold() in searched.casefold()


def entry_of(attempt: Attempt, at_ms: int) -> Entry:
    """Return what is written down of an attempt."""
    return Entry(
        at_ms,
        attempt.who,
        attempt.role,
        attempt.action,
        masked_text(attempt.target),
        attempt.outcome,
        masked_text(attempt.detail)[:_DETAIL_CHARACTERS],
    )


class AuditLog:
    """The log of one console.

    Args:
        folder: where its files are; without one it is in memory alone.
        logger: who is told if a line can't be written.
        file_bytes: how large a file may become.
    """

    def __init__(self, folder: Path | None, logger: Logger, file_bytes: int = FILE_BYTES) -> None:
        self._folder, self._logger, self._file_bytes = folder, logger, file_bytes
        self._lock = threading.Lock()
        self._newest: deque[Entry] | None = None

    def record(self, attempt: Attempt) -> None:
        """Write an attempt down; it never raises, for the attempt is over by then."""
        entry = entry_of(attempt, clock.now_ms())
        with self._lock:
            self._known().append(entry)
            try:
                self._append(entry)
            except OSError as error:
                self._logger.error("audit_not_written", reason=str(error), action=entry.action)

    def entries(self, wanted: Wanted | None = None) -> list[Entry]:
        """Return the newest ones that are wanted, the newest first; at most 2,000 are looked at."""
        with self._lock:
            known = list(self._known())
        admits = (wanted or Wanted()).admits
        return [entry for entry in reversed(known) if admits(entry)]

    def _known(self) -> deque[Entry]:
        if self._newest is None:
            self._newest = deque(self._read(), maxlen=KEPT)
        return self._newest

    def _read(self) -> Iterable[Entry]:
        for number in reversed(range(FILES)):
            path = self._path(number)
            if path is not None and path.is_file():
                yield from read_entries(path)

    def _append(self, entry: Entry) -> None:
        path = self._path(0)
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        self._rotate(path)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, msgspec.json.encode(entry) + b"\n")
        finally:
            os.close(descriptor)

    def _rotate(self, path: Path) -> None:
        if not path.is_file() or path.stat().st_size < self._file_bytes:
            return
        for number in reversed(range(FILES - 1)):
            older, newer = self._path(number + 1), self._path(number)
            if older is not None and newer is not None and newer.is_file():
                newer.replace(older)

    def _path(self, number: int) -> Path | None:
        name = f"audit.{number}.jsonl" if number else "audit.jsonl"
        return self._folder / name if self._folder else None


def read_entries(path: Path) -> list[Entry]:
    """Return the entries of a file; a line that is none, like one cut short, is passed over."""
    found = []
    for line in path.read_bytes().splitlines():
        try:
            found.append(msgspec.json.decode(line, type=Entry))
        except msgspec.DecodeError:
            continue
    return found
