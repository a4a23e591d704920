"""Reading a topic's messages: bounded in messages, bytes and seconds, and cancellable.

What comes back always says what was read, of how much, and why it stopped; a person never has to
guess whether a message is missing or was merely not reached.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from kafka_workshop.clock import Deadline
from kafka_workshop.console.diagnosis import kafka_error, unread
from kafka_workshop.console.records import (
    Record,
    bounds_of,
    new_consumer,
    partitions_of,
    record_of,
)
from kafka_workshop.console.searching import Go, Search, SearchLimits, go_on
from kafka_workshop.console.tail import MAX_TAILS, Tail

Mode = Literal["newest", "offset", "time"]
Stop = Literal["end", "messages", "bytes", "seconds", "cancelled"]
_POLL_SECONDS = 0.2
_WIDENINGS = 4


@dataclass(frozen=True)
class Query:
    """Which messages: the newest `count`, or the first `count` from an offset or a time (ms)."""

    topic: str
    mode: Mode = "newest"
    partition: int | None = None
    start: int = 0
    count: int = 50


@dataclass(frozen=True)
class Limits:
    """Bounds of one read: messages, bytes of keys and values, seconds."""

    messages: int = 5_000
    bytes: int = 8_000_000
    seconds: float = 8.0


@dataclass(frozen=True)
class Report:
    """The messages to show, and what was read to find them.

    `available` counts the offsets of the partitions asked for: an estimate of their messages
    where the topic is compacted or transactional.
    """

    records: tuple[Record, ...]
    read: int
    read_bytes: int
    available: int
    stopped: Stop


@dataclass
class _Scan:
    """A pass over some partitions: from where, to where, what was found so far."""

    limits: Limits
    deadline: Deadline
    cancel: threading.Event
    ends: dict[int, int]
    per_partition: int | None = None
    records: list[Record] = field(default_factory=list)
    read_bytes: int = 0
    counts: dict[int, int] = field(default_factory=dict)

    def take(self, message: Message) -> None:
        """Take in one message, or the news that a partition's end is reached."""
        partition, offset = message.partition() or 0, message.offset() or 0
        error = message.error()
        if error is not None and error.code() == KafkaError._PARTITION_EOF:
            self.ends.pop(partition, None)
            return
        if error is not None:
            raise KafkaException(error)
        if partition not in self.ends:
            return
        if offset < self.ends[partition]:
            self._keep(record_of(message))
        if offset + 1 >= self.ends.get(partition, 0):
            self.ends.pop(partition, None)

    def _keep(self, record: Record) -> None:
        self.records.append(record)
        self.read_bytes += record.size
        count = self.counts[record.partition] = self.counts.get(record.partition, 0) + 1
        if count == self.per_partition:
            self.ends.pop(record.partition)

    def stop(self) -> Stop | None:
        """Return why to stop now, or `None` to go on."""
        reasons: tuple[tuple[bool, Stop], ...] = (
            (not self.ends, "end"),
            (self.cancel.is_set(), "cancelled"),
            (len(self.records) >= self.limits.messages, "messages"),
            (self.read_bytes >= self.limits.bytes, "bytes"),
            (self.deadline.expired, "seconds"),
        )
        return next((stop for true, stop in reasons if true), None)


