"""kafka-python in librdkafka's words: what its errors, answers and rebalances mean to a stage.

The library's own bookkeeping of transactions and claims runs here; only its network is left out.
"""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from kafka import TopicPartition as Place
from kafka.consumer.fetcher import ConsumerRecord
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.base import Generation
from kafka.errors import (
    FencedInstanceIdError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    OffsetOutOfRangeError,
    OutOfOrderSequenceNumberError,
    ProducerFencedError,
    RetriableError,
    UnknownMemberIdError,
)
from kafka.future import Future
from kafka.producer.transaction_manager import TransactionManager, TransactionState
from kafka.protocol.consumer.metadata import ConsumerProtocolAssignment
from kafka.record import MemoryRecords, MemoryRecordsBuilder
from kafka.structs import ConsumerGroupMetadata, OffsetAndMetadata

from kafka_workshop.errors import Fenced, ServiceFailed, WorkshopError
from kafka_workshop.messaging import config
from kafka_workshop.messaging.confluent import message_of as value_of
from kafka_workshop.messaging.stage_clients import library_errors
from kafka_workshop.messaging.stage_clients.kafka_python_group import Callbacks, Membership
from kafka_workshop.messaging.stage_clients.kafka_python_reader import message_of
from kafka_workshop.messaging.stage_clients.kafka_python_writer import KafkaPythonWriter
from kafka_workshop.monitor.stage.sending import Aborted, translated

SERVERS = ("broker-1:9091", "broker-2:9092")
HERE = ConsumerGroupMetadata("g", 3, "member", None)


class Outlet:
    """The library's producer without its network; records are answered when the test says so."""

    def __init__(self) -> None:
        self._transaction_manager = TransactionManager("t", 10_000, 20, (3, 9))
        self._sender = SimpleNamespace(wakeup=lambda: None)
        self.sent: list[tuple[Any, ...]] = []
        self.futures: list[Any] = []

    def send(self, *record: Any) -> Any:
        self.sent.append(record)
        self.futures.append(Future())
        return self.futures[-1]

    def begin_transaction(self) -> None:
        self._transaction_manager.begin_transaction()

    def flush(self, seconds: float) -> None:
        raise KafkaTimeoutError(f"not within {seconds} s")


@pytest.fixture
def outlet() -> Outlet:
    return Outlet()


@pytest.fixture
def writer(outlet: Outlet) -> KafkaPythonWriter:
    """One that has its identity, in a transaction."""
    transactions = outlet._transaction_manager
    opened = KafkaPythonWriter(outlet)
    transactions.initialize_transactions()
    transactions._pending_requests.clear()
    transactions._transition_to(TransactionState.READY)
    opened.begin_transaction()
    return opened


def error_of(call: Callable[[], object]) -> KafkaError:
    with pytest.raises(KafkaException) as raised:
        call()
    error: KafkaError = raised.value.args[0]
    return error


def meaning(error: KafkaError) -> type[WorkshopError]:
    """What a stage does about it."""
    return type(translated(error))


def test_a_time_out_is_asked_again_and_goes_on_with_the_same_request(outlet: Outlet) -> None:
    writer, transactions = KafkaPythonWriter(outlet), outlet._transaction_manager
    assert error_of(lambda: writer.init_transactions(0)).retriable()
    assert error_of(lambda: writer.init_transactions(0)).retriable()
    ((_, _, request),) = transactions._pending_requests
    request.result.done()
    writer.init_transactions(0)


def test_a_record_that_was_not_stored_aborts_though_the_library_would_commit(
    writer: KafkaPythonWriter, outlet: Outlet
) -> None:
    heard: list[Any] = []
    writer.produce("out", b"1", b"k", 0, on_delivery=lambda error, _: heard.append(error))
    assert error_of(lambda: writer.commit_transaction(0)).retriable(), "its answer is missing"
    outlet.futures[0].failure(KafkaTimeoutError("expired"))
    error = error_of(lambda: writer.commit_transaction(0))
    assert meaning(error) is Aborted
    assert [each.code() for each in heard] == [KafkaError._TIMED_OUT]
    assert not outlet._transaction_manager.has_error(), "the library has nothing against it"
    assert not outlet._transaction_manager._pending_requests, "no commit was asked for"


