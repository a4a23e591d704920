"""The client contract kept by kafka-python 3.x: the library that the workshop teaches.

Two gaps of the library show through: a record with neither key nor value can't be sent, nor a
header whose value is null; both travel as empty bytes.
"""

import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import (
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    RetriableError,
)
from kafka.structs import OffsetAndMetadata

from kafka_workshop.clock import Deadline
from kafka_workshop.messaging import config
from kafka_workshop.messaging.admin import reach
from kafka_workshop.messaging.client import (
    Delivery,
    GiveUp,
    Headers,
    Message,
    OnDelivery,
    beyond_repair,
    delivery_failed,
    never,
    no_broker,
)
from kafka_workshop.messaging.member import GroupMember
from kafka_workshop.messaging.offsets import Offsets, Position
from kafka_workshop.messaging.tally import Tally, resumed

# Refused by us or by the topic; by the size of a segment.
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)
_CLOSE_S = 1.5
_POLL_S = 0.1
# A join with its rebalance takes a second or two; who owns nothing for so long asks anew.
LEFT_OUT_S = 12.0
_KNOWN_S, _AGAIN_S = 5.0, 0.1


class KafkaPythonProducer:
    """`client.Producer` by kafka-python.

    The library bounds neither the number nor the bytes of what waits, so that is done here. Its
    answers come on its own thread: they wait in `_answers` until `poll` runs them on ours.
    """

    def __init__(self, producer: Any, give_up: GiveUp = never) -> None:
        self._producer = producer
        self._give_up = give_up
        self._answers: deque[tuple[OnDelivery | None, int, object]] = deque()
        self._some = threading.Event()
        self._count = 0
        self._bytes = 0

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
        on_delivery: OnDelivery | None = None,
        partition: int | None = None,
    ) -> None:
        """See `client.Producer.send`."""
        if self._producer._transaction_manager.has_fatal_error():
            raise beyond_repair(str(self._producer._transaction_manager.last_error))
        size = len(key or b"") + len(value or b"")
        self._count += 1
        self._bytes += size
        if not self._room():
            self._answer(on_delivery, size, KafkaTimeoutError("the local queue is full"))
            return
        if key is None and value is None:
            value = b""
        filled = [(name, text if text is not None else b"") for name, text in headers]
        try:
            future = self._producer.send(topic, value, key, filled, partition)
        except KafkaError as error:
            self._answer(on_delivery, size, error)
            return
        future.add_both(partial(self._queue_answer, on_delivery, size))

    def _room(self) -> bool:
        while self._count > config.QUEUE_MESSAGES or self._bytes > config.QUEUE_BYTES:
            if self._give_up():
                return False
            self._await_answers(_POLL_S)
        return True

    def _queue_answer(self, on_delivery: OnDelivery | None, size: int, answer: object) -> None:
        self._answers.append((on_delivery, size, answer))
        self._some.set()

    def _answer(self, on_delivery: OnDelivery | None, size: int, answer: Any) -> None:
        self._count -= 1
        self._bytes -= size
        if on_delivery is None:
            return
        if isinstance(answer, BaseException):
            on_delivery(delivery_failed(str(answer), too_large=isinstance(answer, _TOO_LARGE)))
        else:
            on_delivery(Delivery(answer.topic, answer.partition, answer.offset))

    def _await_answers(self, seconds: float) -> None:
        self._some.wait(seconds)
        self._some.clear()
        self.poll()

    def poll(self) -> None:
        """See `client.Producer.poll`."""
        while self._answers:
            self._answer(*self._answers.popleft())

    @property
    def in_flight(self) -> int:
        """See `client.Producer.in_flight`."""
        return self._count

    def flush(self, deadline: Deadline) -> int:
        """See `client.Producer.flush`. The library's own gives each batch the whole time-out."""
        self.poll()
        while self._count and not deadline.expired:
            with suppress(KafkaTimeoutError):  # it asks to send now; the answers are awaited here
                self._producer.flush(0)
            self._await_answers(min(_POLL_S, deadline.remaining))
        return self._count

    def close(self) -> None:
        """See `client.Producer.close`."""
        # KafkaProducer.close gives up with an error, threads running, where its flush times out:
        # end the sender first, which fails what is still waiting.
        sender = self._producer._sender
        if self._count:
            sender.force_close()
            sender.join(_CLOSE_S)
        if not self._count or not sender.is_alive():
            with suppress(KafkaTimeoutError):
                self._producer.close(timeout=_CLOSE_S)
        self.poll()


