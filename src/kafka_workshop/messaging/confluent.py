"""The client contract kept by confluent-kafka (librdkafka): the default."""

from collections.abc import Mapping
from functools import partial
from typing import cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka import Message as Record

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import DeliveryFailed, WorkshopError
from kafka_workshop.messaging import config
from kafka_workshop.messaging.admin import await_everywhere
from kafka_workshop.messaging.bounded import OneAtATime
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
from kafka_workshop.messaging.offsets import Position
from kafka_workshop.messaging.tally import Tally, resumed

# Refused by us or by the topic; by the size of a segment.
_TOO_LARGE = (KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE)
_CLOSE_S = 1.5
_POLL_S = 0.1


class ConfluentProducer:
    """`client.Producer` by librdkafka."""

    def __init__(self, producer: Producer, give_up: GiveUp = never) -> None:
        self._producer = producer
        self._give_up = give_up

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
        answered = partial(_answered, on_delivery)
        to = -1 if partition is None else partition
        try:
            while not self._queued(topic, key, value, headers, answered, to):
                if self._give_up():
                    raise delivery_failed("the local queue is full")
        except DeliveryFailed as failed:
            if on_delivery is not None:
                on_delivery(failed)

    def _queued(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        answered: object,
        partition: int,
    ) -> bool:
        try:
            self._producer.produce(
                topic,
                value,
                key,
                partition,
                on_delivery=answered,  # type: ignore[arg-type] # a partial, which mypy can't match
                headers=list(headers),
            )
        except BufferError:
            self._producer.poll(_POLL_S)
            return False
        except KafkaException as error:
            raise _refusal(error.args[0]) from None
        return True

    def poll(self) -> None:
        """See `client.Producer.poll`."""
        self._producer.poll(0)

    @property
    def in_flight(self) -> int:
        """See `client.Producer.in_flight`."""
        return len(self._producer)

    def flush(self, deadline: Deadline) -> int:
        """See `client.Producer.flush`."""
        while len(self._producer) and not deadline.expired:
            self._producer.flush(min(_POLL_S, deadline.remaining))
        return len(self._producer)

    def close(self) -> None:
        """See `client.Producer.close`."""
        self._producer.purge()
        self._producer.flush(_POLL_S)


def _answered(on_delivery: OnDelivery | None, error: KafkaError | None, record: Record) -> None:
    if on_delivery is None:
        return
    if error is not None:
        on_delivery(_failure(error))
    else:
        on_delivery(Delivery(record.topic() or "", record.partition() or 0, record.offset() or 0))


def _refusal(error: KafkaError) -> WorkshopError:
    return beyond_repair(error.str()) if error.fatal() else _failure(error)


def _failure(error: KafkaError) -> DeliveryFailed:
    return delivery_failed(error.str(), too_large=error.code() in _TOO_LARGE)


class ConfluentConsumer(GroupMember):
    """`client.Consumer` by librdkafka, whose rebalance callbacks run inside `consume`."""

    def __init__(self, consumer: Consumer, topic: str) -> None:
        super().__init__(topic)
        self._consumer = consumer
        self._calls = OneAtATime()
        self._gathering = OneAtATime()
        self._gathered: list[Message] = []
        self._failure: WorkshopError | None = None
        self._closed = False

    def join(self) -> None:
        """Become a member of the group."""
        self._consumer.subscribe(
            [self._topic],
            on_assign=lambda _, gained: self._offsets.own(p.partition for p in gained),
            on_revoke=self._revoked,
            on_lost=lambda _, lost: self._give_away(lost),
        )

    def _revoked(self, _: Consumer, revoked: list[TopicPartition]) -> None:
        self.commit()
        self._give_away(revoked)

    def _give_away(self, gone: list[TopicPartition]) -> None:
        partitions = {each.partition for each in gone}
        self._offsets.give_away(partitions)
        self._gathered[:] = [m for m in self._gathered if m.partition not in partitions]

    def fetch(self, max_messages: int, timeout_s: float) -> list[Message]:
        """See `client.Consumer.fetch`.

        librdkafka itself drops what it had gathered of a partition that is revoked meanwhile.
        """
        self.commit()
        gather = partial(self._gather, max_messages, timeout_s)
        if self._calls.idle(0) and self._gathering.idle(0):
            gather()
        else:
            # Brokers were away: a commit that a lost session overtook is answered only after the
            # rebalance was served, which `consume` does, and that may block until a session ends.
            self._gathering.run(gather, timeout_s)
        if self._failure is not None:
            raise self._failure
        messages = self._gathered[:]
        del self._gathered[: len(messages)]
        return [m for m in messages if m.partition in self._offsets.owned]

    def _gather(self, max_messages: int, timeout_s: float) -> None:
        try:
            records = self._consumer.consume(max_messages, timeout_s)
            self._gathered += [message_of(record) for record in records if not _is_error(record)]
        except KafkaException as error:
            self._failure = beyond_repair(error.args[0].str())
        except WorkshopError as error:
            self._failure = error
        except RuntimeError:
            if not self._closed:
                raise  # otherwise it was closed while this thread was still gathering

    def _read_tallies(
        self, partitions: frozenset[int], deadline: Deadline
    ) -> Mapping[int, Tally | None]:
        """See `GroupMember`. What is answered too late is not taken: it may be out of date."""
        asked = [TopicPartition(self._topic, p) for p in partitions]
        found: dict[int, Tally | None] = {}
        seconds = deadline.remaining
        self._calls.run(lambda: found.update(_tallies(self._consumer, asked, seconds)), seconds)
        return dict(found)

    def _store(self, positions: Mapping[int, Position], deadline: Deadline) -> frozenset[int]:
        """See `GroupMember`."""
        wanted = [
            TopicPartition(self._topic, p, at.offset, at.tally.text())
            for p, at in positions.items()
        ]
        stored: set[int] = set()
        self._calls.run(lambda: stored.update(_stored(self._consumer, wanted)), deadline.remaining)
        return frozenset(stored)

    def close(self) -> None:
        """See `client.Consumer.close`."""
        self._offsets.give_away(self._offsets.owned)
        self._closed = True
        self._calls.run(self._consumer.close, _CLOSE_S)