def test_a_commit_waits_for_every_answer_and_the_next_transaction_forgets_failures(
    writer: KafkaPythonWriter, outlet: Outlet
) -> None:
    writer.produce("out", b"1", b"k", 0)
    outlet.futures[0].failure(KafkaTimeoutError("expired"))
    assert writer.flush(0) == 0
    outlet._transaction_manager._transition_to(TransactionState.ABORTING_TRANSACTION)
    outlet._transaction_manager._complete_transaction()
    writer.begin_transaction()
    writer.produce("out", b"1", b"k", 0)
    outlet.futures[1].success(None)
    assert error_of(lambda: writer.commit_transaction(0)).retriable()
    ((_, _, request),) = outlet._transaction_manager._pending_requests
    outlet._transaction_manager._complete_transaction()
    request.result.done()
    writer.commit_transaction(0)


def test_offsets_that_an_aborted_transaction_could_not_commit_are_forgotten(
    writer: KafkaPythonWriter, outlet: Outlet
) -> None:
    transactions = outlet._transaction_manager
    transactions._pending_txn_offset_commits[Place("in", 0)] = OffsetAndMetadata(7, "", -1)
    transactions._transition_to(TransactionState.ABORTING_TRANSACTION)
    transactions._complete_transaction()
    writer.begin_transaction()
    assert not transactions._pending_txn_offset_commits
    at = [TopicPartition("in", 1, 9, "tally")]
    assert error_of(lambda: writer.send_offsets_to_transaction(at, HERE, 0)).retriable()
    ((_, _, request),) = transactions._pending_requests
    assert request.offsets == {Place("in", 1): OffsetAndMetadata(9, "tally", -1)}
    assert request.group_metadata == HERE


def test_offsets_of_another_generation_abort(writer: KafkaPythonWriter, outlet: Outlet) -> None:
    at = [TopicPartition("in", 1, 9)]
    assert error_of(lambda: writer.send_offsets_to_transaction(at, HERE, 0)).retriable()
    ((_, _, request),) = outlet._transaction_manager._pending_requests
    request.abortable_error(UnknownMemberIdError("stale"))
    error = error_of(lambda: writer.send_offsets_to_transaction(at, HERE, 0))
    assert meaning(error) is Aborted


@pytest.mark.parametrize(
    ("cause", "means"),
    [(ProducerFencedError(), Fenced), (OutOfOrderSequenceNumberError(), ServiceFailed)],
)
def test_one_that_was_fenced_or_lost_count_says_so_with_every_call(
    writer: KafkaPythonWriter, outlet: Outlet, cause: Exception, means: type
) -> None:
    transactions = outlet._transaction_manager
    assert transactions.classify_batch_error(cause, None) == transactions.ERROR_CLASS_FATAL
    transactions.transition_to_fatal_error(cause)
    for call in (
        lambda: writer.commit_transaction(0),
        lambda: writer.abort_transaction(0),
        lambda: writer.send_offsets_to_transaction([], HERE, 0),
    ):
        assert meaning(error_of(call)) is means
    writer.begin_transaction()  # says nothing: its first record does


def test_nulls_are_stored_as_nulls(writer: KafkaPythonWriter, outlet: Outlet) -> None:
    headers: list[tuple[str, str | bytes | None]] = [("a", None), ("b", b""), ("c", b"1")]
    writer.produce("out", None, None, headers=headers)
    writer.produce("out", None, b"k", 2)
    written = MemoryRecordsBuilder(magic=2, compression_type=0, batch_size=10_000)
    for _, value, key, sent, _ in outlet.sent:
        assert isinstance(value or key, bytes), "the library refuses null"
        assert all(isinstance(text, bytes) for _, text in sent)
        written.append(None, key, value, sent)
    assert [to for *_, to in outlet.sent] == [None, 2]
    written.close()
    stored = list(MemoryRecords(written.buffer()).next_batch())
    assert [(r.key, r.value, r.headers) for r in stored] == [
        (None, None, headers),
        (b"k", None, []),
    ]


def test_a_letter_that_is_too_large_is_told_as_such() -> None:
    error = library_errors.abortable(MessageSizeTooLargeError())
    assert error.code() == KafkaError.MSG_SIZE_TOO_LARGE
    assert meaning(error) is Aborted


def test_a_reader_that_cannot_go_on_says_why() -> None:
    gone = library_errors.of_reading(OffsetOutOfRangeError({Place("in", 0): 5}))
    assert gone.code() == KafkaError._AUTO_OFFSET_RESET
    assert "group.instance.id" in library_errors.of_reading(FencedInstanceIdError()).str()


