"""The partitions of a stage: how far each is, and what of it is not committed.

One of the input has state: the committed one, and over it that of the open transaction. One whose
messages are only passed on has none.
"""

from collections.abc import Iterable
from itertools import count
from typing import Generic, TypeVar

from kafka_workshop.clock import now_ms
from kafka_workshop.messaging.client import beyond_repair
from kafka_workshop.messaging.offsets import Position
from kafka_workshop.messaging.tally import Tally
from kafka_workshop.monitor.stage.changelog import Identity, stamp_change
from kafka_workshop.monitor.stage.values import Change, Counts, Fold, Output, Unit

E = TypeVar("E")
R = TypeVar("R")
# Counts the messages of all partitions, in the order in which they are processed.
_turns = count()


class Progress:
    """How far a partition is; what is not committed can be dropped as a whole.

    Attributes:
        next: the offset after the last message that is processed.
        committed: what the brokers know.
        resumes_at: after a rewind, the offset that the next message must have.
        outputs: what is not committed of what the messages made, each with the message's turn among
            those of all partitions.
    """

    def __init__(self, number: int, committed: Position) -> None:
        self.number = number
        self.committed = committed
        self.next = committed.offset
        self.resumes_at: int | None = None
        self._clear()

    def _clear(self) -> None:
        self.outputs: list[tuple[int, Output]] = []
        self.size = 0
        self.processed = 0
        self.dead = 0
        self._first: int | None = None

    def is_next(self, offset: int) -> bool:
        """Return whether the message at an offset is to be processed now.

        Raises:
            ServiceFailed: after a rewind another one came first.
        """
        if offset < self.next:
            return False
        if self.resumes_at is not None:
            if offset != self.resumes_at:
                raise beyond_repair(f"{self.number}: {offset} != {self.resumes_at}")
            self.resumes_at = None
        return True

    def _moved(self, offset: int, outputs: Iterable[Output]) -> None:
        if self._first is None:
            self._first = offset
        self.next = offset + 1
        turn = next(_turns)
        for output in outputs:
            self.outputs.append((turn, output))
            self.size += output.size

    @property
    def open(self) -> bool:
        """Whether anything is not committed."""
        return self._first is not None

    @property
    def position(self) -> Position:
        """What to commit: the next offset, and the count of all that was done before it."""
        tally = self.committed.tally
        if tally.count == 0 and self._first is not None:
            tally = Tally(since=self._first)
        return Position(self.next, tally.plus(self.processed, self.dead))

    def commit(self) -> None:
        """Take over what a unit of ours has made count."""
        self.committed = self.position
        self._clear()

    def drop(self) -> int | None:
        """Forget what is not committed; return where to read again, None if nothing was open."""
        first = self._first
        self._clear()
        self.next = self.committed.offset
        if first is not None:
            self.resumes_at = first
        return first


class Passing(Progress):
    """A partition whose messages are passed on, without state."""

    def note(self, offset: int, outputs: Iterable[Output]) -> None:
        """Take in what becomes of the message at an offset; nothing, if it says nothing to us."""
        self.processed += 1
        self._moved(offset, outputs)

    def add_to(self, unit: Unit) -> None:
        """Add to a unit how far it is."""
        unit.passed[self.number] = self.position


class Partition(Progress, Generic[E, R]):
    """State of a partition's keys, encoded, and over it that of the open transaction."""

    def __init__(
        self, number: int, committed: Position, states: dict[bytes, bytes], fold: Fold[E, R]
    ) -> None:
        self._states = states
        self._fold = fold
        # They leave the changelog with the next transaction that there is.
        self._obsolete = fold.obsolete(states)
        for key in self._obsolete:
            del states[key]
        super().__init__(number, committed)

    def _clear(self) -> None:
        super()._clear()
        self._overlay: dict[bytes, bytes] = {}
        self.counts: Counts[E, R] = self._fold.counts()

    def state(self, key: bytes) -> bytes | None:
        """Return the state of a key as the open transaction sees it."""
        return self._overlay.get(key) or self._states.get(key)

    def note(self, offset: int, key: bytes, state: bytes, outputs: Iterable[Output]) -> None:
        """Take in what came of the message at an offset."""
        self._overlay[key] = state
        self.processed += 1
        self._moved(offset, outputs)

    def note_dead(self, offset: int, letter: Output) -> None:
        """Take in that the message at an offset goes to the dead letters."""
        self.dead += 1
        self.counts.add_dead()
        self._moved(offset, (letter,))

    def add_to(self, unit: Unit, identity: Identity) -> None:
        """Add to a unit the counts, the changes of state, and how far it is."""
        counted = self.counts.record(self.number, self.next, now_ms())
        if counted is not None:
            unit.outputs.append(counted)
        unit.changes.extend(Change(self.number, *item) for item in self._overlay.items())
        unit.changes.extend(
            Change(self.number, key, None)
            for key in self._obsolete
            if key not in self._states and key not in self._overlay
        )
        unit.changes.append(stamp_change(self.number, self.next, identity))
        unit.positions[self.number] = self.position

    def commit(self) -> None:
        """See `Progress.commit`."""
        self._states.update(self._overlay)
        self._obsolete = []
        super().commit()

    def snapshot(self) -> dict[bytes, bytes]:
        """Return the committed state by key."""
        return dict(self._states)
