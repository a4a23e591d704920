"""The newest records of a topic, read backwards from its end; no consumer group involved."""

from collections import deque
from collections.abc import Callable, Iterator

from confluent_kafka import Consumer, KafkaError, TopicPartition

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import TimedOut
from kafka_workshop.language import tr
from kafka_workshop.messaging import config
from kafka_workshop.messaging.admin import end_offsets
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.confluent import message_of

# Records looked at first in each partition; eight times as many each further time.
_FIRST_STEP = 16
_GROWTH = 8
_POLL_S = 0.2


def newest_where(
    servers: tuple[str, ...], topic: str, wanted: Callable[[Message], bool], timeout_s: float = 60.0
) -> list[Message]:
    """Return, for each partition, the newest record that is `wanted`, where there is one.

    Looks further and further back, to the beginning of a partition if it must: records that are
    not wanted (foreign, undecodable) may stand at the end in any number.

    Raises:
        BrokersUnavailable: no broker answered.
        Unavailable: a partition has no leader now, or reading took over `timeout_s` seconds.
    """
    deadline = Deadline(timeout_s)
    ends = end_offsets(servers, topic)
    # A short wait at the end of a partition, because the next request queues behind it.
    settings = config.confluent_consumer(servers, "newest") | {
        "enable.partition.eof": True,
        "fetch.wait.max.ms": 10,
    }
    consumer = Consumer(settings, logger=config.LIBRDKAFKA_LOG)
    try:
        found = (_newest(consumer, topic, p, end, wanted, deadline) for p, end in ends.items())
        return [message for message in found if message is not None]
    finally:
        consumer.close()


def _newest(
    consumer: Consumer,
    topic: str,
    partition: int,
    end: int,
    wanted: Callable[[Message], bool],
    deadline: Deadline,
) -> Message | None:
    step = _FIRST_STEP
    while end > 0:
        start = max(0, end - step)
        records = _records(consumer, topic, partition, start, end, deadline)
        matching = deque((m for m in records if wanted(m)), maxlen=1)
        if matching:
            return matching.pop()
        end, step = start, step * _GROWTH
    return None


def _records(
    consumer: Consumer, topic: str, partition: int, start: int, end: int, deadline: Deadline
) -> Iterator[Message]:
    """Yield the records from `start` to below `end` (or from the first that retention left)."""
    consumer.assign([TopicPartition(topic, partition, start)])
    while not deadline.expired:
        record = consumer.poll(_POLL_S)
        error = record.error() if record is not None else None
        if record is None or (error is not None and error.code() != KafkaError._PARTITION_EOF):
            continue  # passes by itself, or the deadline ends it
        offset = record.offset() or 0
        if error is not None or offset >= end:
            return
        yield message_of(record)
        if offset + 1 == end:
            return
    raise _too_slow(topic)


def _too_slow(topic: str) -> TimedOut:
    return TimedOut(
        tr(
            "the newest transactions of {topic} could not be read in time",
            "não foi possível ler a tempo as transações mais recentes de {topic}",
            topic=topic,
        )
    )
