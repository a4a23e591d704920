"""Lag and throughput as the console keeps them: rings, their file, and who fills them."""

import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop import logs
from kafka_workshop.clock import now_ms
from kafka_workshop.console.history import store
from kafka_workshop.console.history.recording import Recorder
from kafka_workshop.console.history.ring import Ring
from kafka_workshop.console.history.series import (
    COARSE_MS,
    COARSE_SIZE,
    FINE_MS,
    FINE_SIZE,
    MAX_SERIES,
    History,
    Kind,
    Span,
)
from kafka_workshop.console.model import Group, GroupPartition, Partition, Snapshot, Topic
from kafka_workshop.console.state import ClusterState
from tests.console.visiting import LOG

NOON = 1_767_268_800_000
HOUR_MS = 3_600_000
LOGGER = logs.configure(LOG, "test")


@given(
    size=st.integers(1, 8),
    puts=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 1_000)), max_size=30),
)
def test_a_ring_holds_the_newest_values_of_the_newest_slots(
    size: int, puts: list[tuple[int, int]]
) -> None:
    ring, expected = Ring(1_000, size), dict[int, float]()
    newest = -1
    for slot, value in puts:
        if slot <= newest - size:  # the clock was set back
            expected, newest = {}, slot
        newest = max(newest, slot)
        expected[slot] = float(value)
        expected = {s: v for s, v in expected.items() if s > newest - size}
        ring.put(slot, value)
    assert {s: v for s in range(60) if (v := ring.at(s)) is not None} == expected
    again = Ring.load(1_000, size, ring.newest, ring.dump())
    assert [again.at(slot) for slot in range(60)] == [ring.at(slot) for slot in range(60)]


def filled(kind: Kind, values: list[tuple[int, float]]) -> History:
    history = History("id")
    for seconds, value in values:
        history.record("id", kind, NOON + seconds * 1000, {"one": value})
    return history


