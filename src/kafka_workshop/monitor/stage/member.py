"""Membership in the group: partitions come, are restored, read in order, and go."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from typing import Generic, TypeVar

import msgspec
from confluent_kafka import OFFSET_BEGINNING, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as Record

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import ServiceFailed, UserError, WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.logs import Logger
from kafka_workshop.messaging.bounded import OneAtATime
from kafka_workshop.messaging.client import Message, beyond_repair
from kafka_workshop.messaging.confluent import message_of
from kafka_workshop.messaging.stage_clients.contract import Reader
from kafka_workshop.monitor.stage.changelog import Identity, Mismatch, how_to_mend
from kafka_workshop.monitor.stage.merging import Merging
from kafka_workshop.monitor.stage.partition import Partition, Passing, Progress
from kafka_workshop.monitor.stage.passing import Passage, SecondTopic
from kafka_workshop.monitor.stage.policy import CommitPolicy
from kafka_workshop.monitor.stage.restore import Restored, Source
from kafka_workshop.monitor.stage.takeover import Takeover
from kafka_workshop.monitor.stage.values import Fold
from kafka_workshop.monitor.stage.watchdog import Watchdog

E = TypeVar("E")
R = TypeVar("R")
# Together with a commit that gives up, within the seconds that a supervisor waits.
_LEAVE_S, _CLOSE_S = 1.0, 1.5
_PAUSE_S = 0.01


class Member(ABC, Generic[E, R]):
    """The half of a stage that reads; rebalances are served inside `fetch`, nowhere else.

    Attributes:
        joined: whether the group has given us our partitions (which may be none).
    """

    def __init__(
        self,
        source: Source,
        fold: Fold[E, R],
        consumer: Reader,
        watchdog: Watchdog,
        logger: Logger,
        passage: Passage | None = None,
    ) -> None:
        self.source = source
        self.watchdog = watchdog
        self.fold = fold
        self.consumer = consumer
        self.logger = logger
        self.joined = False
        self._policy = CommitPolicy()
        self._partitions: dict[int, Partition[E, R]] = {}
        self._identity = Identity("", 0, source.schema, source.rules)
        self._takeover = Takeover(source, consumer, self._adopt, logger)
        self._merging = Merging(consumer, waits=fold.merged)
        self._second = SecondTopic(passage, consumer, self._merging, logger) if passage else None
        self._caught_up = True
        self._failure: WorkshopError | None = None
        self._ended = False

    @abstractmethod
    def _store(self) -> int:
        """Commit what is open; return of how many partitions that did not work."""

    def _subscribe(self) -> None:
        self.consumer.subscribe(
            [self.source.topic],
            on_assign=self._gained,
            on_revoke=self._revoked,
            on_lost=self._lost,
        )

    def _gained(self, consumer: Reader, gained: list[TopicPartition]) -> None:
        self.joined = True
        places = [TopicPartition(p.topic, p.partition, OFFSET_BEGINNING) for p in gained]
        beside = self._beside(gained)
        consumer.incremental_assign([*places, *beside])
        consumer.pause([*places, *beside])
        self._takeover.begin(p.partition for p in gained)
        if self._second:
            self._second.begin(beside)

    def _beside(self, places: list[TopicPartition]) -> list[TopicPartition]:
        """Return the partitions of the second topic that go with some of the input's."""
        return self._second.going_with(p.partition for p in places) if self._second else []

    def _revoked(self, consumer: Reader, revoked: list[TopicPartition]) -> None:
        if not self._ended:
            try:
                self._store()
            except WorkshopError as error:
                self._failure = error
        self._let_go(consumer, revoked)

    def _lost(self, consumer: Reader, lost: list[TopicPartition]) -> None:
        self._let_go(consumer, lost)

    def _let_go(self, consumer: Reader, gone: list[TopicPartition]) -> None:
        numbers, beside = {p.partition for p in gone}, self._beside(gone)
        self._takeover.forget(numbers)
        for number in numbers:
            self._partitions.pop(number, None)
        if self._second:
            self._second.let_go(beside)
        if not self._opened():
            self._policy.ended()
        self._merging.end([*gone, *beside])
        consumer.incremental_unassign([*gone, *beside])

    def _adopt(self, restored: Restored) -> None:
        number, position = restored.number, restored.position
        self._identity = restored.identity
        try:
            partition = Partition(number, position, restored.states, self.fold)
        except msgspec.DecodeError:
            raise Mismatch(
                tr(
                    "the changelog of partition {number} has a record that is no state; {mend}",
                    "o changelog da partição {number} tem um registro que não é estado; {mend}",
                    number=number,
                    mend=how_to_mend(),
                )
            ) from None
        self._partitions[number] = partition
        self._merging.go_to(TopicPartition(self.source.topic, number, position.offset))
        self.consumer.resume([TopicPartition(self.source.topic, number)])

    @property
    def _passing(self) -> dict[int, Passing]:
        return self._second.partitions if self._second else {}

    def _opened(self) -> list[Progress]:
        """Return the partitions of which something is not committed."""
        return [p for p in (*self._partitions.values(), *self._passing.values()) if p.open]

    def _rewind(self) -> None:
        """Forget what is not committed, and read it again."""
        for partition in self._partitions.values():
            if partition.drop() is not None:
                at = partition.number, partition.committed.offset
                self._merging.go_to(TopicPartition(self.source.topic, *at))
        if self._second:
            self._second.rewind()

    def assignment(self) -> frozenset[int]:
        """Return the partitions that we own now, with their state or still without."""
        return frozenset(self._partitions) | self._takeover.left

    @property
    def restored(self) -> bool:
        """Whether the state of all our partitions is there."""
        return self.joined and not self._takeover.left

    def states(self) -> dict[tuple[int, bytes], bytes]:
        """Return the committed state, by partition and key."""
        return {
            (number, key): state
            for number, partition in self._partitions.items()
            for key, state in partition.snapshot().items()
        }

    def fetch(self, most: int, timeout_s: float) -> Iterator[Message]:
        """Yield up to `most` messages, fewer or none after `timeout_s` seconds.

        In offset order within a partition, without gap and repetition, and only of partitions that
        are ours with their state. What an abort took back comes again.

        Raises:
            Mismatch: state and offsets don't belong together.
            ServiceFailed: this one can't go on; start a fresh one.
        """
        try:
            yield from self._messages(most, timeout_s)
        except UserError:
            self._leave()  # nobody starts us again: others need not wait for our session to end
            raise

    def _messages(self, most: int, timeout_s: float) -> Iterator[Message]:
        with self.watchdog.watching():
            records = self._records(most, timeout_s)
        for record in records:
            if self._second and record.topic() == self._second.topic:
                if self._second.take(record):
                    self._policy.began()
            elif self._is_next(record):
                yield message_of(record)

    def _records(self, most: int, timeout_s: float) -> list[Record]:
        if self._takeover.left:
            self._takeover.step(timeout_s, alone=not self._partitions)
            timeout_s = 0.0
        if self._second:
            self._second.step()
        rewound = self._rewound()
        earlier = self._merging.turn([], most)
        left = most - len(earlier)
        records = self._consume(left, 0 if earlier else self._policy.wait(timeout_s))
        self._caught_up = len(records) < left
        if self._failure is not None:
            raise self._failure
        # What was gathered of a partition before a rebalance rewound it comes again.
        stale = self._rewound() - rewound
        return [*_without(stale, earlier), *self._merging.turn(_without(stale, records), left)]

    def _rewound(self) -> set[tuple[str | None, int | None]]:
        topic, second = self.source.topic, self._second.topic if self._second else ""
        found = {(topic, n) for n, p in self._partitions.items() if p.resumes_at is not None}
        return found | {(second, n) for n, p in self._passing.items() if p.resumes_at is not None}

    def _consume(self, most: int, wait_s: float) -> list[Record]:
        try:
            # At once what is there; otherwise the first that comes, and what came with it.
            records = self.consumer.consume(most, 0) if most else []
            if not records and most and wait_s > 0:
                records = self.consumer.consume(1, wait_s)
                if records:
                    records += self.consumer.consume(most - 1, 0) if most > 1 else []
        except KafkaException as error:
            _check(error.args[0])
            raise beyond_repair(error.args[0].str()) from None
        return [record for record in records if _is_message(record)]

    def _is_next(self, record: Record) -> bool:
        partition = self._partitions.get(record.partition() or 0)
        return partition is not None and partition.is_next(record.offset() or 0)

    def _leave(self) -> None:
        """Leave the group, within seconds, so that others take over at once; commit nothing."""
        self._ended = True
        self._takeover.close()
        OneAtATime().run(self._close_consumer, _CLOSE_S)

    def _close_consumer(self) -> None:
        # One that was fenced has no place to leave, and says so.
        with suppress(KafkaException, RuntimeError):
            # A static member that only closes leaves nobody its partitions until its session ends.
            self.consumer.unsubscribe()
            deadline = Deadline(_LEAVE_S)
            while self.consumer.assignment() and not deadline.expired:
                self.consumer.poll(_PAUSE_S)
        with suppress(KafkaException, RuntimeError):
            self.consumer.close()


