"""The checker of the fault tests finds each anomaly that is planted, and none in honest histories.

Whoever trusts "0 lost, 0 duplicated" trusts this file first.
"""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.history import (
    AbortedRead,
    Anomaly,
    Committed,
    CommitWentBack,
    Diverged,
    Duplicate,
    History,
    LostWrite,
    Misplaced,
    NeverReached,
    Phantom,
    Place,
    Read,
    Reading,
    ReadTwice,
    Reordered,
    Skipped,
    anomalies,
)

A, B, C, D = b"a", b"b", b"c", b"d"


def read(*values: bytes, partition: int = 0, first: int = 0) -> list[Read | Committed]:
    return [Read(value, Place(partition, first + n)) for n, value in enumerate(values)]


def history(*events: Read | Committed, **changes: object) -> History:
    """Three values acknowledged at 0, 1 and 2 of partition 0; one reader that reached 3."""
    reading = Reading("reader", events, {0: 3})
    honest = History([A, B, C], {v: Place(0, n) for n, v in enumerate((A, B, C))}, (), [reading])
    return replace(honest, **changes)  # type: ignore[arg-type]


PLANTED: dict[str, tuple[History, set[Anomaly]]] = {
    "an honest history": (history(*read(A, B, C)), set()),
    "a lost write at the end": (history(*read(A, B)), {LostWrite(C, Place(0, 2))}),
    "a lost write in the middle": (
        history(*read(A), *read(C, first=2)),
        {LostWrite(B, Place(0, 1)), Skipped("reader", Place(0, 1))},
    ),
    "a reader that did not come to the end": (
        history(readings=[Reading("reader", read(A, B), {0: 2})]),
        {NeverReached(C, Place(0, 2))},
    ),
    "a duplicate": (
        history(*read(A, B, C, B)),
        {Duplicate(B, (Place(0, 1), Place(0, 3)))},
    ),
    "a duplicate in another partition": (
        history(*read(A, B, C), *read(A, partition=1)),
        {Duplicate(A, (Place(0, 0), Place(1, 0)))},
    ),
    "a duplicate of a write that was never acknowledged": (
        history(*read(A, B, C, D, D), sent=[A, B, C, D]),
        {Duplicate(D, (Place(0, 3), Place(0, 4)))},
    ),
    "an offset going back": (
        history(*read(A, B, C), *read(B, first=1)),
        {ReadTwice("reader", Place(0, 1), 3)},
    ),
    "the same message twice": (
        history(*read(A, B), *read(B, C, first=1)),
        {ReadTwice("reader", Place(0, 1), 2)},
    ),
    "a group that reads again what it had not committed": (
        history(*read(A), Committed(0, 1), *read(B, first=1), *read(B, C, first=1)),
        set(),
    ),
    "a group that reads again what it had committed": (
        history(*read(A, B), Committed(0, 2), *read(B, C, first=1)),
        {ReadTwice("reader", Place(0, 1), 2)},
    ),
    "a committed offset going back": (
        history(*read(A, B, C), Committed(0, 3), Committed(0, 1)),
        {CommitWentBack("reader", 0, 3, 1)},
    ),
    "a skipped poll": (
        history(
            readings=[
                Reading("one", [*read(A), *read(C, first=2)], {0: 3}),
                Reading("two", read(A, B, C), {0: 3}),
            ]
        ),
        {Skipped("one", Place(0, 1))},
    ),
    "a first message that is not the first": (
        history(
            readings=[Reading("one", read(B, C, first=1)), Reading("two", read(A, B, C), {0: 3})]
        ),
        {Skipped("one", Place(0, 0))},
    ),
    "an offset without a record, as a transaction's marker": (
        history(
            *read(A),
            *read(B, C, first=2),
            acknowledged={A: Place(0, 0), B: Place(0, 2), C: Place(0, 3)},
        ),
        set(),
    ),
    "stored elsewhere than acknowledged": (
        history(*read(A, B, C), acknowledged={A: Place(0, 0), B: Place(0, 1), C: Place(1, 2)}),
        {Misplaced(C, Place(1, 2), Place(0, 2))},
    ),
    "two readers that see different values at one place": (
        history(
            readings=[
                Reading("one", read(A, B, C), {0: 3}),
                Reading("two", read(A, B, D)),
            ],
            sent=[A, B, C, D],
        ),
        {Diverged(Place(0, 2), (C, D))},
    ),
    "two writes in the wrong order": (
        history(*read(A, C, B), acknowledged={A: Place(0, 0), C: Place(0, 1), B: Place(0, 2)}),
        {Reordered(0, B, C)},
    ),
    "an aborted read": (
        history(*read(A, B, C, D), sent=[A, B, C, D], aborted={D}),
        {AbortedRead(D, Place(0, 3))},
    ),
    "a value that nobody sent": (
        history(*read(A, B, C, D)),
        {Phantom(D, Place(0, 3))},
    ),
    "a write without an answer, stored": (history(*read(A, B, C, D), sent=[A, B, C, D]), set()),
    "a write without an answer, not stored": (history(*read(A, B, C), sent=[A, B, C, D]), set()),
}


def test_every_kind_of_anomaly_is_planted() -> None:
    found = {type(anomaly) for _, planted in PLANTED.values() for anomaly in planted}
    assert found == set(Anomaly.__args__)


