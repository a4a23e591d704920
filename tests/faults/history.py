"""What was sent, acknowledged and read, and everything that is wrong between the three.

After the Kafka workload of Jepsen (jepsen-io/kafka, `workload/kafka.clj`): every acknowledged write
and every read is recorded with its partition and offset, and the checker compares. Pure: no Kafka,
no clock. `tests/unit/test_fault_history.py` plants each anomaly and proves that it is found, and
that an honest history has none.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a record is stored."""

    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Read:
    """A value, as a reader got it."""

    value: bytes
    place: Place


@dataclass(frozen=True, slots=True)
class Committed:
    """The brokers stored `offset` as the group's next one of `partition`."""

    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader did, in order.

    Attributes:
        reader: its name.
        events: its reads and commits. A member of a group may read again what it had not committed
            yet, when partitions were taken from it; without commits there is no way back at all.
        reached: partition -> the offset up to which it has read, from 0 on.
    """

    reader: str
    events: Sequence[Read | Committed]
    reached: Mapping[int, int] = field(default_factory=dict)

    @property
    def reads(self) -> Iterator[Read]:
        """Its reads alone."""
        return (event for event in self.events if isinstance(event, Read))


@dataclass(frozen=True, slots=True)
class History:
    """Everything recorded of one run.

    Attributes:
        sent: every value, in the order in which its one producer sent them.
        acknowledged: value -> where the brokers said that it is stored.
        aborted: values that were certainly not written (refused, or of an aborted transaction). A
            value that is neither here nor acknowledged may be stored or not.
        readings: what the readers did.
    """

    sent: Sequence[bytes]
    acknowledged: Mapping[bytes, Place]
    aborted: Collection[bytes]
    readings: Sequence[Reading]


@dataclass(frozen=True, slots=True)
class LostWrite:
    """Acknowledged, and a reader that went past its place never got it."""

    value: bytes
    place: Place


@dataclass(frozen=True, slots=True)
class NeverReached:
    """Acknowledged, and no reader came as far: proves nothing, so it is no clean result either."""

    value: bytes
    place: Place


@dataclass(frozen=True, slots=True)
class Duplicate:
    """One value at more than one place."""

    value: bytes
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class ReadTwice:
    """A reader went back behind what it had read (of a group: behind what it had committed)."""

    reader: str
    place: Place
    allowed_from: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A reader jumped over a place at which something is stored."""

    reader: str
    place: Place


@dataclass(frozen=True, slots=True)
class CommitWentBack:
    """A committed offset smaller than the one before."""

    reader: str
    partition: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Misplaced:
    """Acknowledged at one place, found at another."""

    value: bytes
    acknowledged: Place
    found: Place


@dataclass(frozen=True, slots=True)
class Diverged:
    """Different values at one place, by different readers or at different times."""

    place: Place
    values: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Reordered:
    """Sent first, stored behind a later one of the same partition."""

    partition: int
    first: bytes
    later: bytes


@dataclass(frozen=True, slots=True)
class AbortedRead:
    """Read, though it was certainly not written."""

    value: bytes
    place: Place


@dataclass(frozen=True, slots=True)
class Phantom:
    """Read, though nobody sent it."""

    value: bytes
    place: Place


Anomaly: TypeAlias = (
    LostWrite
    | NeverReached
    | Duplicate
    | ReadTwice
    | Skipped
    | CommitWentBack
    | Misplaced
    | Diverged
    | Reordered
    | AbortedRead
    | Phantom
)


def anomalies(history: History) -> tuple[Anomaly, ...]:
    """Return everything that is wrong with a history; nothing, if it kept every promise."""
    stored = _stored(history)
    return (
        *_lost(history, stored),
        *_duplicated(stored),
        *_misplaced(history, stored),
        *_diverged(history),
        *_reordered(history, stored),
        *_unwanted(history, stored),
        *(found for reading in history.readings for found in _Walk(history, reading).anomalies()),
    )


Stored: TypeAlias = Mapping[bytes, Collection[Place]]


