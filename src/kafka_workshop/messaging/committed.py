"""Reads committed records up to where a topic ends now; no consumer group is involved."""

from collections.abc import Callable, Iterator, Mapping

from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka import Message as Record

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import TimedOut
from kafka_workshop.language import tr
from kafka_workshop.messaging import config
from kafka_workshop.messaging.admin import end_offsets
from kafka_workshop.messaging.client import Message, beyond_repair
from kafka_workshop.messaging.confluent import message_of

Read = Callable[[int], None]
_BATCH, _POLL_S = 500, 0.1
_STANDSTILL_S = 30.0


def ignored(_count: int) -> None:
    """Hear how much was read or sent, and do nothing."""


def read(
    servers: tuple[str, ...],
    topic: str,
    starts: Mapping[int, int] | None = None,
    settled: bool = False,
    on_read: Read = ignored,
    ends: Mapping[int, int] | None = None,
) -> Iterator[Message]:
    """Yield the committed records of `topic` up to where it ends now; none if it does not exist.

    Args:
        servers: the brokers.
        topic: its name.
        starts: partition -> first offset; only these partitions are read. All, without it.
        settled: wait for transactions that are open at this end; otherwise stop before them.
        on_read: hears how many records have been read so far.
        ends: partition -> the offset after the last, where that is not where it ends now.

    Raises:
        Unavailable: the brokers could not be asked, or nothing came for half a minute.
    """
    ends = end_offsets(servers, topic) if ends is None else ends
    # Offset 0 is read at once; where retention has taken it, the reading begins at the earliest.
    wanted = dict.fromkeys(ends, 0) if starts is None else starts
    left = {p: ends[p] for p in wanted if ends.get(p, 0) > wanted[p]}
    if left:
        yield from _records(servers, topic, {p: wanted[p] for p in left}, left, settled, on_read)


def _records(
    servers: tuple[str, ...],
    topic: str,
    starts: Mapping[int, int],
    left: dict[int, int],
    settled: bool,
    on_read: Read,
) -> Iterator[Message]:
    # A short wait at the end of a partition, because the next request queues behind it.
    settings = config.confluent_consumer(servers, "reader") | {
        "enable.partition.eof": True,
        "fetch.wait.max.ms": 10,
    }
    consumer = Consumer(settings, logger=config.LIBRDKAFKA_LOG)
    try:
        consumer.assign([TopicPartition(topic, p, at) for p, at in starts.items()])
        standstill, count = Deadline(_STANDSTILL_S), 0
        while left:
            batch = list(_taken(consumer.consume(_BATCH, _POLL_S), left, settled))
            yield from batch
            count += len(batch)
            on_read(count)
            standstill = Deadline(_STANDSTILL_S) if batch else standstill
            if standstill.expired and left:
                raise _no_progress(topic)
    finally:
        consumer.close()


def _taken(records: list[Record], left: dict[int, int], settled: bool) -> Iterator[Message]:
    """Yield the messages before the ends that are `left`; strike out the ends that are reached."""
    for record in records:
        partition, offset, error = record.partition() or 0, record.offset() or 0, record.error()
        if error is not None and error.fatal():
            raise beyond_repair(error.str())
        at_end = error is not None and error.code() == KafkaError._PARTITION_EOF
        if partition not in left or (error is not None and not at_end):
            continue  # beyond the end, or an error that passes by itself
        if error is None and offset < left[partition]:
            yield message_of(record)
        # Transactions leave records at the end that nobody is shown: only EOF tells of them.
        following = offset if at_end else offset + 1
        if (at_end and not settled) or following >= left[partition]:
            del left[partition]


def _no_progress(topic: str) -> TimedOut:
    return TimedOut(
        tr(
            "{topic} could not be read on for {s:.0f} s: a leader is missing or a transaction is "
            "open; run it again",
            "não foi possível continuar a leitura de {topic} por {s:.0f} s: falta um líder ou há "
            "uma transação aberta; execute de novo",
            topic=topic,
            s=_STANDSTILL_S,
        )
    )