class Reader:
    """Reads topics of one cluster; each read has a consumer of its own and joins no group."""

    def __init__(
        self,
        servers: tuple[str, ...],
        limits: Limits | None = None,
        search_limits: SearchLimits | None = None,
    ) -> None:
        self._servers = servers
        self._limits = limits or Limits()
        self._search_limits = search_limits or SearchLimits()
        self._tails = threading.BoundedSemaphore(MAX_TAILS)
        self.closing = threading.Event()

    def tail(self, topic: str, partition: int | None = None) -> Tail:
        """Return a live tail of a topic or one partition; the caller starts and closes it."""
        return Tail(self._servers, topic, partition, self._tails)

    def read(self, query: Query, cancel: threading.Event | None = None) -> Report:
        """Return what `query` asks for, within the limits.

        Raises:
            Refused: the topic or partition does not exist, or no broker answered in time.
        """
        deadline = Deadline(self._limits.seconds)
        try:
            with self.consumer() as consumer:
                bounds = self._bounds(consumer, query, deadline)
                scan = _Scan(self._limits, deadline, cancel or self.closing, {})
                if query.mode == "newest":
                    return self._newest(consumer, query, bounds, scan)
                return self._forward(consumer, query, bounds, scan)
        except KafkaException as error:
            raise unread(kafka_error(error)) from None

    def search(self, search: Search, query: Query, cancel: threading.Event | None = None) -> None:
        """Begin `search` within what `query` asks for, or go on with it, within the limits.

        Raises:
            Refused: as for `read`; what was found and what is left stays true.
        """
        deadline = Deadline(self._search_limits.seconds)
        go = Go(search, self._search_limits, deadline, cancel or self.closing, self.closing)
        try:
            with self.consumer() as consumer:
                if search.left is None:
                    search.begin(self._range(consumer, query, deadline))
                go_on(consumer, go)
        except KafkaException as error:
            raise unread(kafka_error(error)) from None

    def _range(
        self, consumer: Consumer, query: Query, deadline: Deadline
    ) -> dict[int, tuple[int, int]]:
        bounds = self._bounds(consumer, query, deadline)
        if query.mode == "newest":
            return bounds
        starts = self._starts(consumer, query, bounds, deadline)
        return {p: (starts[p], high) for p, (_, high) in bounds.items()}

    @contextmanager
    def consumer(self) -> Iterator[Consumer]:
        """A consumer that is closed at the end; it commits nothing."""
        consumer = new_consumer(self._servers)
        try:
            yield consumer
        finally:
            consumer.close()

    def _bounds(
        self, consumer: Consumer, query: Query, deadline: Deadline
    ) -> dict[int, tuple[int, int]]:
        wanted = partitions_of(consumer, query.topic, deadline)
        if query.partition is not None:
            if query.partition not in wanted:
                raise KafkaException(KafkaError(KafkaError._UNKNOWN_PARTITION))
            wanted = [query.partition]
        return {p: bounds_of(consumer, query.topic, p, deadline) for p in wanted}

    def _newest(
        self, consumer: Consumer, query: Query, bounds: dict[int, tuple[int, int]], scan: _Scan
    ) -> Report:
        # Compaction and transactions leave gaps in the offsets: look further back until no message
        # that was left out can be newer than what is shown, or a limit says stop.
        window, stopped = query.count, scan.stop()
        ordered: list[Record] = []
        for _ in range(_WIDENINGS):
            starts = {p: max(low, high - window) for p, (low, high) in bounds.items()}
            scan = replace(scan, records=[], counts={}, read_bytes=0, ends={})
            stopped = self._scan(consumer, query.topic, starts, bounds, scan)
            ordered = sorted(scan.records, key=_by_time)
            deeper = [p for p, (low, _) in bounds.items() if starts[p] > low]
            if stopped != "end" or _reach_back(ordered, query.count, deeper):
                break
            window *= 8
        return _report(ordered[-query.count :], scan, bounds, stopped or "end")

    def _forward(
        self, consumer: Consumer, query: Query, bounds: dict[int, tuple[int, int]], scan: _Scan
    ) -> Report:
        starts = self._starts(consumer, query, bounds, scan.deadline)
        # The first `count` of all are among the first `count` of each partition.
        scan.per_partition = query.count
        stopped = self._scan(consumer, query.topic, starts, bounds, scan)
        ordered = sorted(scan.records, key=_by_time)
        ahead = {p: (starts[p], high) for p, (_, high) in bounds.items()}
        return _report(ordered[: query.count], scan, ahead, stopped)

    def _starts(
        self,
        consumer: Consumer,
        query: Query,
        bounds: dict[int, tuple[int, int]],
        deadline: Deadline,
    ) -> dict[int, int]:
        if query.mode == "offset":
            return {p: min(max(query.start, low), high) for p, (low, high) in bounds.items()}
        asked = [TopicPartition(query.topic, p, query.start) for p in bounds]
        found = consumer.offsets_for_times(asked, timeout=max(0.1, deadline.remaining))
        return {
            tp.partition: tp.offset if tp.offset >= 0 else bounds[tp.partition][1] for tp in found
        }

    def _scan(
        self,
        consumer: Consumer,
        topic: str,
        starts: dict[int, int],
        bounds: dict[int, tuple[int, int]],
        scan: _Scan,
    ) -> Stop:
        scan.ends |= {p: high for p, (_, high) in bounds.items() if starts[p] < high}
        consumer.assign([TopicPartition(topic, p, starts[p]) for p in scan.ends])
        stop = scan.stop()
        while stop is None:
            for message in consumer.consume(200, _POLL_SECONDS):
                if scan.stop() is None:
                    scan.take(message)
            stop = scan.stop() or ("cancelled" if self.closing.is_set() else None)
        return stop


def _by_time(record: Record) -> tuple[int, int, int]:
    return (record.timestamp_ms or 0, record.partition, record.offset)


def _reach_back(ordered: list[Record], count: int, unread: list[int]) -> bool:
    """Whether what is left of the partitions `unread` is older than the newest `count`."""
    if not unread:
        return True
    if len(ordered) < count:
        return False
    oldest = {record.partition: record.timestamp_ms or 0 for record in reversed(ordered)}
    shown_from = ordered[-count].timestamp_ms or 0
    return all(p in oldest and oldest[p] <= shown_from for p in unread)


def _report(
    records: list[Record], scan: _Scan, bounds: dict[int, tuple[int, int]], stopped: Stop
) -> Report:
    available = sum(max(0, high - low) for low, high in bounds.values())
    return Report(tuple(records), len(scan.records), scan.read_bytes, available, stopped)