def _without(stale: set[tuple[str | None, int | None]], records: list[Record]) -> list[Record]:
    return [r for r in records if (r.topic(), r.partition()) not in stale] if stale else records


def _is_message(record: Record) -> bool:
    error = record.error()
    if error is not None:
        _check(error)
    return error is None


def _check(error: KafkaError) -> None:
    """Let pass what a client mends by itself.

    Raises:
        Mismatch: the topic does not have our offset any more.
        ServiceFailed: this client can't read any more; a fresh one can.
    """
    if error.code() == KafkaError._AUTO_OFFSET_RESET:
        raise Mismatch(f"{error.str()}; {how_to_mend()}")
    if "group.instance.id" in error.str():
        # By another process of our name; or by ourselves, when the coordinator died or the machine
        # slept while we joined, and we joined once more. No broker tells which.
        raise ServiceFailed(
            tr(
                "this consumer's place in the group was taken: by another with the same INSTANCE, "
                "or by its own second request to join; a fresh start goes on after the last commit",
                "o lugar deste consumidor no grupo foi tomado: por outro com a mesma INSTANCE, ou "
                "por seu próprio segundo pedido de entrada; uma nova partida continua após o "
                "último commit",
            )
        )
    if error.code() == KafkaError._FATAL:
        raise beyond_repair(error.str())
