"""A stage's writer by kafka-python.

The library has no time-out for what it asks a transaction's coordinator, and forgets three things
that exactly once needs; here they are remembered:

- A record that was not stored in time fails, but its transaction would commit without it.
- Offsets that an aborted transaction could not commit would go out with the next one.
- A producer that brokers call outdated takes a fresh identity and with it fences its successor.
"""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from kafka import TopicPartition as Place
from kafka.errors import IllegalStateError, RetriableError
from kafka.errors import KafkaError as LibraryError
from kafka.structs import OffsetAndMetadata

from kafka_workshop.clock import Deadline
from kafka_workshop.messaging.stage_clients.contract import OnAnswer
from kafka_workshop.messaging.stage_clients.library_errors import (
    abortable,
    fatal,
    retriable,
    timed_out,
)
from kafka_workshop.messaging.stage_clients.library_nulls import NULL, allow_nulls

_POLL_S, _CLOSE_S = 0.1, 1.5
_FOREVER_S = 24 * 3600.0


class KafkaPythonWriter:
    """`contract.Writer` by kafka-python, whose answers come on a thread of its own."""

    def __init__(self, producer: Any) -> None:
        allow_nulls()
        self._producer = producer
        self._transactions = producer._transaction_manager
        if self._transactions.is_transactional():
            self._transactions._supports_epoch_bump = _never
        self._answers: deque[tuple[OnAnswer | None, object]] = deque()
        self._some = threading.Event()
        self._missing = 0
        self._failed: KafkaError | None = None
        # What the coordinator was asked for, while its answer is missing.
        self._asked: tuple[str, Any] | None = None

    def produce(
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        partition: int = -1,
        *,
        on_delivery: OnAnswer | None = None,
        headers: list[tuple[str, str | bytes | None]] | None = None,
    ) -> None:
        """See `contract.Writer`."""
        filled = [(name, NULL if text is None else text) for name, text in headers or ()]
        if key is None and value is None:
            value = NULL
        to = None if partition < 0 else partition
        try:
            future = self._producer.send(topic, value, key, filled, to)
        except LibraryError as error:
            raise KafkaException(self._refusal(error)) from None
        except ValueError as error:  # a topic whose partitions are not all known yet
            raise KafkaException(abortable(error)) from None
        self._missing += 1
        future.add_both(partial(self._queue_answer, on_delivery))

    def _refusal(self, error: Exception) -> KafkaError:
        if self._transactions.has_fatal_error():
            return fatal(self._transactions.last_error or error)
        return fatal(error) if isinstance(error, IllegalStateError) else abortable(error)

    def _queue_answer(self, on_delivery: OnAnswer | None, answer: object) -> None:
        self._answers.append((on_delivery, answer))
        self._some.set()

    def poll(self, timeout: float = -1) -> int:
        """See `contract.Writer`."""
        if not self._answers and timeout != 0:
            self._some.wait(_bounded(timeout))
        self._some.clear()
        count = 0
        while self._answers:
            self._answer(*self._answers.popleft())
            count += 1
        return count

    def _answer(self, on_delivery: OnAnswer | None, answer: object) -> None:
        self._missing -= 1
        error = abortable(answer) if isinstance(answer, BaseException) else None
        self._failed = self._failed or error
        if on_delivery is not None:
            on_delivery(error, None)

    def flush(self, timeout: float = -1) -> int:
        """See `contract.Writer`. The library's own gives each batch the whole time-out."""
        deadline = Deadline(_bounded(timeout))
        self.poll(0)
        while self._missing and not deadline.expired:
            with suppress(LibraryError):  # it asks to send now; the answers are awaited here
                self._producer.flush(min(_POLL_S, deadline.remaining))
            self.poll(min(_POLL_S, deadline.remaining))
        return self._missing

    def purge(self) -> None:
        """See `contract.Writer`; nothing can be produced afterwards."""
        # KafkaProducer.close would flush: end the sender first, which fails what is still waiting.
        sender = self._producer._sender
        sender.force_close()
        sender.join(_CLOSE_S)
        if not sender.is_alive():
            with suppress(LibraryError):
                self._producer.close(timeout=_CLOSE_S)
        self.poll(0)
        self._missing = 0

    def init_transactions(self, timeout: float = -1) -> None:
        """See `contract.Writer`."""
        self._await("init", self._transactions.initialize_transactions, timeout)

    def begin_transaction(self) -> None:
        """See `contract.Writer`."""
        self._failed = None
        self._transactions._pending_txn_offset_commits.clear()
        with suppress(LibraryError):  # one that can't begin says why when it gets a record
            self._producer.begin_transaction()

    def send_offsets_to_transaction(
        self, positions: list[TopicPartition], group_metadata: Any, timeout: float = -1
    ) -> None:
        """See `contract.Writer`."""
        offsets = {
            Place(at.topic, at.partition): OffsetAndMetadata(at.offset, at.metadata or "", -1)
            for at in positions
        }
        ask = partial(self._transactions.send_offsets_to_transaction, offsets, group_metadata)
        self._await("offsets", ask, timeout)

    def commit_transaction(self, timeout: float = -1) -> None:
        """See `contract.Writer`."""
        deadline = Deadline(_bounded(timeout))
        if self._asked is None:
            if self.flush(deadline.remaining):
                raise timed_out("records are not answered yet")
            if self._failed is not None:
                raise KafkaException(self._final() or self._failed)
        self._await("commit", self._transactions.begin_commit, deadline.remaining)

    def abort_transaction(self, timeout: float = -1) -> None:
        """See `contract.Writer`."""
        self._await("abort", self._transactions.begin_abort, timeout)
        self.poll(0)

    def _await(self, what: str, ask: Callable[[], Any], seconds: float) -> None:
        try:
            if self._asked is None or self._asked[0] != what:
                self._asked = what, ask()
                self._producer._sender.wakeup()
            done = self._asked[1].wait(_bounded(seconds) * 1000)
        except (LibraryError, RuntimeError) as error:
            self._asked = None
            raise KafkaException(self._told(error)) from None
        if not done:
            raise timed_out(what)
        self._asked = None

    def _told(self, error: Exception) -> KafkaError:
        final = self._final()
        if final is not None:
            return final
        if self._transactions.has_abortable_error():
            return abortable(error)
        return retriable(error) if isinstance(error, RetriableError) else fatal(error)

    def _final(self) -> KafkaError | None:
        if not self._transactions.has_fatal_error():
            return None
        return fatal(self._transactions.last_error)


def _never() -> bool:
    return False


def _bounded(seconds: float) -> float:
    return _FOREVER_S if seconds < 0 else seconds
