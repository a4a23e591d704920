"""kafka-python's producer in librdkafka's words: what its answers mean to a stage.

The library's own bookkeeping of transactions runs here; only its network is left out.
"""

from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import (
    KafkaError,
    TopicPartition,
)
from kafka import TopicPartition as Place
from kafka.errors import (
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumberError,
    ProducerFencedError,
    UnknownMemberIdError,
)
from kafka.future import Future
from kafka.producer.transaction_manager import TransactionManager, TransactionState
from kafka.record import MemoryRecords, MemoryRecordsBuilder
from kafka.structs import ConsumerGroupMetadata, OffsetAndMetadata

from kafka_workshop.errors import Fenced, ServiceFailed
from kafka_workshop.messaging import config
from kafka_workshop.messaging.stage_clients import library_errors
from kafka_workshop.messaging.stage_clients.kafka_python_writer import KafkaPythonWriter
from kafka_workshop.monitor.stage.sending import Aborted
from tests.support.client_errors import error_of, meaning

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
