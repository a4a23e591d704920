"""A stage: reads a topic as a member of a group, folds it with state, and says each thing once.

Nothing is sent while messages are processed: state, results and counts gather in an overlay for
each partition, and `commit` sends and commits them in one transaction. So a transaction is open
for as short as can be, and to abort is to forget.
"""

from itertools import chain
from operator import itemgetter
from typing import TypeVar

from kafka_workshop.clock import Deadline, now_ms
from kafka_workshop.errors import ServiceFailed, Undecodable, WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.logs import Logger
from kafka_workshop.messaging.client import Message, beyond_repair
from kafka_workshop.messaging.dlq import letter
from kafka_workshop.messaging.stage_clients.contract import Reader
from kafka_workshop.messaging.topics import dead_letter_topic
from kafka_workshop.monitor.classes import RULE_FAILED
from kafka_workshop.monitor.stage.member import Member
from kafka_workshop.monitor.stage.passing import Passage
from kafka_workshop.monitor.stage.restore import Source
from kafka_workshop.monitor.stage.transaction import Aborted, GaveUp, Store
from kafka_workshop.monitor.stage.values import Counts, Fold, Output, Unit
from kafka_workshop.monitor.stage.watchdog import Watchdog

E = TypeVar("E")
R = TypeVar("R")
# So many in a row are no poison, but a fold that is broken.
MOST_FAILURES = 100
# For so long every transaction was aborted: a fresh start may help, going on does not.
MOST_ABORTING_S = 120.0


class Stage(Member[E, R]):
    """One member of a stage; see `Member` for reading.

    Attributes:
        totals: what was counted of committed messages.
        done: messages that are processed or in the dead letters, and were not aborted.
    """

    def __init__(
        self,
        source: Source,
        fold: Fold[E, R],
        consumer: Reader,
        store: Store,
        watchdog: Watchdog,
        logger: Logger,
        passage: Passage | None = None,
    ) -> None:
        super().__init__(source, fold, consumer, watchdog, logger, passage)
        self.store = store
        self.totals: Counts[E, R] = fold.counts()
        self._committed = 0
        self._letters = dead_letter_topic(source.topic)
        self._failures = 0
        self._aborting: Deadline | None = None

    def join(self) -> None:
        """Become a member of the group.

        Raises:
            GaveUp: the end was asked for before the coordinator answered.
        """
        with self.watchdog.watching():
            self.store.open(self.stuck)
        self._subscribe()

    def decode(self, message: Message) -> E:
        """Return the event that a message says.

        Raises:
            Undecodable: it says none, and belongs to the dead letters.
        """
        return self.fold.decode(message)

    def process(self, message: Message, event: E) -> R:
        """Fold one message; return what came of it.

        Raises:
            Undecodable: it belongs to the dead letters; its state is as before.
            ServiceFailed: the fold has failed too often in a row.
        """
        partition, key = self._partitions[message.partition], self.fold.key(event)
        try:
            folded = self.fold.fold(partition.state(key), event, message)
        except Undecodable:
            raise
        except Exception as error:  # whatever a rule does, one message pays for it
            raise self._failed(error) from error
        self._failures = 0
        partition.note(message.offset, key, folded.state, folded.outputs)
        partition.counts.add(event, folded.result)
        self._policy.began(alert=bool(folded.result))
        return folded.result

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
        self._policy.began()

    @property
    def done(self) -> int:
        """See the class."""
        return self._committed + sum(p.processed + p.dead for p in self._partitions.values())

    def commit(self, now: bool = False) -> int:
        """Commit if it is time, or `now`.

        Returns:
            Of how many partitions something was to be committed and is not.

        Raises:
            Fenced, ServiceFailed: this one can't go on; start a fresh one.
        """
        opened = self._opened()
        messages, size = sum(p.processed + p.dead for p in opened), sum(p.size for p in opened)
        if opened and (now or self._policy.due(self._caught_up, messages, size)):
            return self._store()
        return 0

    def _store(self) -> int:
        opened = self._opened()
        if not opened or self._ended:
            return len(opened)
        unit = self._unit()
        try:
            with self.watchdog.watching():
                self.store.store(unit)
        except Aborted as reason:
            self._take_back(reason)
            return len(opened)
        except GaveUp:
            self._ended = True
            return len(opened)
        for partition in self._partitions.values():
            self.totals.merge(partition.counts)
            self._committed += partition.processed + partition.dead
        for each in opened:
            each.commit()
        self._aborting = None
        self._policy.ended()
        return 0

    def _unit(self) -> Unit:
        # In the order of processing, so that others hear it as if there were one partition.
        made = sorted(chain.from_iterable(p.outputs for p in self._opened()), key=itemgetter(0))
        unit = Unit([output for _, output in made], [], {}, {})
        for passing in self._passing.values():
            if passing.open:
                passing.add_to(unit)
        for partition in self._partitions.values():
            if partition.open:
                partition.add_to(unit, self._identity)
        return unit

    def _take_back(self, reason: Aborted) -> None:
        self.logger.warning(
            tr(
                "transaction aborted; its messages are processed again",
                "transação abortada; suas mensagens são processadas de novo",
            ),
            reason=str(reason),
        )
        self._policy.ended()
        self._rewind()
        self._aborting = self._aborting or Deadline(MOST_ABORTING_S)
        if self._aborting.expired:
            raise beyond_repair(str(reason))

    def stuck(self) -> None:
        """Say that brokers don't answer while a transaction is under way."""
        self.logger.warning(
            tr("offsets not committed yet; still trying", "offsets ainda sem commit; tentando"),
            partitions=len(self._opened()),
        )

    def close(self) -> None:
        """Leave the group, within seconds, so that others take over at once; commit nothing."""
        self._leave()
        self.store.close()
