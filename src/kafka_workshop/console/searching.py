"""A search for messages that a filter wants: in bounded rounds, never silent about what it skipped.

A search reads spans of offsets (`spans.py`) in rounds that grow, the same from the new end as from
the old one. Wherever it stops (a limit, a person, a broker that is gone) it knows exactly what is
left, so it can go on from there: no message is read twice, none is passed over.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from kafka_workshop.clock import Deadline
from kafka_workshop.console.filtering import Matcher
from kafka_workshop.console.records import Record, trimmed, whole_record
from kafka_workshop.console.spans import Remaining, Span, remaining

Why = Literal["end", "found", "messages", "bytes", "seconds", "cancelled"]
# One round of one partition is at most so many offsets.
_WIDEST = 5_000
_BATCH = 500
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class SearchLimits:
    """Bounds of one go: messages and bytes read, seconds; messages kept, and their bytes."""

    messages: int = 200_000
    bytes: int = 200_000_000
    seconds: float = 20.0
    kept: int = 1_000
    kept_bytes: int = 16_000_000


@dataclass
class Search:
    """A search: what it wants, what it has found, read and left so far.

    `left` is `None` until it has begun; `total` counts the offsets it began with. Each go ends when
    at least `count` more are found; `goal` is how many that makes in all.
    """

    topic: str
    matcher: Matcher
    count: int
    backwards: bool
    left: Remaining | None = None
    total: int = 0
    read: int = 0
    read_bytes: int = 0
    goal: int = 0
    found: list[Record] = field(default_factory=list)
    found_bytes: int = 0
    stopped: Why | None = None

    def begin(self, bounds: Mapping[int, Span]) -> None:
        """Take `bounds`, offsets by partition, as what is to be searched."""
        self.left = remaining(bounds)
        self.total = self.left.offsets

    @property
    def estimated(self) -> int:
        """About how many messages there are: what was read, and the offsets that are left."""
        return self.read + (self.left.offsets if self.left else 0)

    @property
    def gaps(self) -> bool:
        """Whether offsets without a message were passed: transactions or compaction."""
        return self.estimated < self.total

    def take(self, record: Record) -> None:
        """Look at one message."""
        self.read += 1
        self.read_bytes += record.size
        if self.matcher.matches(record):
            self.found.append(trimmed(record))
            self.found_bytes += record.size


@dataclass
class Go:
    """One go of a search: its bounds, and how to cancel it."""

    search: Search
    limits: SearchLimits
    deadline: Deadline
    cancel: threading.Event
    closing: threading.Event

    def __post_init__(self) -> None:
        search = self.search
        self._read, self._bytes = search.read, search.read_bytes
        self._kept, self._kept_bytes = len(search.found), search.found_bytes
        search.goal, search.stopped = self._kept + search.count, None

    def why_stop(self) -> Why | None:
        """Return why to stop within a round, or `None` to go on."""
        search, limits = self.search, self.limits
        reasons: tuple[tuple[bool, Why], ...] = (
            (self.cancel.is_set() or self.closing.is_set(), "cancelled"),
            (search.read - self._read >= limits.messages, "messages"),
            (search.read_bytes - self._bytes >= limits.bytes, "bytes"),
            (self.deadline.expired, "seconds"),
            (len(search.found) - self._kept >= limits.kept, "found"),
            (search.found_bytes - self._kept_bytes >= limits.kept_bytes, "found"),
        )
        return next((why for true, why in reasons if true), None)

    def why_stop_here(self) -> Why | None:
        """Return why to stop between two rounds, or `None` to go on."""
        if self.search.left is not None and not self.search.left.spans:
            return "end"
        return self.why_stop() or ("found" if self._enough() else None)

    def _enough(self) -> bool:
        return len(self.search.found) >= self.search.goal


class Round:
    """A piece of each partition while it is read: what is open, and how far each has got."""

    def __init__(self, pieces: Mapping[int, Span]) -> None:
        self.open = dict(pieces)
        self._from = {p: low for p, (low, _) in pieces.items()}
        self._reached = dict(self._from)

    @property
    def covered(self) -> dict[int, Span]:
        """The offsets that are done with."""
        return {p: (low, self._reached[p]) for p, low in self._from.items()}

    def end(self, partition: int) -> None:
        """Note that there is nothing more in this partition's piece."""
        if partition in self.open:
            self._reached[partition] = self.open.pop(partition)[1]

    def belongs(self, partition: int, offset: int) -> bool:
        """Whether this message is in the piece; notes how far its partition is thereby read."""
        if partition not in self.open:
            return False
        high = self.open[partition][1]
        if offset + 1 >= high:
            self.end(partition)
        else:
            self._reached[partition] = offset + 1
        return offset < high


def go_on(consumer: Consumer, go: Go) -> None:
    """Search until the goal is reached, nothing is left, or a limit says stop.

    Raises:
        KafkaException: the topic or its leaders are gone; what was found and is left stays true.
    """
    search = go.search
    width = max(10, search.count // max(1, len(search.left.spans) if search.left else 1))
    search.stopped = go.why_stop_here()
    while search.stopped is None and search.left is not None:
        before = len(search.found)
        search.stopped = _round(consumer, go, search.left, width) or go.why_stop_here()
        if len(search.found) - before < search.count // 8 + 1:
            width = min(_WIDEST, width * 4)


def _round(consumer: Consumer, go: Go, left: Remaining, width: int) -> Why | None:
    pieces = Round(left.piece(width, backwards=go.search.backwards))
    topic = go.search.topic
    consumer.assign([TopicPartition(topic, p, low) for p, (low, _) in pieces.open.items()])
    try:
        while pieces.open:
            for message in consumer.consume(_BATCH, _POLL_SECONDS):
                why = go.why_stop()
                if why is not None:
                    return why
                _take(go.search, pieces, message)
            if (why := go.why_stop()) is not None and pieces.open:
                return why
    finally:
        go.search.left = left.without(pieces.covered)
    return None


def _take(search: Search, pieces: Round, message: Message) -> None:
    partition, error = message.partition() or 0, message.error()
    if error is not None and error.code() == KafkaError._PARTITION_EOF:
        pieces.end(partition)
    elif error is not None:
        raise KafkaException(error)
    elif pieces.belongs(partition, message.offset() or 0):
        search.take(whole_record(message))
