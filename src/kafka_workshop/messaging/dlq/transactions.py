"""One producer of transactions, its errors split by what the caller does about them."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as Record

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import Fenced, Unavailable
from kafka_workshop.language import tr
from kafka_workshop.messaging import config
from kafka_workshop.messaging.client import Headers, beyond_repair

_FENCED = (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH)
_REFUSED = (KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE)
_CALL_S, _PATIENCE_S, _POLL_S = 5.0, 30.0, 0.1


class Aborted(Unavailable):
    """The transaction must be aborted: nothing of it counts, and all of it may be sent again."""


class TransactionalProducer:
    """Sends records that all count once `commit` returns, or never.

    Every method may raise `Fenced` (another producer has opened with the same transactional id,
    or the brokers gave us up because we stood still) or `ServiceFailed` (this one is done for).
    """

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._failed: list[tuple[int, KafkaError]] = []

    def fence(self) -> None:
        """Fence whoever had this transactional id; what it had not committed is aborted.

        Raises:
            Unavailable: no coordinator answered in time.
        """
        self._patiently(self._producer.init_transactions)

    def begin(self) -> None:
        """Begin a transaction."""
        self._failed = []
        self._patiently(lambda _: self._producer.begin_transaction())

    def send(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        number: int,
    ) -> None:
        """Queue a record for a partition; `refused` knows it by `number`.

        Raises:
            Aborted: the transaction can't be committed any more.
        """
        answered = partial(self._answered, number)
        while True:
            try:
                self._producer.produce(
                    topic,
                    value,
                    key,
                    partition,
                    on_delivery=answered,
                    headers=list(headers),
                )
            except BufferError:
                self._producer.poll(_POLL_S)
            except KafkaException as error:
                self._refused(number, error.args[0])
                return
            else:
                return

    def _refused(self, number: int, error: KafkaError) -> None:
        if error.code() == KafkaError._STATE:  # a record before this one has failed
            raise Aborted(_sentence(error))
        if error.code() not in _REFUSED:
            raise _translated(error)
        self._failed.append((number, error))

    def _answered(self, number: int, error: KafkaError | None, _: Record) -> None:
        if error is not None:
            self._failed.append((number, error))

    def flush(self) -> None:
        """Wait until every record of the transaction is answered.

        Raises:
            Aborted: one was not stored; `refused` says which never will be.
        """
        while len(self._producer):
            self._producer.flush(_POLL_S)
        if self._failed:
            raise Aborted(_sentence(self._failed[0][1]))

    @property
    def refused(self) -> frozenset[int]:
        """The numbers of this transaction's records that their topic does not take.

        They are too large, or in one batch with a record that is.
        """
        return frozenset(number for number, error in self._failed if error.code() in _REFUSED)

    def commit(self) -> None:
        """Commit; whatever time that takes, its outcome is known when this returns.

        Raises:
            Aborted: the transaction can't be committed any more.
        """
        self._patiently(self._producer.commit_transaction)

    def abort(self) -> None:
        """Abort: nothing of the transaction counts."""
        self._patiently(self._producer.abort_transaction)

    def close(self) -> None:
        """Let go of the connections; an open transaction is left for the brokers to abort."""
        with suppress(KafkaException):  # one that was fenced has nothing more to say
            self._producer.purge()
            self._producer.flush(_POLL_S)

    def _patiently(self, call: Callable[[float], None]) -> None:
        """Make a call again while it may still work: a time-out says nothing of its outcome."""
        patience = Deadline(_PATIENCE_S)
        while True:
            try:
                call(_CALL_S)
            except KafkaException as failed:
                error: KafkaError = failed.args[0]
                if not error.retriable() or patience.expired:
                    raise _translated(error) from None
            else:
                return


def _translated(error: KafkaError) -> Exception:
    if error.code() in _FENCED:
        return Fenced(_sentence(error))
    if error.txn_requires_abort():
        return Aborted(_sentence(error))
    if error.fatal() or not error.retriable():
        return beyond_repair(error.str())
    return Unavailable(_sentence(error))


def _sentence(error: KafkaError) -> str:
    return tr(
        "the transaction did not go through: {reason}; run it again, nothing is sent twice",
        "a transação não foi concluída: {reason}; execute de novo, nada é enviado duas vezes",
        reason=error.str(),
    )


def open_transactional(servers: tuple[str, ...], transactional_id: str) -> TransactionalProducer:
    """Return a producer that has fenced whoever had `transactional_id` before.

    Raises:
        Unavailable: no coordinator answered in time.
        Fenced: another one opened at the same moment.
    """
    settings = config.confluent_transactional(servers, transactional_id)
    producer = TransactionalProducer(Producer(settings, logger=config.LIBRDKAFKA_LOG))
    producer.fence()
    return producer
