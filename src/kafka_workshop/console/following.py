"""Follows topics from their newest records on, then takes each record as it comes.

One consumer, which joins no group and commits nothing. Where a topic goes back behind what was
read of it, somebody has made it anew: what it said is forgotten, and all of it is read.
"""

from collections.abc import Callable
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as Record

from kafka_workshop.clock import Deadline
from kafka_workshop.console.diagnosis import kafka_error
from kafka_workshop.console.keeper import Stopped, Stopping
from kafka_workshop.console.records import bounds_of, new_consumer
from kafka_workshop.errors import Unavailable
from kafka_workshop.messaging.client import Message, no_broker
from kafka_workshop.messaging.confluent import message_of

Place = tuple[str, int]
_BATCH, _POLL_SECONDS = 500, 0.2
# How often it asks whether brokers answer, and which topics and partitions there are.
_CHECK_SECONDS, _ANSWER_SECONDS = 2.0, 1.5
_CATCH_UP_SECONDS, _BOUNDS_SECONDS = 10.0, 4.0


@dataclass(frozen=True)
class Followed:
    """A topic to follow.

    Attributes:
        fold: takes each record, in the order of its partition.
        forget: begins anew, because the topic did.
        newest: from how many offsets before the end of each partition; `None`: from its start.
    """

    topic: str
    fold: Callable[[Message], None]
    forget: Callable[[], None]
    newest: int | None = None


class Follower:
    """Follows topics; from one thread."""

    def __init__(self, servers: tuple[str, ...], *followed: Followed) -> None:
        self._servers, self._followed = servers, {each.topic: each for each in followed}
        self.missing = set(self._followed)
        self._consumer: Consumer | None = None
        self._positions: dict[Place, int] = {}
        self._behind: set[Place] = set()
        self._check = Deadline(0.0)

    def read(self, stopping: Stopping) -> None:
        """Read what has come, for a fifth of a second; at first all there is.

        `missing` says afterwards which of the topics do not exist.

        Raises:
            Stopped: it was `stopping` meanwhile.
            Unavailable: no broker answered, or a partition has no leader now.
        """
        consumer = self._consumer = self._consumer or new_consumer(self._servers)
        try:
            if self._check.expired:
                self._examine(consumer)
                self._check = Deadline(_CHECK_SECONDS)
            self._consume(consumer, stopping)
        except KafkaException as error:
            raise Unavailable(kafka_error(error).str()) from None

    def close(self) -> None:
        """Let go of the connections."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close()

    def _consume(self, consumer: Consumer, stopping: Stopping) -> None:
        deadline = Deadline(_CATCH_UP_SECONDS)
        while True:
            for record in consumer.consume(_BATCH, _POLL_SECONDS):
                self._take(record)
            if stopping():
                raise Stopped
            if not self._behind or deadline.expired or self._check.expired:
                return

    def _take(self, record: Record) -> None:
        error = record.error()
        if error is not None and error.code() != KafkaError._PARTITION_EOF:
            self._check = Deadline(0.0)  # a topic that went away, or what passes by itself
            return
        place, offset = (record.topic() or "", record.partition() or 0), record.offset() or 0
        if place not in self._positions:
            return
        if offset < self._positions[place]:
            self._forget(place[0])
            return
        if error is not None:
            self._behind.discard(place)
            return
        self._positions[place] = offset + 1
        self._followed[place[0]].fold(message_of(record))

    def _forget(self, topic: str) -> None:
        self._followed[topic].forget()
        self._positions = {p: at for p, at in self._positions.items() if p[0] != topic}
        self._check = Deadline(0.0)

    def _examine(self, consumer: Consumer) -> None:
        """Ask which partitions there are, and follow those."""
        there = self._there(consumer)
        self.missing = self._followed.keys() - {topic for topic, _ in there}
        for topic in {topic for topic, _ in self._positions} - {topic for topic, _ in there}:
            self._forget(topic)
        self._follow(consumer, there)

    def _follow(self, consumer: Consumer, there: set[Place]) -> None:
        deadline, new = Deadline(_BOUNDS_SECONDS), there - self._positions.keys()
        starts = {place: self._start(consumer, place, deadline) for place in new}
        kept = {place: at for place, at in self._positions.items() if place in there}
        changed = bool(new) or kept.keys() != self._positions.keys()
        self._positions = kept | starts
        if changed:
            self._behind = set(self._positions)
            consumer.assign([TopicPartition(*place, at) for place, at in self._positions.items()])

    def _there(self, consumer: Consumer) -> set[Place]:
        try:
            found = consumer.list_topics(timeout=_ANSWER_SECONDS).topics
        except KafkaException:
            try:  # a paused broker keeps a request: the next one goes to another
                found = consumer.list_topics(timeout=_ANSWER_SECONDS).topics
            except KafkaException:
                raise no_broker(self._servers) from None
        topics = (found[name] for name in self._followed if name in found)
        return {(t.topic, p) for t in topics if t.error is None for p in t.partitions}

    def _start(self, consumer: Consumer, place: Place, deadline: Deadline) -> int:
        low, high = bounds_of(consumer, *place, deadline)
        newest = self._followed[place[0]].newest
        return low if newest is None else max(low, high - newest)