def _stored(history: History) -> Stored:
    """Return value -> the places at which readers found it."""
    places: defaultdict[bytes, set[Place]] = defaultdict(set)
    for reading in history.readings:
        for read in reading.reads:
            places[read.value].add(read.place)
    return places


def _lost(history: History, stored: Stored) -> Iterator[LostWrite | NeverReached]:
    reached: defaultdict[int, int] = defaultdict(int)
    for reading in history.readings:
        for partition, offset in reading.reached.items():
            reached[partition] = max(reached[partition], offset)
    for value, place in history.acknowledged.items():
        if value not in stored:
            passed = place.offset < reached[place.partition]
            yield LostWrite(value, place) if passed else NeverReached(value, place)


def _duplicated(stored: Stored) -> Iterator[Duplicate]:
    for value, places in stored.items():
        if len(places) > 1:
            yield Duplicate(value, tuple(sorted(places)))


def _misplaced(history: History, stored: Stored) -> Iterator[Misplaced]:
    for value, place in history.acknowledged.items():
        found = stored.get(value, ())
        if found and place not in found:
            yield Misplaced(value, place, min(found))


def _diverged(history: History) -> Iterator[Diverged]:
    values: defaultdict[Place, set[bytes]] = defaultdict(set)
    for reading in history.readings:
        for read in reading.reads:
            values[read.place].add(read.value)
    for place, different in values.items():
        if len(different) > 1:
            yield Diverged(place, tuple(sorted(different)))


def _reordered(history: History, stored: Stored) -> Iterator[Reordered]:
    """One idempotent producer: within a partition, the offsets grow in the order of sending."""
    last: dict[int, tuple[int, bytes]] = {}
    for value in history.sent:
        for place in sorted(stored.get(value, ()))[:1]:
            offset, before = last.get(place.partition, (-1, b""))
            if place.offset < offset:
                yield Reordered(place.partition, before, value)
            else:
                last[place.partition] = place.offset, value


def _unwanted(history: History, stored: Stored) -> Iterator[AbortedRead | Phantom]:
    sent = frozenset(history.sent)
    for value, places in stored.items():
        if value in history.aborted:
            yield AbortedRead(value, min(places))
        elif value not in sent:
            yield Phantom(value, min(places))


class _Walk:
    """Follows one reader through its partitions."""

    def __init__(self, history: History, reading: Reading) -> None:
        self._reading = reading
        self._next: dict[int, int] = {}
        self._committed: dict[int, int] = {}
        self._is_member = any(isinstance(event, Committed) for event in reading.events)
        self._known = _known_offsets(history)

    def anomalies(self) -> Iterator[Anomaly]:
        for event in self._reading.events:
            if isinstance(event, Committed):
                yield from self._commit(event)
            else:
                yield from self._read(event.place)

    def _commit(self, commit: Committed) -> Iterator[Anomaly]:
        before = self._committed.get(commit.partition, 0)
        if commit.offset < before:
            yield CommitWentBack(self._reading.reader, commit.partition, before, commit.offset)
        self._committed[commit.partition] = commit.offset

    def _read(self, place: Place) -> Iterator[Anomaly]:
        expected = self._next.get(place.partition, 0)
        floor = self._committed.get(place.partition, 0) if self._is_member else expected
        if place.offset < floor:
            yield ReadTwice(self._reading.reader, place, floor)
        for offset in self._between(place.partition, expected, place.offset):
            yield Skipped(self._reading.reader, Place(place.partition, offset))
        self._next[place.partition] = place.offset + 1

    def _between(self, partition: int, first: int, end: int) -> Sequence[int]:
        known = self._known.get(partition, ())
        return known[bisect_left(known, first) : bisect_left(known, end)]


def _known_offsets(history: History) -> Mapping[int, Sequence[int]]:
    """Return partition -> the offsets at which something is stored, ascending."""
    offsets: defaultdict[int, set[int]] = defaultdict(set)
    for place in history.acknowledged.values():
        offsets[place.partition].add(place.offset)
    for reading in history.readings:
        for read in reading.reads:
            offsets[read.place.partition].add(read.place.offset)
    return {partition: sorted(known) for partition, known in offsets.items()}
