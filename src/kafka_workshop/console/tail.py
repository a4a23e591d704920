"""A live tail: the messages that arrive from now on, a bounded number at a time."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from kafka_workshop.clock import Deadline
from kafka_workshop.console.diagnosis import Refused, kafka_error, unread
from kafka_workshop.console.records import (
    Record,
    bounds_of,
    new_consumer,
    partitions_of,
    trimmed,
    whole_record,
)
from kafka_workshop.language import tr

BATCH = 200
# Further behind than this, nobody could read it anyway: jump to the newest and say how many.
_BEHIND = 1_000
# Each holds a consumer with its connections and threads.
MAX_TAILS = 16
_START_SECONDS = 4.0
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Arrival:
    """What arrived since the last look: what was wanted, how much was jumped over, and seen."""

    records: tuple[Record, ...]
    skipped: int
    seen: int = 0


class Tail:
    """Follows a topic, or one of its partitions, from its end. `start`, `poll` …, `close`."""

    def __init__(
        self,
        servers: tuple[str, ...],
        topic: str,
        partition: int | None,
        places: threading.BoundedSemaphore,
    ) -> None:
        self._servers, self._topic, self.partition = servers, topic, partition
        self._places = places
        self._consumer: Consumer | None = None
        self._positions: dict[int, int] = {}
        self._lock = threading.Lock()  # a page that goes away closes while a poll is under way

    def start(self) -> None:
        """Go to the end of every partition.

        Raises:
            Refused: there is no such topic, no broker answered in time, or `MAX_TAILS` are open.
        """
        if not self._places.acquire(blocking=False):
            raise Refused(
                tr(
                    "{n} live views are open already; close one.",
                    "Já há {n} visões ao vivo abertas; feche uma.",
                    n=MAX_TAILS,
                )
            )
        deadline = Deadline(_START_SECONDS)
        consumer = new_consumer(self._servers)
        try:
            found = partitions_of(consumer, self._topic, deadline)
            for p in found if self.partition is None else [self.partition]:
                self._positions[p] = bounds_of(consumer, self._topic, p, deadline)[1]
        except KafkaException as error:
            consumer.close()
            self._places.release()
            raise unread(kafka_error(error)) from None
        consumer.assign([TopicPartition(self._topic, p, o) for p, o in self._positions.items()])
        self._consumer = consumer

    def poll(self, wanted: Callable[[Record], bool] = lambda _: True) -> Arrival:
        """Return what arrived and is `wanted`; empty while nothing did, or no broker answers.

        Raises:
            Refused: the topic went away.
        """
        with self._lock:
            if self._consumer is None:
                return Arrival((), 0)
            messages = self._consumer.consume(BATCH, _POLL_SECONDS)
            skipped = self._catch_up(self._consumer)
        records = []
        for message in messages:
            error = message.error()
            if error is None:
                records.append(whole_record(message))
                self._positions[message.partition() or 0] = (message.offset() or 0) + 1
            elif error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise unread(error)
        kept = tuple(trimmed(record) for record in records if wanted(record))
        return Arrival(kept, skipped, len(records))

    def _catch_up(self, consumer: Consumer) -> int:
        skipped = 0
        for partition, position in list(self._positions.items()):
            pair = TopicPartition(self._topic, partition)
            high = consumer.get_watermark_offsets(pair, cached=True)[1]
            target = high - BATCH
            if high - position > _BEHIND:
                consumer.seek(TopicPartition(self._topic, partition, target))
                self._positions[partition] = target
                skipped += target - position
        return skipped

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close()
            self._places.release()
