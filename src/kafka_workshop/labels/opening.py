"""Opens the labels of a producer that goes on, and recalls beside its loop what was told before."""

import threading
from collections.abc import Callable

from kafka_workshop.errors import Unavailable
from kafka_workshop.feed import Feed, fraud_plan
from kafka_workshop.labels.recall import Recalled, recall
from kafka_workshop.labels.telling import Labels, NoLabels
from kafka_workshop.language import tr
from kafka_workshop.ledger.reader import Reader
from kafka_workshop.logs import Logger
from kafka_workshop.messaging.backoff import Backoff
from kafka_workshop.messaging.client import Producer
from kafka_workshop.settings import FRAUD_ACCOUNTS, ProducerSettings

_END_S = 1.0
Check = Callable[[], None]


def open_labels(
    settings: ProducerSettings, feed: Feed, producer: Producer, logger: Logger
) -> NoLabels:
    """Return what tells which of the feed's transactions are fraud; nothing if none is."""
    if fraud_plan(settings) is None:
        if settings.fraud_rate:
            logger.warning(
                tr("too few accounts: no fraud", "contas de menos: sem fraude"),
                accounts=settings.accounts,
                needed=FRAUD_ACCOUNTS,
            )
        return NoLabels()
    kafka, lane, first = settings.kafka, feed.lane, feed.plan.first_sequence

    def work(check: Check) -> Recalled:
        reader = Reader(kafka.bootstrap_servers, "labels")
        try:
            return recall(reader, kafka.topic, lane.stream, feed.simulator, first, check)
        finally:
            reader.close()

    recollection = InBackground(work)
    recollection.start()
    return Labels(producer, kafka.topic, feed.simulator, lane, first, recollection)


class InBackground:
    """Recalls in a thread of its own, again and again while Kafka is not there."""

    def __init__(self, work: Callable[[Check], Recalled]) -> None:
        self._work = work
        self._recalled: Recalled | None = None
        self._ended, self._closed = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="labels", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def _run(self) -> None:
        backoff = Backoff()
        while not self._closed.is_set():
            try:
                self._recalled = self._work(self._check)
                break
            except Unavailable:
                self._closed.wait(backoff.next())
        self._ended.set()

    def _check(self) -> None:
        if self._closed.is_set():
            raise Unavailable("closed")

    def result(self, wait_s: float = 0.0) -> Recalled | None:
        """See `Recollection`."""
        self._ended.wait(wait_s)
        return self._recalled

    def close(self) -> None:
        """See `Recollection`."""
        self._closed.set()
        self._thread.join(_END_S)