def points(history: History, kind: Kind, span: Span, at_ms: int) -> list[tuple[int, float | None]]:
    """The seconds since noon and the values of a window."""
    window = history.window(kind, "one", span, at_ms)
    assert window is not None
    return [((at - NOON) // 1000, value) for at, value in window.points]


def test_an_hour_has_steps_of_five_seconds_and_a_gap_where_nothing_was_known() -> None:
    history = filled("topic", [(0, 1), (3, 2), (5, 4), (30, 8), (35, 16)])
    assert points(history, "topic", "hour", NOON + 40_000) == [
        (0, 2.0),
        (5, 4.0),
        (10, None),
        (30, 8.0),
        (35, 16.0),
    ]


def test_what_breaks_off_for_good_ends_in_a_gap() -> None:
    history = filled("topic", [(0, 1)])
    assert points(history, "topic", "hour", NOON + 5_000) == [(0, 1.0)]
    assert points(history, "topic", "hour", NOON + 10_000) == [(0, 1.0), (5, None)]
    assert points(history, "topic", "hour", NOON + 2 * HOUR_MS) == []


@pytest.mark.parametrize(("kind", "expected"), [("topic", 20.0), ("group", 50.0)])
def test_a_minute_of_throughput_is_its_mean_and_one_of_lag_its_highest(
    kind: Kind, expected: float
) -> None:
    history = filled(kind, [(0, 0), (5, 10), (10, 50), (60, 7)])
    assert points(history, kind, "day", NOON + 70_000) == [(0, expected), (60, 7.0)]


def test_a_window_ends_now_and_is_as_long_as_the_ring() -> None:
    history = filled("topic", [(0, 1)])
    spans: dict[Span, tuple[int, int]]
    spans = {"hour": (FINE_MS, FINE_SIZE), "day": (COARSE_MS, COARSE_SIZE)}
    for span, (step, size) in spans.items():
        window = history.window("topic", "one", span, NOON + 1)
        assert window is not None
        assert window.end_ms - window.start_ms == step * size
        assert 0 <= window.end_ms - (NOON + 1) <= step
    assert history.window("group", "one", "hour", NOON) is None


def test_where_there_is_no_room_the_largest_are_kept_and_the_silent_give_way() -> None:
    history = History("id", limit=2)
    history.record("id", "topic", NOON, {"small": 1.0, "large": 9.0, "middle": 5.0})
    assert history.window("topic", "small", "hour", NOON) is None
    assert history.full("topic")
    assert not history.full("group")
    later = NOON + HOUR_MS
    history.record("id", "topic", later - FINE_MS, {"large": 9.0, "small": 1.0})
    assert history.window("topic", "small", "hour", later) is None
    history.record("id", "topic", later, {"large": 9.0, "small": 1.0})
    assert history.window("topic", "small", "hour", later) is not None
    assert history.window("topic", "middle", "hour", later) is None


def test_another_clusters_history_is_forgotten() -> None:
    history = filled("topic", [(0, 1)])
    history.record("another", "group", NOON, {"one": 3.0})
    assert history.window("topic", "one", "hour", NOON) is None
    assert points(history, "group", "hour", NOON) == [(0, 3.0)]


def test_what_was_saved_is_there_again_and_stays_small(tmp_path: Path) -> None:
    history, path = History("id"), tmp_path / "console" / "history"
    names = [f"topic-{n}" for n in range(MAX_SERIES + 50)]
    for step in range(FINE_SIZE // 8):
        values = {name: float(n * step % 97) for n, name in enumerate(names)}
        history.record("id", "topic", NOON + step * FINE_MS, values)
    store.save(history, path)
    assert path.stat().st_size < 3_000_000
    assert [p.name for p in path.parent.iterdir()] == ["history"]
    again = History()
    store.restore(again, path)
    assert again.cluster == "id"
    assert len(again.all()) == MAX_SERIES
    for name, series in history.all():
        window = again.window("topic", name, "hour", NOON + HOUR_MS)
        assert window == series.window("hour", NOON + HOUR_MS)


def damaged() -> Iterator[bytes]:
    yield b""
    yield b"no history"
    yield zlib.compress(b"no history")
    yield zlib.compress(b"\0" * 9_000_000)
    yield zlib.compress(msgspec.msgpack.encode({"version": 1, "cluster": "x", "series": [1]}))
    yield zlib.compress(msgspec.msgpack.encode({"version": 2, "cluster": "x", "series": []}))
    short = ["topic", "one", 0, b"1234", 0, b"1234"]
    yield zlib.compress(msgspec.msgpack.encode({"version": 1, "cluster": "", "series": [short]}))
    whole = filled("topic", [(0, 1)])
    ring = whole.all()[0][1].fine.dump()
    far = ["topic", "one", 2**60, ring, 0, whole.all()[0][1].coarse.dump()]
    yield zlib.compress(msgspec.msgpack.encode({"version": 1, "cluster": "", "series": [far]}))


@pytest.mark.parametrize("content", list(damaged()), ids=range(8))
def test_a_damaged_file_is_refused_and_changes_nothing(tmp_path: Path, content: bytes) -> None:
    history, path = filled("topic", [(0, 1)]), tmp_path / "history"
    path.write_bytes(content)
    with pytest.raises(store.Unreadable):
        store.restore(history, path)
    assert points(history, "topic", "hour", NOON) == [(0, 1.0)]


def test_a_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "history"
    store.save(filled("topic", [(0, 1)]), path)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(store.Unreadable):
        store.restore(History(), path)


def seen(at_ms: int, end: int, committed: int | None) -> Snapshot:
    place = GroupPartition("orders", 0, committed, 0, end)
    topic = Topic("orders", (Partition(0, 1, (1,), (1,), 0, end),))
    group = Group("readers", "Stable", 1, "", (), (place,))
    return Snapshot(at_ms, "id", (), (topic,), (group,), measured_ms=at_ms)


def test_what_the_poller_learns_is_kept_and_outlives_the_console(tmp_path: Path) -> None:
    path, began = tmp_path / "console" / "history", now_ms() - 60_000
    state, history = ClusterState(), History()
    recorder = Recorder(state, history, path, LOGGER)
    assert recorder.look(None) is None
    recorder.save()
    assert not path.parent.exists(), "nothing is known yet, so nothing is written"
    for step in range(3):
        at_ms = began + step * FINE_MS
        state.succeeded(seen(at_ms, 100 * step, 50 * step if step else None))
        assert recorder.look(None) == at_ms
        recorder.look(None)
    recorder.save()
    again = History()
    Recorder(ClusterState(), again, path, LOGGER).look(None)
    for kept in (history, again):
        rates = kept.window("topic", "orders", "hour", now_ms())
        lags = kept.window("group", "readers", "hour", now_ms())
        assert rates is not None
        assert lags is not None
        assert [v for _, v in rates.points if v is not None] == [20.0, 20.0]
        assert [v for _, v in lags.points if v is not None] == [50.0, 100.0]


def test_while_the_brokers_are_silent_nothing_is_kept(tmp_path: Path) -> None:
    state, history = ClusterState(), History()
    recorder = Recorder(state, history, None, LOGGER)
    at_ms = now_ms()
    state.succeeded(seen(at_ms, 100, 50))
    recorder.look(None)
    state.succeeded(replace(seen(at_ms + 1, 900, 50), measured_ms=at_ms))
    recorder.look(None)
    window = history.window("group", "readers", "hour", now_ms())
    assert window is not None
    assert [value for _, value in window.points] == [50.0]
    recorder.save()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_read_or_written_is_said_and_does_no_harm(tmp_path: Path) -> None:
    occupied = tmp_path / "console"
    occupied.write_text("a file where the folder should be")
    state, history = ClusterState(), History()
    recorder = Recorder(state, history, occupied / "history", LOGGER)
    state.succeeded(seen(now_ms(), 100, 50))
    recorder.look(None)
    recorder.save()
    assert history.window("group", "readers", "hour", now_ms()) is not None
    broken = tmp_path / "broken"
    broken.write_bytes(b"no history")
    Recorder(state, history, broken, LOGGER).look(None)
    assert history.window("group", "readers", "hour", now_ms()) is not None
