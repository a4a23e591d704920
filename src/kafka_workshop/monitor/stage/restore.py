"""Takes partitions over: their committed offsets, then their state up to the changelog's end.

The order is what makes it exact (stream.md, KAFKA-10167): offsets first, stable ones only; then the
changelog's high watermark, for a reader of committed records alone sees only the last stable
offset, which someone's open transaction holds back; then reading until the end is at or past it.

It goes in small steps, so that partitions we had before go on meanwhile.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import TimeoutError as FutureTimeout
from typing import NamedTuple

from confluent_kafka import (
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka import Message as Record
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import EarliestSpec, LatestSpec, OffsetSpec

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import ServiceFailed
from kafka_workshop.language import tr
from kafka_workshop.messaging import config
from kafka_workshop.messaging.confluent import metadata_of
from kafka_workshop.messaging.offsets import Position
from kafka_workshop.messaging.stage_clients.contract import Reader
from kafka_workshop.messaging.tally import Tally, resumed
from kafka_workshop.monitor.stage.changelog import STAMP_KEY, Found, Identity, check, stamp_of

_ASK_S, _ASK_BRIEFLY_S, _BATCH = 1.0, 0.2, 5_000
_ADMIN_S = 2.0
# Without any progress for so long something is wrong that waiting does not mend.
PATIENCE_S = 60.0
_EARLIEST: Callable[[], OffsetSpec] = EarliestSpec
_LATEST: Callable[[], OffsetSpec] = LatestSpec


class Source(NamedTuple):
    """Where to restore from: brokers, input topic, changelog, and what the state must belong to."""

    servers: tuple[str, ...]
    topic: str
    changelog: str
    schema: int
    rules: str
    offsets_may_lag: bool = False


class Restored(NamedTuple):
    """A partition whose state is there: where to go on, its state by key."""

    number: int
    position: Position
    states: dict[bytes, bytes]
    identity: Identity


class Restoration:
    """The taking over of some partitions; `step` it until nothing is `left`."""

    def __init__(self, source: Source, group: Reader, partitions: Iterable[int]) -> None:
        self._source = source
        self._group = group
        self.left = set(partitions)
        self.records = 0
        self._committed: dict[int, TopicPartition] = {}
        self._identity = Identity("", 0, source.schema, source.rules)
        self._bounds: dict[int, tuple[int, int]] = {}
        self._starts: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        self._reader: Consumer | None = None
        self._states: dict[int, dict[bytes, bytes]] = {p: {} for p in self.left}
        self._done: set[int] = set()
        self._progress = Deadline(PATIENCE_S)
        self._waits_for = ""

    def forget(self, partitions: Iterable[int]) -> None:
        """Leave out partitions that were taken from us meanwhile."""
        self.left.difference_update(partitions)

    def step(self, seconds: float, alone: bool = True) -> list[Restored]:
        """Go on for about so long; return what is restored now.

        Unless it is `alone`, other partitions wait meanwhile: then it asks briefly.

        Raises:
            Mismatch: what was found does not belong together.
            ServiceFailed: nothing has moved for a minute.
        """
        if not self._committed:
            self._ask_committed(_ASK_S if alone else _ASK_BRIEFLY_S)
        elif not self._ends:
            self._ask_ends()
        else:
            self._read(seconds)
        if self._progress.expired:
            raise _no_progress(self._source, self._waits_for)
        return self._take_done()

    def _moved(self) -> None:
        self._progress = Deadline(PATIENCE_S)

    def _ask_committed(self, seconds: float) -> None:
        # A group's reader of committed records is answered only once no transaction is pending.
        asked = [TopicPartition(self._source.topic, p) for p in self._states]
        self._waits_for = tr("committed offsets", "offsets confirmados")
        try:
            found = self._group.committed(asked, timeout=seconds)
        except KafkaException:
            return
        if all(at.error is None for at in found):
            self._committed = {at.partition: at for at in found}
            self._moved()

    def _ask_ends(self) -> None:
        self._waits_for = tr("ends of the topics", "fins dos tópicos")
        settings = config.confluent_common(self._source.servers, "restore")
        admin = AdminClient(settings, logger=config.LIBRDKAFKA_LOG)
        try:
            topic_id, partitions = _described(admin, self._source.topic)
            low = _offsets(admin, self._source.topic, self._states, _EARLIEST())
            high = _offsets(admin, self._source.topic, self._states, _LATEST())
            self._starts = _offsets(admin, self._source.changelog, self._states, _EARLIEST())
            self._ends = _offsets(admin, self._source.changelog, self._states, _LATEST())
        except (KafkaException, FutureTimeout):
            return
        self._identity = Identity(topic_id, partitions, self._source.schema, self._source.rules)
        self._bounds = {p: (low[p], high[p]) for p in low}
        self._done = {p for p, end in self._ends.items() if self._starts[p] >= end}
        self._moved()

    def _read(self, seconds: float) -> None:
        reader = self._reader or self._open_reader()
        self._waits_for = tr("changelog {topic}", "changelog {topic}", topic=self._source.changelog)
        try:
            records = reader.consume(_BATCH, seconds)
        except KafkaException as error:
            raise ServiceFailed(error.args[0].str()) from None
        for record in records:
            self._take(record)

    def _open_reader(self) -> Consumer:
        # From absolute offsets: for "the beginning" it would ask each leader once more.
        settings = config.confluent_consumer(self._source.servers, "restore") | {
            "client.id": "restore",
            "enable.partition.eof": True,
            "fetch.queue.backoff.ms": 10,
            "fetch.wait.max.ms": 50,
        }
        self._reader = Consumer(settings, logger=config.LIBRDKAFKA_LOG)
        changelog = self._source.changelog
        self._reader.assign(
            [TopicPartition(changelog, p, self._starts[p]) for p in sorted(self.left)]
        )
        return self._reader

    def _take(self, record: Record) -> None:
        error, number = record.error(), record.partition() or 0
        if error is not None:
            if error.code() == KafkaError._FATAL:
                raise ServiceFailed(error.str())
            if error.code() == KafkaError._PARTITION_EOF:
                self._moved()
                # Before the watermark it is the end of what is stable only: it will move on.
                if (record.offset() or 0) >= self._ends[number]:
                    self._done.add(number)
            return
        if number not in self.left:
            return  # written since: by somebody who is fenced, or it would be ours
        self._moved()
        self.records += 1
        key, value = record.key() or b"", record.value()
        if value is None:
            self._states[number].pop(key, None)
        else:
            self._states[number][key] = value

    def _take_done(self) -> list[Restored]:
        done = sorted(self._done & self.left)
        self.left -= self._done
        if not self.left:
            self.close()
        return [self._judged(number) for number in done]

    def _judged(self, number: int) -> Restored:
        states, at = self._states.pop(number), self._committed[number]
        stamp, (low, high) = stamp_of(states.pop(STAMP_KEY, None)), self._bounds[number]
        committed = at.offset if at.offset >= 0 else None
        found = Found(committed, stamp, low, high)
        check(found, self._identity, self._source.offsets_may_lag)
        position = (
            Position(low, Tally(since=low))
            if committed is None
            else Position(committed, resumed(committed, metadata_of(at)))
        )
        return Restored(number, position, states, self._identity)

    def close(self) -> None:
        """Let go of the connections."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()


def _described(admin: AdminClient, topic: str) -> tuple[str, int]:
    answer = admin.describe_topics(TopicCollection([topic]), request_timeout=_ADMIN_S)[topic]
    described = answer.result(_ADMIN_S)
    return str(described.topic_id), len(described.partitions)


def _offsets(
    admin: AdminClient, topic: str, partitions: Iterable[int], spec: OffsetSpec
) -> dict[int, int]:
    asked = {TopicPartition(topic, p): spec for p in partitions}
    answers = admin.list_offsets(
        asked, isolation_level=IsolationLevel.READ_UNCOMMITTED, request_timeout=_ADMIN_S
    )
    return {tp.partition: answer.result(_ADMIN_S).offset for tp, answer in answers.items()}


def _no_progress(source: Source, what: str) -> ServiceFailed:
    return ServiceFailed(
        tr(
            "restoring {topic}: nothing has moved for {seconds:.0f} s (waiting for: {what}); "
            "./workshop doctor looks for a hanging transaction",
            "restaurando {topic}: nada avança há {seconds:.0f} s (aguardando: {what}); "
            "./workshop doctor procura uma transação pendente",
            topic=source.changelog,
            seconds=PATIENCE_S,
            what=what,
        )
    )