class KafkaPythonConsumer(GroupMember):
    """`client.Consumer` by kafka-python, whose callbacks run while `fetch` waits in `poll`."""

    def __init__(self, consumer: Any, topic: str) -> None:
        super().__init__(topic)
        self._consumer = consumer
        self._left_out = Deadline(LEFT_OUT_S)

    def join(self) -> None:
        """Become a member of the group, once the topic's partitions are known.

        kafka-python's leader of a group that shares out a topic before it knows its partitions
        gives everybody nothing, and does not always notice when it learns of them.
        """
        known = Deadline(_KNOWN_S)
        while not self._consumer.partitions_for_topic(self._topic) and not known.expired:
            time.sleep(_AGAIN_S)
        self._subscribe()

    def _subscribe(self) -> None:
        self._left_out = Deadline(LEFT_OUT_S)
        self._consumer.subscribe([self._topic], listener=_Rebalance(self._offsets))

    def _join_again_if_left_out(self) -> None:
        """Leave and join if we have had nothing for long; in a large group that may be right."""
        if self._offsets.owned:
            self._left_out = Deadline(LEFT_OUT_S)
        elif self._left_out.expired:
            self._consumer.unsubscribe()
            self._subscribe()

    def fetch(self, max_messages: int, timeout_s: float) -> list[Message]:
        """See `client.Consumer.fetch`."""
        self.commit()
        self._join_again_if_left_out()
        try:
            batches = self._consumer.poll(int(timeout_s * 1000), max_messages)
        except KafkaError as error:
            if error.retriable:
                return []
            raise beyond_repair(str(error)) from None
        records = (record for batch in batches.values() for record in batch)
        return [_message(r) for r in records if r.partition in self._offsets.owned]

    def _read_tallies(
        self, partitions: frozenset[int], deadline: Deadline
    ) -> Mapping[int, Tally | None]:
        """See `GroupMember`."""
        tallies: dict[int, Tally | None] = {}
        with suppress(KafkaError):  # what was read before is right; the rest is asked for again
            for partition in partitions:
                tallies[partition] = self._tally(TopicPartition(self._topic, partition), deadline)
        return tallies

    def _tally(self, partition: TopicPartition, deadline: Deadline) -> Tally | None:
        found = self._consumer.committed(partition, metadata=True, timeout_ms=_ms(deadline))
        known = found is not None and found.offset >= 0
        return resumed(found.offset, found.metadata) if known else None

    def _store(self, positions: Mapping[int, Position], deadline: Deadline) -> frozenset[int]:
        """See `GroupMember`."""
        wanted = {
            TopicPartition(self._topic, p): OffsetAndMetadata(at.offset, at.tally.text(), -1)
            for p, at in positions.items()
        }
        try:
            self._consumer.commit(wanted, timeout_ms=_ms(deadline))
        except KafkaError:
            return frozenset()
        return frozenset(positions)

    def close(self) -> None:
        """See `client.Consumer.close`."""
        self._offsets.give_away(self._offsets.owned)
        self._consumer.close(autocommit=False, timeout_ms=int(_CLOSE_S * 1000))


class _Rebalance(ConsumerRebalanceListener):  # type: ignore[misc] # the library ships no types
    """Keeps the book of what is ours; by then `fetch` has committed what was processed."""

    def __init__(self, offsets: Offsets) -> None:
        self._offsets = offsets

    def on_partitions_assigned(self, assigned: Any) -> None:
        """Add what the group gave us."""
        self._offsets.own(p.partition for p in assigned)

    def on_partitions_revoked(self, revoked: Any) -> None:
        """Remove what goes to another member, or was lost."""
        self._offsets.give_away(p.partition for p in revoked)


def _ms(deadline: Deadline) -> int:
    return max(1, int(deadline.remaining * 1000))


def _message(record: Any) -> Message:
    return Message(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        tuple(record.headers),
    )


def open_producer(
    servers: tuple[str, ...], timeout_s: float, give_up: GiveUp = never
) -> KafkaPythonProducer:
    """Return a producer that has reached a broker.

    Raises:
        BrokersUnavailable: none answered within `timeout_s` seconds.
    """
    reach(servers, timeout_s)  # for what fails in its constructor is never closed again
    try:
        producer = KafkaProducer(**config.kafka_python_producer(servers, timeout_s))
    except RetriableError:
        raise no_broker(servers) from None
    return KafkaPythonProducer(producer, give_up)


def open_consumer(
    servers: tuple[str, ...], topic: str, group: str, timeout_s: float
) -> KafkaPythonConsumer:
    """Return a consumer that has reached a broker and is about to join its group.

    Raises:
        BrokersUnavailable: none answered within `timeout_s` seconds.
    """
    reach(servers, timeout_s)
    assignors = (CooperativeStickyAssignor,)
    try:
        consumer = KafkaConsumer(
            **config.kafka_python_consumer(servers, group, timeout_s, assignors)
        )
    except RetriableError:
        raise no_broker(servers) from None
    joined = KafkaPythonConsumer(consumer, topic)
    joined.join()
    return joined
