"""What the producer tells while it works: message lines, sampled, and the summary."""

import time
from functools import partial

from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import DeliveryFailed
from kafka_workshop.labels.telling import NoLabels
from kafka_workshop.language import tr
from kafka_workshop.ledger.book import Book
from kafka_workshop.logs import EverySecond, Logger, Sampler
from kafka_workshop.messaging.client import Delivery, OnDelivery, Producer
from kafka_workshop.ready import ReadyFile
from kafka_workshop.totals import money

# Without an answer for so long while something is in flight, say so.
_STALLED_S = 5.0


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
        self._second = EverySecond()
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
