"""What producer and consumer tell while they work: message lines, sampled, and the summary."""

import time
from functools import partial

from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import DeliveryFailed
from kafka_workshop.labels.telling import NoLabels
from kafka_workshop.language import tr
from kafka_workshop.ledger.book import Book
from kafka_workshop.logs import Logger, Sampler
from kafka_workshop.messaging.client import Consumer, Delivery, Message, OnDelivery, Producer
from kafka_workshop.ready import ReadyFile
from kafka_workshop.totals import Totals, money, shown, state_of

_SECOND = 1.0
# Without an answer for so long while something is in flight, say so.
_STALLED_S = 5.0


class _EverySecond:
    """True about once a second."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def due(self) -> bool:
        now = time.monotonic()
        if now - self._last < _SECOND:
            return False
        self._last = now
        return True


class DeliveryLog:
    """Logs each transaction when it is acknowledged, counts, and keeps the producer's book.

    The labels are told what is sent and answered, too.
    """

    def __init__(
        self,
        producer: Producer,
        book: Book,
        labels: NoLabels,
        logger: Logger,
        lines: int,
        ready: ReadyFile,
    ) -> None:
        self.sent = 0
        self.acknowledged = 0
        self.failed = 0
        self._producer = producer
        self._book = book
        self._labels = labels
        self._logger = logger
        self._ready = ready
        self._lines = Sampler(lines)
        self._failures = Sampler(lines)
        self._second = _EverySecond()
        self._started = self._answered = time.monotonic()

    def sending(self, transaction: Transaction) -> OnDelivery:
        """Count a transaction as sent; return what to call with the brokers' answer."""
        if self.sent == self.acknowledged + self.failed:
            self._answered = time.monotonic()
        self.sent += 1
        self._book.sending(transaction.transaction_id)
        self._labels.sending(transaction)
        return partial(self._delivered, transaction)

    def _delivered(self, transaction: Transaction, answer: Delivery | DeliveryFailed) -> None:
        self._answered = time.monotonic()
        failed = isinstance(answer, DeliveryFailed)
        self._book.answered(transaction.transaction_id, failed)
        self._labels.answered(transaction.transaction_id, failed)
        if isinstance(answer, DeliveryFailed):
            self.failed += 1
            if self._failures.admit():
                self._logger.error(str(answer), transaction_id=transaction.transaction_id)
            return
        self.acknowledged += 1
        self._ready.work()
        if self._lines.admit():
            self._logger.info(
                tr("transaction acknowledged", "transação confirmada"),
                transaction_id=transaction.transaction_id,
                kind=transaction.kind,
                amount=money(transaction.amount),
                partition=answer.partition,
                offset=answer.offset,
            )

    def show(self) -> None:
        """Let the answers in; about once a second say what the lines left out, or a standstill."""
        self._producer.poll()
        self._book.show()
        self._labels.show()
        if not self._second.due():
            return
        self._say_the_rest()
        silent = time.monotonic() - self._answered
        if self.unconfirmed and silent > _STALLED_S:
            self._logger.warning(
                tr("brokers don't confirm; still trying", "brokers não confirmam; tentando ainda"),
                waiting=self.unconfirmed,
                seconds=round(silent),
            )

    def _say_the_rest(self) -> None:
        if skipped := self._lines.take_skipped():
            self._logger.info(
                tr(
                    "more acknowledged, not shown one by one",
                    "outras confirmadas, sem linha própria",
                ),
                count=skipped,
            )

    @property
    def unconfirmed(self) -> int:
        """Transactions without an answer."""
        return self.sent - self.acknowledged - self.failed

    def summary(self) -> int:
        """Log the totals; return the exit code, 1 if anything is not known to be stored."""
        self._ready.clear()
        self._say_the_rest()
        seconds = time.monotonic() - self._started
        self._logger.info(
            tr("producer ended", "produtor encerrado"),
            sent=self.sent,
            acknowledged=self.acknowledged,
            failed=self.failed,
            unconfirmed=self.unconfirmed,
            seconds=round(seconds, 1),
        )
        return 1 if self.failed or self.unconfirmed else 0


class ConsumptionLog:
    """Logs each message as it is processed, and counts."""

    def __init__(self, consumer: Consumer, logger: Logger, lines: int, ready: ReadyFile) -> None:
        self.consumed = 0
        self.totals = Totals()
        self._assigned: frozenset[int] = frozenset()
        self._consumer = consumer
        self._logger = logger
        self._ready = ready
        self._lines = Sampler(lines)
        self._second = _EverySecond()
        self._started = time.monotonic()

    def room(self, batch: int, max_messages: int) -> int:
        """Return how many messages to fetch: a batch, or what is left of `max_messages`."""
        return min(batch, max_messages - self.consumed) if max_messages else batch

    def processed(self, message: Message, transaction: Transaction | None) -> None:
        """Count a message and log it, unless too many lines went out this second.

        Without a transaction it went to the dead letters, which a line says as well.
        """
        self.consumed += 1
        if not self._lines.admit():
            return
        place = {"partition": message.partition, "offset": message.offset}
        if transaction is None:
            self._logger.warning(
                tr("not decodable, sent to the dead letters", "não decodificada, enviada à DLQ"),
                **place,
            )
            return
        self._logger.info(
            tr("transaction consumed", "transação consumida"),
            transaction_id=transaction.transaction_id,
            kind=transaction.kind,
            amount=money(transaction.amount),
            uf=state_of(transaction),
            **place,
        )

    def show(self, uncommitted: int) -> None:
        """Say which partitions are ours, if that changed; about once a second say what is left.

        That is how many lines were left out, and whether offsets can't be stored.
        """
        if self._consumer.joined:
            self._ready.work()
            self._say_assignment()
        if not self._second.due():
            return
        self._say_the_rest()
        if uncommitted:
            self._logger.warning(
                tr("offsets not committed yet; still trying", "offsets ainda sem commit; tentando"),
                partitions=uncommitted,
            )

    def _say_assignment(self) -> None:
        assigned = self._consumer.assignment()
        if assigned != self._assigned:
            self._assigned = assigned
            self._logger.info(
                tr("partitions assigned", "partições atribuídas"), partitions=sorted(assigned)
            )

    def _say_the_rest(self) -> None:
        if skipped := self._lines.take_skipped():
            self._logger.info(
                tr("more consumed, not shown one by one", "outras consumidas, sem linha própria"),
                count=skipped,
            )

    def summary(self, dead_lettered: int, uncommitted: int) -> int:
        """Log the totals; return the exit code, 1 if offsets could not be committed."""
        self._ready.clear()
        self._say_the_rest()
        self._logger.info(
            tr("consumer ended", "consumidor encerrado"),
            processed=self.consumed,
            dead_lettered=dead_lettered,
            amount=money(self.totals.amount),
            by_kind=shown(self.totals.count_by_kind),
            by_uf=shown(self.totals.count_by_uf),
            uncommitted=uncommitted,
            seconds=round(time.monotonic() - self._started, 1),
        )
        return 1 if uncommitted else 0
