"""A stage: reads a topic as a member of a group, folds it with state, and says each thing once.

Nothing is sent while messages are processed: state, results and counts gather in an overlay for
each partition, and `commit` sends and commits them in one transaction. So a transaction is open
for as short as can be, and to abort is to forget.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as Record

from kafka_workshop.clock import Deadline, now_ms
from kafka_workshop.errors import ServiceFailed, Undecodable, UserError, WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.logs import Logger
from kafka_workshop.messaging.bounded import OneAtATime
from kafka_workshop.messaging.client import Message, beyond_repair
from kafka_workshop.messaging.confluent import message_of
from kafka_workshop.messaging.dlq import letter
from kafka_workshop.messaging.topics import dead_letter_topic
from kafka_workshop.monitor.classes import RULE_FAILED
from kafka_workshop.monitor.stage.changelog import Identity, Mismatch, how_to_mend
from kafka_workshop.monitor.stage.partition import Partition
from kafka_workshop.monitor.stage.policy import CommitPolicy
from kafka_workshop.monitor.stage.restore import Restored, Source
from kafka_workshop.monitor.stage.takeover import Takeover
from kafka_workshop.monitor.stage.transaction import Aborted, GaveUp, Store
from kafka_workshop.monitor.stage.values import Counts, Fold, Output, Unit

E = TypeVar("E")
R = TypeVar("R")
# So many in a row are no poison, but a fold that is broken.
MOST_FAILURES = 100
# For so long every transaction was aborted: a fresh start may help, going on does not.
MOST_ABORTING_S = 120.0
_CLOSE_S, _SEEK_S, _PAUSE_S = 1.5, 5.0, 0.01


class TakenOver(UserError):
    """Another member has our name. To start again would only take it back: nobody does."""


@dataclass
class Stage(Generic[E, R]):
    """One member of a stage; `totals` and `done` are what it has done, open transaction included.

    Attributes:
        joined: whether the group has given us our partitions (which may be none).
        done: messages that are processed or in the dead letters, and were not aborted.
        totals: what was counted of committed messages.
    """

    source: Source
    fold: Fold[E, R]
    consumer: Consumer
    store: Store
    logger: Logger
    policy: CommitPolicy = field(default_factory=CommitPolicy)
    joined: bool = False

    def __post_init__(self) -> None:
        self.totals: Counts[E, R] = self.fold.counts()
        self._committed = 0
        self._partitions: dict[int, Partition[E, R]] = {}
        self._identity = Identity("", 0, self.source.schema, self.source.rules)
        self._takeover = Takeover(self.source, self.consumer, self._adopt, self.logger)
        self._letters = dead_letter_topic(self.source.topic)
        self._caught_up = True
        self._failures = 0
        self._failure: WorkshopError | None = None
        self._aborting: Deadline | None = None
        self._ended = False

    def join(self) -> None:
        """Become a member of the group.

        Raises:
            GaveUp: the end was asked for before the coordinator answered.
        """
        self.store.open(self.stuck)
        self.consumer.subscribe(
            [self.source.topic],
            on_assign=self._gained,
            on_revoke=self._revoked,
            on_lost=self._lost,
        )

    # Partitions come and go, inside `consume` only.

    def _gained(self, consumer: Consumer, gained: list[TopicPartition]) -> None:
        self.joined = True
        places = [TopicPartition(p.topic, p.partition, OFFSET_BEGINNING) for p in gained]
        consumer.incremental_assign(places)
        consumer.pause(places)
        self._takeover.begin(p.partition for p in gained)

    def _revoked(self, consumer: Consumer, revoked: list[TopicPartition]) -> None:
        if not self._ended:
            try:
                self._store()
            except WorkshopError as error:
                self._failure = error
        self._let_go(consumer, revoked)

    def _lost(self, consumer: Consumer, lost: list[TopicPartition]) -> None:
        self._let_go(consumer, lost)

    def _let_go(self, consumer: Consumer, gone: list[TopicPartition]) -> None:
        numbers = {p.partition for p in gone}
        self._takeover.forget(numbers)
        for number in numbers:
            self._partitions.pop(number, None)
        if not any(p.open for p in self._partitions.values()):
            self.policy.ended()
        consumer.incremental_unassign(gone)

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
        self._go_to(number, position.offset)
        self.consumer.resume([TopicPartition(self.source.topic, number)])

    def _go_to(self, number: int, offset: int) -> None:
        deadline = Deadline(_SEEK_S)
        while True:
            try:
                self.consumer.seek(TopicPartition(self.source.topic, number, offset))
            except KafkaException as error:
                # The partition was assigned a moment ago: its fetching has not begun.
                if deadline.expired:
                    raise beyond_repair(error.args[0].str()) from None
                time.sleep(_PAUSE_S)
            else:
                return

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

    # Messages.

    def fetch(self, most: int, timeout_s: float) -> Iterator[Message]:
        """Yield up to `most` messages, fewer or none after `timeout_s` seconds.

        In offset order within a partition, without gap and repetition, and only of partitions that
        are ours with their state. What an abort took back comes again.

        Raises:
            Mismatch: state and offsets don't belong together.
            ServiceFailed: this one can't go on; start a fresh one.
        """
        if self._takeover.left:
            self._takeover.step(timeout_s, alone=not self._partitions)
            timeout_s = 0.0
        records = self._consume(most, self.policy.wait(timeout_s))
        self._caught_up = len(records) < most
        if self._failure is not None:
            raise self._failure
        for record in records:
            error = record.error()
            if error is not None:
                _check(error)
            elif self._is_next(record):
                yield message_of(record)

    def _consume(self, most: int, wait_s: float) -> list[Record]:
        try:
            # At once what is there; otherwise the first that comes, and what came with it.
            records = self.consumer.consume(most, 0)
            if not records and wait_s > 0:
                records = self.consumer.consume(1, wait_s)
                if records:
                    records += self.consumer.consume(most - 1, 0) if most > 1 else []
        except KafkaException as error:
            raise beyond_repair(error.args[0].str()) from None
        return records

    def _is_next(self, record: Record) -> bool:
        partition = self._partitions.get(record.partition() or 0)
        offset = record.offset() or 0
        if partition is None or offset < partition.next:
            return False
        if partition.resumes_at is not None:
            if offset != partition.resumes_at:
                raise beyond_repair(f"{partition.number}: {offset} != {partition.resumes_at}")
            partition.resumes_at = None
        return True

    def process(self, message: Message, event: E) -> R:
        """Fold one message; return what came of it.

        Raises:
            Undecodable: it belongs to the dead letters; its state is as before.
            ServiceFailed: the fold has failed too often in a row.
        """
        partition, key = self._partitions[message.partition], self.fold.key(event)
        try:
            state, result = self.fold.fold(partition.state(key), event, message)
            outputs = list(self.fold.outputs(result))
        except Undecodable:
            raise
        except Exception as error:  # whatever a rule does, one message pays for it
            raise self._failed(error) from error
        self._failures = 0
        partition.note(message.offset, key, state, outputs)
        partition.counts.add(event, result)
        self.policy.began()
        return result

    def _failed(self, error: Exception) -> WorkshopError:
        self._failures += 1
        # The type alone: a message may hold what must stay masked.
        reason = type(error).__name__
        if self._failures >= MOST_FAILURES:
            return ServiceFailed(
                tr(
                    "the rules failed {n} times in a row, last with {reason}: nothing of that is "
                    "committed",
                    "as regras falharam {n} vezes seguidas, por último com {reason}: nada disso "
                    "foi confirmado",
                    n=self._failures,
                    reason=reason,
                )
            )
        return Undecodable(RULE_FAILED, reason)

    def dead_letter(self, message: Message, reason: Undecodable) -> None:
        """Send a message to the dead letters, unchanged, in the transaction that moves past it."""
        context = letter.context(message, reason.error_class, reason.reason, now_ms())
        output = Output(
            self._letters,
            message.key,
            message.value,
            forms=letter.forms(message, context),
            number=(message.partition, message.offset),
        )
        self._partitions[message.partition].note_dead(message.offset, output)
        self.policy.began()

    @property
    def done(self) -> int:
        """See the class."""
        return self._committed + sum(p.processed + p.dead for p in self._partitions.values())

    # Transactions.

    def commit(self, now: bool = False) -> int:
        """Commit if it is time, or `now`.

        Returns:
            Of how many partitions something was to be committed and is not.

        Raises:
            Fenced, ServiceFailed: this one can't go on; start a fresh one.
        """
        opened = [p for p in self._partitions.values() if p.open]
        messages, size = sum(p.processed + p.dead for p in opened), sum(p.size for p in opened)
        if opened and (now or self.policy.due(self._caught_up, messages, size)):
            return self._store()
        return 0

    def _store(self) -> int:
        opened = [p for p in self._partitions.values() if p.open]
        if not opened or self._ended:
            return len(opened)
        unit = self._unit(opened)
        try:
            self.store.store(unit)
        except Aborted as reason:
            self._take_back(opened, reason)
            return len(opened)
        except GaveUp:
            self._ended = True
            return len(opened)
        for partition in opened:
            self.totals.merge(partition.counts)
            self._committed += partition.processed + partition.dead
            partition.commit()
        self._aborting = None
        self.policy.ended()
        return 0

    def _unit(self, opened: list[Partition[E, R]]) -> Unit:
        unit = Unit([], [], {})
        for partition in opened:
            partition.add_to(unit, self._identity)
        return unit

    def _take_back(self, opened: list[Partition[E, R]], reason: Aborted) -> None:
        self.logger.warning(
            tr(
                "transaction aborted; its messages are processed again",
                "transação abortada; suas mensagens são processadas de novo",
            ),
            reason=str(reason),
        )
        self.policy.ended()
        for partition in opened:
            partition.drop()
            self._go_to(partition.number, partition.committed.offset)
        self._aborting = self._aborting or Deadline(MOST_ABORTING_S)
        if self._aborting.expired:
            raise beyond_repair(str(reason))

    def stuck(self) -> None:
        """Say that brokers don't answer while a transaction is under way."""
        self.logger.warning(
            tr("offsets not committed yet; still trying", "offsets ainda sem commit; tentando"),
            partitions=sum(p.open for p in self._partitions.values()),
        )

    def close(self) -> None:
        """Leave the group, within seconds, so that others take over at once; commit nothing."""
        self._ended = True
        self._takeover.close()
        with suppress(KafkaException, RuntimeError):
            OneAtATime().run(self._leave, _CLOSE_S)
        self.store.close()

    def _leave(self) -> None:
        # A static member that only closes leaves nobody its partitions until its session ends.
        self.consumer.unsubscribe()
        deadline = Deadline(_CLOSE_S)
        while self.consumer.assignment() and not deadline.expired:
            self.consumer.poll(_PAUSE_S)
        self.consumer.close()


def _check(error: KafkaError) -> None:
    """Let pass what a client mends by itself.

    Raises:
        Mismatch: the topic does not have our offset any more.
        TakenOver: another member has our name.
        ServiceFailed: this client can't read any more.
    """
    if error.code() == KafkaError._AUTO_OFFSET_RESET:
        raise Mismatch(f"{error.str()}; {how_to_mend()}")
    if "group.instance.id" in error.str():
        raise TakenOver(
            tr(
                "another consumer runs with the same INSTANCE and has taken over; this one ends",
                "outro consumidor com a mesma INSTANCE assumiu; este encerra",
            )
        )
    if error.code() == KafkaError._FATAL:
        raise beyond_repair(error.str())
