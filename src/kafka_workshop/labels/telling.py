"""Labels on their way: each waits for its transaction to be stored, its time, and its answer."""

import time
from collections.abc import Iterator
from functools import partial
from typing import Protocol

from kafka_workshop.clock import Deadline
from kafka_workshop.domain.label import CompleteUntil, Label
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import DeliveryFailed
from kafka_workshop.labels.recall import Recalled, header_of
from kafka_workshop.ledger.book import Lane
from kafka_workshop.messaging.client import Delivery, Producer
from kafka_workshop.messaging.label_codec import encode_label
from kafka_workshop.messaging.topics import labels_topic
from kafka_workshop.simulator.fraud.release import MAX_DELAY_DAYS, Release
from kafka_workshop.simulator.fraud.scenario import DAY_MS
from kafka_workshop.simulator.stream import Simulator

# Every request costs the brokers as much as some hundred transactions in a batch.
_EVERY_S = 0.1


class Recollection(Protocol):
    """What was recalled, as soon as it is known."""

    def result(self, wait_s: float = 0.0) -> Recalled | None:
        """Return it, None if it is not known within `wait_s` seconds."""

    def close(self) -> None:
        """Recall no further."""


class NoLabels:
    """What the producer tells of fraud if there is none: nothing."""

    def sending(self, transaction: Transaction) -> None:
        """Note that the next transaction is being sent."""

    def answered(self, transaction_id: str, failed: bool) -> None:
        """Note the brokers' answer to it."""

    def show(self) -> None:
        """Tell what is due."""

    def close(self, deadline: Deadline) -> None:
        """Tell what is due, once every transaction is answered, and wait for it to be stored."""


class Labels(NoLabels):
    """The labels of one run of a producer, on one lane.

    A label is sent when event time has reached its `available_at`: that of the oldest transaction
    without an answer, since whoever goes on after a crash begins there. So its own transaction is
    acknowledged; if that failed it is dropped. Labels are sent again until they are confirmed.

    Only lane 0, which is always taken first, says how far labels are complete: its word would mean
    nothing while a lane beside it, live, spoke of another time than its history.
    """

    def __init__(
        self,
        producer: Producer,
        topic: str,
        simulator: Simulator,
        lane: Lane,
        first_sequence: int,
        recollection: Recollection,
        every_s: float = _EVERY_S,
    ) -> None:
        self._producer, self._topic = producer, labels_topic(topic)
        self._simulator, self._number = simulator, first_sequence
        self._headers, self._says_complete = header_of(lane.stream), lane.number == 0
        self._recollection = recollection
        self._partitions: frozenset[int] = frozenset()
        self._release: Release | None = None
        self._now = self._released = 0
        self._every_s, self._next_look = every_s, 0.0
        # The instants of the transactions without an answer, in the order of sending, and labels.
        self._open: dict[str, int] = {}
        self._unanswered: dict[str, Label] = {}
        self._stored: list[Label] = []  # not handed to the release yet
        self._due: list[Label] = []
        self._unconfirmed: set[str] = set()
        self._complete: CompleteUntil | None = None

    def sending(self, transaction: Transaction) -> None:
        """See `NoLabels`."""
        label = self._simulator.label(transaction, self._number)
        self._number += 1
        self._now = self._open[transaction.transaction_id] = transaction.occurred_at
        if label is not None:
            self._unanswered[transaction.transaction_id] = label

    def answered(self, transaction_id: str, failed: bool) -> None:
        """See `NoLabels`."""
        self._open.pop(transaction_id, None)
        label = self._unanswered.pop(transaction_id, None)
        if label is not None and not failed:
            self._stored.append(label)

    def show(self) -> None:
        """See `NoLabels`."""
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + self._every_s
            self._tell()

    def close(self, deadline: Deadline) -> None:
        """See `NoLabels`."""
        self._recollection.result(min(1.0, deadline.remaining))
        self._recollection.close()
        self._tell()
        while self._is_telling and not deadline.expired:
            self._producer.flush(deadline)
            self._tell()
        self._producer.flush(deadline)

    @property
    def _is_telling(self) -> bool:
        return bool(self._unconfirmed or self._due or self._complete)

    def _tell(self) -> None:
        """Take one step: labels, and once all of them are confirmed, how far they are complete."""
        if self._unconfirmed or not self._knows:
            return
        if self._complete and not self._due:
            self._send_complete(self._complete)
            self._complete = None
        if not self._due:
            self._due = list(self._released_labels())
        due, self._due = self._due, []
        self._unconfirmed.update(label.transaction_id for label in due)
        for label in due:
            key, answered = label.account_id.encode(), partial(self._confirmed, label)
            self._producer.send(self._topic, key, encode_label(label), (), answered)

    @property
    def _knows(self) -> bool:
        """Whether it is known what was told before."""
        if self._release is None and (recalled := self._recollection.result()) is not None:
            self._partitions = recalled.partitions
            if recalled.complete is not None:
                self._released = recalled.complete + MAX_DELAY_DAYS * DAY_MS
            self._release = Release(self._released)
            self._stored = [*recalled.untold, *self._stored]
        return self._release is not None

    def _released_labels(self) -> Iterator[Label]:
        """Yield what is due by now; what is not answered yet holds the clock back."""
        if self._release is None or self._now == 0:
            return
        yield from self._hand_over(self._release)
        self._released = max(self._released, next(iter(self._open.values()), self._now))
        for record in self._release.until(self._released):
            if isinstance(record, Label):
                yield record
            elif self._says_complete:
                self._complete = record

    def _hand_over(self, release: Release) -> Iterator[Label]:
        """Give the stored labels to the release; yield those that it would take for released."""
        stored, self._stored = self._stored, []
        for label in stored:
            if label.available_at <= self._released:
                yield label
            else:
                release.hold(label)

    def _send_complete(self, record: CompleteUntil) -> None:
        for partition in sorted(self._partitions):
            value = encode_label(record)
            self._producer.send(self._topic, None, value, self._headers, None, partition)

    def _confirmed(self, label: Label, answer: Delivery | DeliveryFailed) -> None:
        self._unconfirmed.discard(label.transaction_id)
        if isinstance(answer, DeliveryFailed):
            self._due.append(label)
