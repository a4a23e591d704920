"""One message as a value, and the kind of consumer that reads it for a page."""

import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from kafka_workshop.clock import Deadline
from kafka_workshop.console.access.hiding import hidden_now, shown_headers, shown_key, shown_value
from kafka_workshop.console.diagnosis import kafka_error
from kafka_workshop.console.kafka import client_config
from kafka_workshop.messaging.admin import BETWEEN_LEADERS

# A browser holds what a page shows: longer values are cut here, their true size is kept.
KEPT_VALUE_BYTES = 256 * 1024
# Silent brokers are given up on sooner than the whole read is, so that stopping is quick.
METADATA_SECONDS = 4.0
# What the client says of a partition whose leader has died and whose next is not chosen yet.
_WITHOUT_LEADER = BETWEEN_LEADERS | {KafkaError._UNKNOWN_PARTITION}
_LEADER_PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Record:
    """One message as it may be seen; `size` is key and value in bytes before any cut.

    `plain` is the message as it was read, if anything of it is masked: for sending it once more.
    """

    partition: int
    offset: int
    timestamp_ms: int | None
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    size: int
    cut: bool = False
    plain: "Record | None" = field(default=None, repr=False, compare=False)


def new_consumer(servers: tuple[str, ...]) -> Consumer:
    """Return a consumer that joins no group, commits nothing, and holds little in memory."""
    return Consumer(
        client_config(servers)
        | {
            # The library wants a name; nothing is ever committed under it.
            "group.id": f"kafka-ui-{uuid.uuid4().hex[:12]}",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 100,
            "fetch.message.max.bytes": 512 * 1024,
            "queued.max.messages.kbytes": 8 * 1024,
            "queued.min.messages": 500,
        }
    )


def partitions_of(consumer: Consumer, topic: str, deadline: Deadline) -> list[int]:
    """Return the partitions of `topic`.

    Raises:
        KafkaException: there is no such topic, or no broker answered in time.
    """
    wait = min(METADATA_SECONDS, max(0.1, deadline.remaining))
    found = consumer.list_topics(topic, timeout=wait).topics[topic]
    if found.error is not None:
        raise KafkaException(found.error)
    return sorted(found.partitions)


def bounds_of(
    consumer: Consumer, topic: str, partition: int, deadline: Deadline
) -> tuple[int, int]:
    """Return the first offset and the one after the last of a partition that exists.

    Raises:
        KafkaException: it had no leader all the time, or no broker answered.
    """
    pair = TopicPartition(topic, partition)
    while True:
        try:
            return consumer.get_watermark_offsets(pair, timeout=max(0.1, deadline.remaining))
        except KafkaException as error:
            if kafka_error(error).code() not in _WITHOUT_LEADER:
                raise
        if deadline.expired:
            raise KafkaException(KafkaError(KafkaError.LEADER_NOT_AVAILABLE))
        time.sleep(_LEADER_PAUSE_SECONDS)


def record_of(message: Message) -> Record:
    """Return `message` as a record that may be seen, its value cut to what a page may hold."""
    return trimmed(whole_record(message))


def whole_record(message: Message) -> Record:
    """Return `message` as a record that may be seen, with all of its value."""
    return seen(_read(message), hidden_now())


def seen(record: Record, hidden: Collection[str] = ()) -> Record:
    """Return what may be seen of a record: masked, without the fields that are `hidden`."""
    shown = replace(
        record,
        key=shown_key(record.key, hidden),
        value=shown_value(record.value, hidden),
        headers=shown_headers(record.headers, hidden),
    )
    return record if shown == record else replace(shown, plain=record)


def _read(message: Message) -> Record:
    key, value = message.key(), message.value()
    kind, timestamp = message.timestamp()
    found = message.headers() or []
    headers = tuple((n, _bytes(data)) for n, data in (found if isinstance(found, list) else ()))
    return Record(
        partition=message.partition() or 0,
        offset=message.offset() or 0,
        timestamp_ms=timestamp if kind else None,
        key=key,
        value=value,
        headers=headers,
        size=len(key or b"") + len(value or b""),
    )


def trimmed(record: Record) -> Record:
    """Return `record` with its value cut to what a page may hold."""
    if record.value is None or len(record.value) <= KEPT_VALUE_BYTES:
        return record
    # One that is cut is not sent again: its plain form would only take memory.
    return replace(record, value=record.value[:KEPT_VALUE_BYTES], cut=True, plain=None)


def _bytes(data: str | bytes | None) -> bytes | None:
    return data.encode() if isinstance(data, str) else data