def test_a_record_has_all_that_librdkafka_tells_of_it() -> None:
    headers = [("a", b"1"), ("b", None)]
    record = ConsumerRecord(
        *("in", 2, 0, 41, 1_700_000_000_000, 0, b"k", None, headers, None, 1, -1, 3)
    )
    message = message_of(record)
    assert message.error() is None
    assert value_of(message) == value_of(message_of(record))
    value = value_of(message)
    assert (value.topic, value.partition, value.offset) == ("in", 2, 41)
    assert (value.timestamp_ms, value.key, value.value) == (1_700_000_000_000, b"k", None)
    assert value.headers == (("a", b"1"), ("b", None))


class Group:
    """The library's member without its network; `during` happens while it is polled."""

    def __init__(self) -> None:
        self.is_stable = False
        self.assignor = CooperativeStickyAssignor()
        self._coordinator = SimpleNamespace(
            _assignors={CooperativeStickyAssignor.name: self.assignor},
            _generation=Generation.NO_GENERATION,
            _heartbeat_enabled=True,
            _join_task=None,
            _offset_fetch_futures={},
            group_instance_id="one",
            stable=lambda: self.is_stable,
        )
        self._net = SimpleNamespace(sleep=asyncio.sleep)
        self.owned: set[Any] = set()
        self.rested: list[Any] = []
        self.listener: Any = None
        self.during: Callable[[], None] = lambda: None

    def partitions_for_topic(self, _topic: str) -> set[int]:
        return {0, 1, 2}

    def subscribe(self, _topics: list[str], listener: Any) -> None:
        self.listener = listener

    def poll(self, _timeout_ms: int, _most: int) -> None:
        during, self.during = self.during, lambda: None
        during()

    def assignment(self) -> set[Any]:
        return set(self.owned)

    def seek(self, place: Any, _offset: int) -> None:
        self.rested.append(place)

    def pause(self, place: Any) -> None:
        assert self.rested[-1] == place

    def group_metadata(self) -> Any:
        generation = self._coordinator._generation
        return ConsumerGroupMetadata("g", generation.generation_id, generation.member_id, None)

    def joins(self, generation: int, *numbers: int) -> None:
        """Join as the library does: claims first, then callbacks while `poll` waits."""
        self.is_stable = False
        self.assignor.metadata(["in"])
        self._coordinator._generation = Generation(generation, "member", "cooperative-sticky")
        new, before = {Place("in", number) for number in numbers}, self.owned
        self.owned, self.is_stable = new, True
        parts = [("in", sorted(numbers))] if numbers else []
        self.assignor.on_assignment(ConsumerProtocolAssignment(1, parts, b""), generation)
        if before - new:
            asyncio.run(self.listener.on_partitions_revoked(before - new))
        if new - before:
            asyncio.run(self.listener.on_partitions_assigned(new - before))

    def claims(self) -> list[int]:
        """What it would say it owns."""
        stated = self.assignor.metadata(["in"]).owned_partitions
        return [number for each in stated for number in each.partitions]


class Heard(list[tuple[str, list[int]]]):
    """What a stage is told of rebalances, in order."""

    def callbacks(self) -> Callbacks:
        return Callbacks(self._as("assigned"), self._as("revoked"), self._as("lost"))

    def _as(self, what: str) -> Callable[[Any, list[TopicPartition]], None]:
        return lambda _, places: self.append((what, [place.partition for place in places]))


@pytest.fixture
def group() -> Group:
    return Group()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def membership(group: Group, heard: Heard) -> Membership:
    joined = Membership(group)
    joined.join(object(), ["in"], heard.callbacks())
    return joined


def rebalance(membership: Membership, group: Group, generation: int, *numbers: int) -> None:
    group.during = lambda: group.joins(generation, *numbers)
    membership.serve(0)


def test_partitions_come_once_and_go_before_anybody_else_has_them(
    membership: Membership, group: Group, heard: Heard
) -> None:
    membership.serve(0)
    assert not heard, "not joined yet"
    rebalance(membership, group, 1, 0, 1, 2)
    membership.serve(0)
    assert heard == [("assigned", [0, 1, 2])]
    assert set(group.rested) == group.owned, "the member itself reads nothing"
    told_while_polled: list[object] = []

    def revoked() -> None:
        group.joins(2, 0, 1)
        told_while_polled.extend(heard[1:])

    group.during = revoked
    membership.serve(0)
    assert told_while_polled == [("revoked", [2])]
    assert group.claims() == [0, 1]
    assert membership.identity().generation_id == 2