def _stored(consumer: Consumer, wanted: list[TopicPartition]) -> set[int]:
    try:
        answers = consumer.commit(offsets=wanted, asynchronous=False)
    except KafkaException:
        return set()
    return {a.partition for a in answers or () if a.error is None}


def _tallies(
    consumer: Consumer, asked: list[TopicPartition], seconds: float
) -> dict[int, Tally | None]:
    try:
        found = [at for at in consumer.committed(asked, timeout=seconds) if at.error is None]
    except KafkaException:
        return {}  # it is asked for again
    return {
        at.partition: resumed(at.offset, metadata_of(at)) if at.offset >= 0 else None
        for at in found
    }


def metadata_of(at: TopicPartition) -> str:
    """Return what was committed with an offset; some characters of no meaning may follow it.

    librdkafka copies metadata without the zero at its end (`rd_kafka_topic_partition_list_update`),
    so that the binding reads on to the next one, and these bytes may be no text at all.
    """
    try:
        return at.metadata or ""
    except UnicodeDecodeError as error:
        return error.object.decode(errors="replace")


def _is_error(record: Record) -> bool:
    """Return whether this is a passing error of a client that goes on by itself.

    Raises:
        ServiceFailed: it is one that does not pass.
    """
    error = record.error()
    if error is not None and error.fatal():
        raise beyond_repair(error.str())
    return error is not None


def message_of(record: Record) -> Message:
    """Return librdkafka's record, which is not an error, as our value."""
    return Message(
        record.topic() or "",
        record.partition() or 0,
        record.offset() or 0,
        record.timestamp()[1],
        record.key(),
        record.value(),
        _headers(record),
    )


def _headers(record: Record) -> Headers:
    # Typed as a dict or a list with text or bytes; what is read is always a list with bytes.
    return tuple(cast("list[tuple[str, bytes | None]]", record.headers() or ()))


def open_producer(
    servers: tuple[str, ...], timeout_s: float, give_up: GiveUp = never
) -> ConfluentProducer:
    """Return a producer that has reached a broker.

    Raises:
        BrokersUnavailable: none answered within `timeout_s` seconds.
    """
    producer = Producer(config.confluent_producer(servers), logger=config.LIBRDKAFKA_LOG)
    try:
        producer.list_topics(timeout=timeout_s)
    except KafkaException:
        raise no_broker(servers) from None
    return ConfluentProducer(producer, give_up)


def open_consumer(
    servers: tuple[str, ...], topic: str, group: str, timeout_s: float
) -> ConfluentConsumer:
    """Return a consumer that has reached a broker and is about to join its group.

    Raises:
        BrokersUnavailable: none answered within `timeout_s` seconds.
    """
    consumer = Consumer(config.confluent_consumer(servers, group), logger=config.LIBRDKAFKA_LOG)
    try:
        consumer.list_topics(timeout=timeout_s)
    except KafkaException:
        consumer.close()
        raise no_broker(servers) from None
    await_everywhere(servers, topic)
    joined = ConfluentConsumer(consumer, topic)
    joined.join()
    return joined
