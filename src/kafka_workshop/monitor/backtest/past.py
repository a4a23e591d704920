"""A range of a topic's committed records, each partition in the order of its offsets."""

from collections.abc import Iterator
from datetime import UTC, datetime

from confluent_kafka import Consumer, KafkaException, TopicPartition
from msgspec import Struct

from kafka_workshop.domain.label import CompleteUntil, Label
from kafka_workshop.errors import Unavailable, Undecodable, UserError
from kafka_workshop.language import tr
from kafka_workshop.messaging import config
from kafka_workshop.messaging.admin import end_offsets
from kafka_workshop.messaging.codec import decode
from kafka_workshop.messaging.committed import Read, ignored, read
from kafka_workshop.messaging.label_codec import decode_label
from kafka_workshop.monitor.backtest.run import Event

COMMITTED = "committed"
_ASK_S = 10.0


class InvalidBound(UserError):
    """The beginning or the end of a range is neither an offset nor a time."""


class Bound(Struct, frozen=True):
    """Where a range begins or ends: one of the three; in each partition the same.

    Attributes:
        offset: this offset.
        time: the first record that was sent at or after this, milliseconds UTC.
        committed: what the group has committed.
    """

    offset: int | None = None
    time: int | None = None
    committed: bool = False


def bound(option: str, text: str) -> Bound:
    """Return what a text says: an offset, an ISO time (UTC unless it says so), or `committed`.

    Raises:
        InvalidBound: it says none of them.

    >>> bound("--from", "1000").offset, bound("--from", "2026-01-02T03:04").time
    (1000, 1767323040000)
    """
    if text.isascii() and text.isdigit():
        return Bound(offset=int(text))
    if text == COMMITTED:
        return Bound(committed=True)
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise _invalid(option, text) from None
    return Bound(time=int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1000))


def _invalid(option: str, text: str) -> InvalidBound:
    return InvalidBound(
        tr(
            "{option} {text!r}: an offset (1000), a time (2026-01-31T12:00, UTC) or committed is "
            "wanted",
            "{option} {text!r}: use um offset (1000), uma hora (2026-01-31T12:00, UTC) ou "
            "committed",
            option=option,
            text=text,
        )
    )


class Past:
    """The transactions of a topic in a range, with the labels that are known of them.

    Attributes:
        undecodable: how many records are no transaction: the stream sends them to the DLQ.
    """

    def __init__(
        self, servers: tuple[str, ...], topic: str, group: str, labels: str, on_read: Read = ignored
    ) -> None:
        self.undecodable = 0
        self._servers, self._topic, self._group = servers, topic, group
        self._labels, self._on_read = labels, on_read

    def events(self, begin: Bound | None = None, end: Bound | None = None) -> Iterator[Event]:
        """Yield the labels, then the transactions of the range.

        Raises:
            BrokersUnavailable: no broker answered.
            Unavailable: there is no such topic, or a partition has no leader now.
        """
        ends = end_offsets(self._servers, self._topic)
        if not ends:
            raise Unavailable(
                tr("there is no topic {topic}", "não há tópico {topic}", topic=self._topic)
            )
        starts = self._offsets(begin, dict.fromkeys(ends, 0), ends)
        stops = self._offsets(end, ends, ends)
        yield from self._known_labels()
        for record in read(self._servers, self._topic, starts, on_read=self._on_read, ends=stops):
            try:
                yield decode(record.value)
            except Undecodable:
                self.undecodable += 1

    def _known_labels(self) -> Iterator[Event]:
        complete = dict.fromkeys(end_offsets(self._servers, self._labels), 0)
        for record in read(self._servers, self._labels, on_read=self._on_read):
            try:
                said = decode_label(record.value)
            except Undecodable:
                continue
            if isinstance(said, Label):
                yield said
            else:
                complete[record.partition] = max(complete[record.partition], said.until)
        if complete:
            yield CompleteUntil(1, min(complete.values()))

    def _offsets(
        self, wanted: Bound | None, otherwise: dict[int, int], ends: dict[int, int]
    ) -> dict[int, int]:
        if wanted is None:
            return otherwise
        if wanted.offset is not None:
            return {p: min(wanted.offset, end) for p, end in ends.items()}
        return {p: ends[p] if at < 0 else min(at, ends[p]) for p, at in self._asked(wanted, ends)}

    def _asked(self, wanted: Bound, ends: dict[int, int]) -> list[tuple[int, int]]:
        consumer = Consumer(
            config.confluent_consumer(self._servers, self._group), logger=config.LIBRDKAFKA_LOG
        )
        try:
            if wanted.committed:
                places = [TopicPartition(self._topic, p) for p in ends]
                found = consumer.committed(places, timeout=_ASK_S)
                # What was never committed has not been read: its range is empty.
                return [(at.partition, max(0, at.offset)) for at in found]
            places = [TopicPartition(self._topic, p, wanted.time or 0) for p in ends]
            return [(at.partition, at.offset) for at in consumer.offsets_for_times(places, _ASK_S)]
        except KafkaException as error:
            raise Unavailable(error.args[0].str()) from None
        finally:
            consumer.close()
