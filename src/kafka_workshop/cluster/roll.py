"""The roll of a supervisor's children on disk: how the next one recognises what was left behind."""

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import groupby
from pathlib import Path

import msgspec

from kafka_workshop.clock import Deadline
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.identity import Identity
from kafka_workshop.cluster.stopping import StopTime

_LOOK_S = 0.05


class Entry(msgspec.Struct, frozen=True):
    """One child: who it is, since when (seconds of the epoch, UTC), and how it is stopped.

    `stop_seconds` is the time from SIGTERM to SIGKILL.
    """

    service: str
    identity: Identity
    started: float
    ports: tuple[int, ...]
    stop_rank: int
    stop_seconds: float


class Roll:
    """The children that run, written anew at each change, before anything else happens."""

    def __init__(self, folders: RunFolders) -> None:
        self._path = _path(folders)
        self._entries: dict[str, Entry] = {}

    def enter(self, entry: Entry) -> None:
        """Note a child that has just been started."""
        self._entries[entry.service] = entry
        self._write()

    def strike(self, service: str) -> None:
        """Forget a child that has ended.

        On a disk that is full it stays on the roll: nobody takes the dead for the living.
        """
        if self._entries.pop(service, None):
            with suppress(OSError):
                self._write()

    def _write(self) -> None:
        # Replaced as a whole: whoever is killed while writing leaves the old roll.
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(list(self._entries.values())))
        fresh.replace(self._path)


def _path(folders: RunFolders) -> Path:
    return folders.run / "children.json"


def left_behind(folders: RunFolders) -> list[Entry]:
    """Return the children of a supervisor that has gone which still run; never anyone else's."""
    try:
        entries = msgspec.json.decode(_path(folders).read_bytes(), type=list[Entry])
    except (OSError, msgspec.DecodeError):
        return []
    return [entry for entry in entries if entry.identity.alive]


def end(entries: list[Entry], ended: Callable[[Entry], None]) -> None:
    """Stop them in the order of a clean stop: brokers before ZooKeeper; `ended` hears of each."""
    ranked = sorted(entries, key=lambda entry: entry.stop_rank)
    groups = [list(group) for _, group in groupby(ranked, key=lambda entry: entry.stop_rank)]
    time_left = StopTime(max(entry.stop_seconds for entry in group) for group in groups)
    for group in groups:
        _end_together(group, time_left.next(), ended)


def _end_together(entries: list[Entry], seconds: float, ended: Callable[[Entry], None]) -> None:
    for entry in entries:
        entry.identity.signal_group(signal.SIGTERM)
        entry.identity.signal_group(signal.SIGCONT)  # a paused one hears nothing
    _await_end(entries, seconds)
    for entry in entries:
        entry.identity.signal_group(signal.SIGKILL)
    _await_end(entries, 5.0)
    for entry in entries:
        ended(entry)


def _await_end(entries: list[Entry], seconds: float) -> None:
    deadline = Deadline(seconds)
    while any(entry.identity.alive for entry in entries) and not deadline.expired:
        time.sleep(_LOOK_S)
