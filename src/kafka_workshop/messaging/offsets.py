"""Which partitions are ours, which offsets are processed but not committed yet, and the counts."""

from collections.abc import Iterable, Mapping

import msgspec

from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.tally import Tally


class Position(msgspec.Struct, frozen=True):
    """What is committed for a partition: the offset to go on with, and the count up to it."""

    offset: int
    tally: Tally


class Offsets:
    """The bookkeeping behind the offset contract of `client.Consumer`, for one topic.

    >>> offsets = Offsets()
    >>> offsets.own({0})
    >>> offsets.note(Message("t", 0, 41, 0, None, None)); offsets.uncommitted
    {0: 42}
    >>> sorted(offsets.unknown)
    [0]
    >>> offsets.restore({0: Tally(since=40, processed=1)}); offsets.pending
    {0: Position(offset=42, tally=Tally(since=40, processed=2, dead=0))}
    >>> offsets.give_away({0}); offsets.uncommitted
    {}
    """

    def __init__(self) -> None:
        self.owned: frozenset[int] = frozenset()
        self.joined = False
        self._next: dict[int, int] = {}
        self._committed: dict[int, int] = {}
        # What the group had done when a partition became ours, and what we did since then.
        self._before: dict[int, Tally] = {}
        self._done: dict[int, list[int]] = {}
        self._first: dict[int, int] = {}

    def own(self, partitions: Iterable[int]) -> None:
        """Add partitions that the group gave us."""
        self.joined = True
        self.owned |= frozenset(partitions)

    def give_away(self, partitions: Iterable[int]) -> None:
        """Remove partitions; what is uncommitted of them is their new owner's to read again."""
        gone = frozenset(partitions)
        self.owned -= gone
        for partition in gone:
            for book in (self._next, self._committed, self._before, self._done, self._first):
                book.pop(partition, None)

    def note(self, message: Message, dead: bool = False) -> None:
        """Note that `message` is processed, if its partition is still ours."""
        partition, following = message.partition, message.offset + 1
        if partition not in self.owned:
            return
        if following > self._next.get(partition, 0):
            self._next[partition] = following
        if partition not in self._done:
            self._first[partition] = message.offset
        # A list of two, changed in place: this runs for every message.
        self._done.setdefault(partition, [0, 0])[dead] += 1

    @property
    def uncommitted(self) -> dict[int, int]:
        """For each partition with something to commit: the offset after the last processed."""
        # A copy first: a rebalance may be served on another thread meanwhile.
        return {p: at for p, at in list(self._next.items()) if self._committed.get(p) != at}

    @property
    def unknown(self) -> frozenset[int]:
        """Partitions with something to commit whose count so far has to be read first."""
        return frozenset(self.uncommitted) - self._before.keys()

    def restore(self, tallies: Mapping[int, Tally | None]) -> None:
        """Note what the group had done with partitions before they became ours.

        `None` for one that it had never committed on: its count begins with our first message.
        """
        for partition, tally in tallies.items():
            if partition in self.owned:
                begun = Tally(since=self._first.get(partition, 0))
                self._before[partition] = begun if tally is None else tally

    @property
    def pending(self) -> dict[int, Position]:
        """What to commit now: the partitions with something to commit and a known count."""
        return {
            p: Position(at, before.plus(*self._done.get(p, (0, 0))))
            for p, at in self.uncommitted.items()
            if (before := self._before.get(p)) is not None
        }

    def committed(self, offsets: Mapping[int, int]) -> None:
        """Note that the brokers stored these."""
        self._committed.update((p, at) for p, at in offsets.items() if p in self.owned)
