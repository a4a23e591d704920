"""The read model: what stays when brokers go, what a rate is, what lag means."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from confluent_kafka import KafkaError, KafkaException

from kafka_workshop import language, logs
from kafka_workshop.clock import Deadline
from kafka_workshop.console.coordination import Coordinated, merged
from kafka_workshop.console.diagnosis import Failure, Refused, diagnose
from kafka_workshop.console.model import Broker, Group, GroupPartition, Partition, Snapshot, Topic
from kafka_workshop.console.reading import Limits, Query, Reader
from kafka_workshop.console.state import ClusterState, Poller, View, stale_text
from kafka_workshop.messaging.reach import Problem
from kafka_workshop.settings import LogSettings
from tests.console.running import free_port

LOGGER = logs.configure(LogSettings("ERROR", "json", 1), "test")
GROUP = Group("g", "Stable", 1, "range", (), ())
FAILURE = Failure((("127.0.0.1:9091", Problem.REFUSED),), "timed out")


def snapshot(at_ms: int, end: int = 10, brokers: tuple[int, ...] = (1, 2)) -> Snapshot:
    online = tuple(Broker(b, "host", 9090 + b, controller=b == brokers[0]) for b in brokers)
    partition = Partition(0, brokers[0], (1, 2), brokers, 0, end)
    return Snapshot(at_ms, "id", online, (Topic("t", (partition,)),), (), at_ms)


def test_a_broker_that_disappears_stays_as_offline() -> None:
    state = ClusterState()
    state.succeeded(snapshot(1_000))
    state.succeeded(snapshot(2_000, brokers=(2,)))
    first, second = state.view.brokers
    assert (first.id, first.online, first.address, first.controller) == (
        1,
        False,
        "host:9091",
        False,
    )
    assert (second.online, second.controller, second.leaders, second.in_sync) == (True, True, 1, 1)
    assert first.replicas == 1


def test_a_broker_known_only_as_a_replica_is_shown_offline() -> None:
    state = ClusterState()
    state.succeeded(snapshot(1_000, brokers=(2,)))
    unseen = state.view.brokers[0]
    assert (unseen.id, unseen.online, unseen.address) == (1, False, "")


def test_a_failure_keeps_what_was_known_and_since_when() -> None:
    state = ClusterState()
    state.succeeded(snapshot(1_000))
    state.failed(FAILURE, 5_000)
    state.failed(FAILURE, 7_000)
    view = state.view
    assert view.snapshot is not None
    assert (view.snapshot.at_ms, view.failing_since_ms, view.answering) == (1_000, 5_000, False)
    assert not any(b.online for b in view.brokers)
    state.succeeded(snapshot(9_000))
    assert (state.view.answering, state.view.failing_since_ms) == (True, None)


def test_the_rate_is_what_was_written_over_the_time_and_never_negative() -> None:
    state = ClusterState()
    state.succeeded(snapshot(1_000, end=10))
    assert state.view.rates == {}
    state.succeeded(snapshot(3_000, end=30))
    assert state.view.rates == {"t": 10.0}
    state.succeeded(snapshot(5_000, end=2))
    assert state.view.rates == {"t": 0.0}


def test_offsets_that_were_not_asked_for_again_leave_the_rate_as_it_is() -> None:
    state = ClusterState()
    state.succeeded(snapshot(1_000, end=10))
    state.succeeded(snapshot(3_000, end=30))
    state.succeeded(replace(snapshot(5_000, end=30), measured_ms=3_000))
    assert state.view.rates == {"t": 10.0}
    state.succeeded(snapshot(5_000, end=50))
    assert state.view.rates == {"t": 10.0}


def test_a_snapshot_that_grows_old_is_not_called_the_present() -> None:
    view = View(snapshot(1_000))
    assert (view.answering, view.stale) == (True, False)
    old = replace(view, fresh=Deadline(0.0))
    assert (old.answering, old.stale) == (False, True)
    assert "seconds ago" in stale_text(old)
    assert [b.online for b in old.brokers] == [True, True]


def test_what_is_learnt_first_is_shown_while_the_rest_is_asked_for() -> None:
    state, seen = ClusterState(), list[Snapshot | None]()

    def observe(_: Snapshot | None) -> Iterator[Snapshot]:
        yield snapshot(1_000)
        seen.append(state.view.snapshot)
        yield replace(snapshot(1_000), groups=(GROUP,))

    state.succeeded(snapshot(500))
    Poller(state, observe, (), LOGGER).poll()
    first, last = seen[0], state.view.snapshot
    assert first is not None
    assert last is not None
    assert (first.groups, last.groups) == ((), (GROUP,))


def test_a_group_stays_while_its_coordinator_moves_and_goes_when_all_brokers_deny_it() -> None:
    kept = replace(GROUP, current=False)
    assert merged({1: ()}, [GROUP], {1, 2}, ()) == (kept,)
    assert merged({2: ()}, [GROUP], {2}, ()) == (kept,)
    assert merged({1: (), 2: ()}, [GROUP], {1, 2}, ()) == ()
    moved = Coordinated("g", "Empty", 2, "", (), {("t", 0): 4})
    partition = Topic("t", (Partition(0, 1, (1,), (1,), 0, 9),))
    (group,) = merged({2: (moved,)}, [GROUP], {2}, (partition,))
    assert (group.coordinator, group.state, group.lag) == (2, "Empty", 5)


def test_what_a_group_passes_is_summed_by_topic_and_unknown_while_nobody_tells() -> None:
    def committed(at_ms: int, first: int, second: int, current: bool = True) -> Snapshot:
        places = tuple(GroupPartition("t", n, at, 0, 99) for n, at in enumerate((first, second)))
        group = replace(GROUP, partitions=places, current=current)
        return replace(snapshot(at_ms), groups=(group,))

    state = ClusterState()
    state.succeeded(committed(1_000, 5, 5))
    assert state.view.committed == {}
    state.succeeded(committed(3_000, 15, 25))
    assert state.view.committed == {("g", "t"): 15.0}
    state.succeeded(committed(5_000, 15, 25, current=False))
    assert state.view.committed == {}
    state.succeeded(committed(7_000, 35, 35))
    assert state.view.committed == {("g", "t"): 10.0}


def test_a_count_with_an_unknown_partition_is_unknown() -> None:
    known, unknown = Partition(0, 1, (1,), (1,), 5, 9), Partition(1, None, (1,), ())
    assert Topic("t", (known,)).count == 4
    assert Topic("t", (known, unknown)).count is None


def test_no_committed_offset_is_not_lag_zero() -> None:
    done = GroupPartition("t", 0, committed=9, start=0, end=9)
    never = GroupPartition("t", 1, committed=None, start=0, end=9)
    behind = GroupPartition("t", 2, committed=2, start=5, end=9)
    group = Group("g", "Stable", 1, "range", (), (done, never, behind))
    assert [p.lag for p in group.partitions] == [0, None, 4]
    assert (group.lag, group.uncommitted) == (4, 1)
    assert replace(group, partitions=(never,)).lag is None


def test_the_reason_is_in_the_language_of_whoever_reads_it() -> None:
    assert FAILURE.text() == "127.0.0.1:9091: nothing listens there"
    language.use("pt-BR")
    assert FAILURE.text() == "127.0.0.1:9091: nada escuta ali"


def test_a_diagnosis_tells_a_closed_port_from_an_unknown_name() -> None:
    servers = (f"127.0.0.1:{free_port()}", "no-such-host.invalid:9092")
    problems = [problem for _, problem in diagnose(servers, RuntimeError()).servers]
    assert problems == [Problem.REFUSED, Problem.UNRESOLVED]


def test_the_poller_outlives_any_error_and_keeps_the_last_snapshot() -> None:
    answers: list[Snapshot | Exception] = [
        RuntimeError("unforeseen"),
        KafkaException(KafkaError(KafkaError._TRANSPORT)),
        snapshot(1_000),
    ]

    def observe(_: Snapshot | None) -> Iterator[Snapshot]:
        answer = answers.pop()
        if isinstance(answer, Exception):
            raise answer
        yield answer

    state = ClusterState()
    # No server to connect to first: what is asked is only `observe`.
    poller = Poller(state, observe, (), LOGGER)
    state.succeeded(snapshot(500))
    poller.poll()
    assert state.view.answering
    poller.poll()
    assert state.view.failure is not None
    assert state.view.snapshot is not None
    assert state.view.snapshot.at_ms == 1_000


def test_a_read_without_brokers_ends_in_time_with_a_sentence() -> None:
    servers = (f"127.0.0.1:{free_port()}",)
    started = time.monotonic()
    with pytest.raises(Refused, match="No broker answered in time; nothing was read"):
        Reader(servers, Limits(seconds=1.0)).read(Query("any"))
    assert time.monotonic() - started < 4.0