@pytest.mark.parametrize("name", PLANTED)
def test_the_checker_finds_exactly_what_is_planted(name: str) -> None:
    planted, expected = PLANTED[name]
    found = anomalies(planted)
    assert set(found) == expected
    assert len(found) == len(expected)


@dataclass
class Log:
    """An honest Kafka: what is appended stands there, in order, once."""

    partitions: dict[int, list[bytes]] = field(default_factory=dict)

    def append(self, partition: int, value: bytes) -> Place:
        log = self.partitions.setdefault(partition, [])
        log.append(value)
        return Place(partition, len(log) - 1)

    def full_reading(self) -> Reading:
        events = [event for p, log in self.partitions.items() for event in read(*log, partition=p)]
        return Reading("full", events, {p: len(log) for p, log in self.partitions.items()})


# Partition, and the outcome: acknowledged, stored without an answer, or not stored at all.
WRITES = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["acknowledged", "stored", "lost", "aborted"])),
    min_size=1,
    max_size=40,
)


def honest(writes: list[tuple[int, str]]) -> tuple[History, Log]:
    log, acknowledged, aborted = Log(), {}, set()
    for number, (partition, outcome) in enumerate(writes):
        value = b"%d" % number
        if outcome in ("acknowledged", "stored"):
            place = log.append(partition, value)
            if outcome == "acknowledged":
                acknowledged[value] = place
        elif outcome == "aborted":
            aborted.add(value)
    sent = [b"%d" % number for number in range(len(writes))]
    return History(sent, acknowledged, aborted, [log.full_reading()]), log


@given(WRITES, st.data())
def test_an_honest_history_has_no_anomaly(
    writes: list[tuple[int, str]], data: st.DataObject
) -> None:
    written, log = honest(writes)
    member = Reading("member", member_events(log, data))
    assert anomalies(replace(written, readings=[*written.readings, member])) == ()


def member_events(log: Log, data: st.DataObject) -> list[Read | Committed]:
    """A group's member that commits, loses its partitions and begins again at its commit."""
    events: list[Read | Committed] = [Committed(p, 0) for p in log.partitions]
    position = dict.fromkeys(log.partitions, 0)
    committed = dict(position)
    for _ in range(data.draw(st.integers(0, 12))):
        partition = data.draw(st.sampled_from(sorted(position) or [0]))
        step = data.draw(st.sampled_from(["read", "read", "commit", "rebalance"]))
        if partition not in position:
            break
        values = log.partitions[partition]
        if step == "read" and position[partition] < len(values):
            at = position[partition]
            events += read(values[at], partition=partition, first=at)
            position[partition] += 1
        elif step == "commit":
            committed[partition] = position[partition]
            events.append(Committed(partition, committed[partition]))
        elif step == "rebalance":
            position[partition] = committed[partition]
    return events


@given(WRITES.filter(lambda writes: any(o == "acknowledged" for _, o in writes)), st.data())
def test_any_lost_acknowledged_write_is_found(
    writes: list[tuple[int, str]], data: st.DataObject
) -> None:
    written, _ = honest(writes)
    value = data.draw(st.sampled_from(sorted(written.acknowledged)))
    (reading,) = written.readings
    kept = [event for event in reading.events if getattr(event, "value", None) != value]
    found = anomalies(replace(written, readings=[replace(reading, events=kept)]))
    assert LostWrite(value, written.acknowledged[value]) in found


@given(WRITES.filter(lambda writes: any(o != "aborted" for _, o in writes)), st.data())
def test_any_value_stored_twice_is_found(
    writes: list[tuple[int, str]], data: st.DataObject
) -> None:
    written, log = honest([(p, "stored" if o == "lost" else o) for p, o in writes])
    value = data.draw(st.sampled_from([v for values in log.partitions.values() for v in values]))
    log.append(data.draw(st.integers(0, 2)), value)
    found = anomalies(replace(written, readings=[log.full_reading()]))
    assert [anomaly.value for anomaly in found if isinstance(anomaly, Duplicate)] == [value]


@given(WRITES.filter(lambda writes: any(n > 1 for n in stored_in_each(writes))), st.data())
def test_any_two_writes_that_changed_places_are_found(
    writes: list[tuple[int, str]], data: st.DataObject
) -> None:
    written, log = honest(writes)
    partition = data.draw(st.sampled_from([p for p, v in log.partitions.items() if len(v) > 1]))
    values = log.partitions[partition]
    first, later = sorted(data.draw(st.permutations(range(len(values))))[:2])
    before, after = values[first], values[later]
    values[first], values[later] = after, before
    # The brokers' answers tell the same places as the readers: the order alone is wrong.
    places = {v: Place(p, n) for p, each in log.partitions.items() for n, v in enumerate(each)}
    acknowledged = {value: places[value] for value in written.acknowledged}
    planted = replace(written, acknowledged=acknowledged, readings=[log.full_reading()])
    found = anomalies(planted)
    assert Reordered(partition, before, after) in found
    assert {type(anomaly) for anomaly in found} == {Reordered}


def stored_in_each(writes: list[tuple[int, str]]) -> list[int]:
    """Return how many values each partition holds."""
    stored = [partition for partition, outcome in writes if outcome in ("acknowledged", "stored")]
    return [stored.count(partition) for partition in set(stored)]