def test_joined_with_nothing_is_told_once(
    membership: Membership, group: Group, heard: Heard
) -> None:
    rebalance(membership, group, 1)
    rebalance(membership, group, 2)
    assert heard == [("assigned", [])]


def test_one_that_was_thrown_out_neither_commits_nor_claims_what_it_had(
    membership: Membership, group: Group, heard: Heard
) -> None:
    rebalance(membership, group, 1, 0, 1)
    group._coordinator._generation = Generation.NO_GENERATION
    group.is_stable = False
    assert meaning(error_of(membership.identity)) is Aborted
    # It joins again without the library's word of what was lost, and gets some of it back.
    rebalance(membership, group, 5, 1, 2)
    assert heard[1:] == [("lost", [0, 1]), ("assigned", [1, 2])]
    assert membership.identity().generation_id == 5


def test_a_new_membership_commits_nothing_of_the_one_before(
    membership: Membership, group: Group
) -> None:
    rebalance(membership, group, 1, 0, 1)
    group._coordinator._generation = Generation.NO_GENERATION
    assert group.claims() == []
    # The answer to its request to join has come meanwhile, and the stage has not been told yet.
    group._coordinator._generation = Generation(2, "other", "cooperative-sticky")
    assert meaning(error_of(membership.identity)) is Aborted


def test_what_the_library_calls_lost_is_lost(
    membership: Membership, group: Group, heard: Heard
) -> None:
    rebalance(membership, group, 1, 0, 1)

    def lose() -> None:
        asyncio.run(group.listener.on_partitions_lost(group.owned))
        group.owned = set()

    group.during = lose
    membership.serve(0)
    assert heard[1:] == [("lost", [0, 1])]


def test_what_a_callback_raises_is_raised_where_the_stage_asked(
    membership: Membership, group: Group, heard: Heard
) -> None:
    rebalance(membership, group, 1, 0)

    def refuse(_reader: object, _places: list[TopicPartition]) -> None:
        raise ServiceFailed("no commit")

    membership.join(object(), ["in"], heard.callbacks()._replace(revoked=refuse))
    with pytest.raises(ServiceFailed, match="no commit"):
        rebalance(membership, group, 2)


def test_one_whose_name_another_has_joined_with_is_told_though_the_library_is_silent(
    membership: Membership, group: Group
) -> None:
    rebalance(membership, group, 1, 0)
    group._coordinator._heartbeat_enabled = False
    error = error_of(lambda: membership.serve(0))
    assert "group.instance.id" in error.str()


def test_what_passes_by_itself_is_waited_for(membership: Membership, group: Group) -> None:
    def away() -> None:
        raise RetriableError("no coordinator")

    group.during = away
    membership.serve(0)


def test_the_settings_of_both_libraries_stages_promise_the_same() -> None:
    ours = config.confluent_transactional(SERVERS, "t")
    theirs = config.kafka_python_stage_writer(SERVERS, "t", 1.0)
    for name, other in {
        "message.timeout.ms": "delivery_timeout_ms",
        "transaction.timeout.ms": "transaction_timeout_ms",
        "transactional.id": "transactional_id",
        "message.max.bytes": "max_request_size",
        "enable.idempotence": "enable_idempotence",
        "acks": "acks",
    }.items():
        assert ours[name] == theirs[other], name
    lingering = int(str(theirs["linger_ms"])) + int(str(theirs["request_timeout_ms"]))
    assert int(str(theirs["delivery_timeout_ms"])) >= lingering, "the library insists"
    member = config.kafka_python_stage_member(SERVERS, "g", "one", 1.0, (object,))
    plain = config.stage_consumer(SERVERS, "g", "one")
    assert member["group_instance_id"] == plain["group.instance.id"] == "one"
    assert member["isolation_level"] == plain["isolation.level"] == "read_committed"
    reader = config.kafka_python_stage_reader(SERVERS, 1.0, (object,))
    assert (reader["group_id"], reader["auto_offset_reset"]) == (None, "none")
    assert reader["isolation_level"] == "read_committed"
