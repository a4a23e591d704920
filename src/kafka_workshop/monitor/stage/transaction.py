"""How a unit is stored: in one Kafka transaction, or, to compare with, at least once."""

from typing import NamedTuple, Protocol

from confluent_kafka import KafkaException, TopicPartition

from kafka_workshop.messaging.client import GiveUp
from kafka_workshop.messaging.stage_clients.contract import Reader, Writer
from kafka_workshop.monitor.stage.failpoints import (
    AFTER_COMMIT,
    AFTER_OFFSETS,
    AFTER_PRODUCE,
    BEFORE_PRODUCE,
    Failpoint,
)
from kafka_workshop.monitor.stage.sending import Aborted, GaveUp, Sending, Stuck
from kafka_workshop.monitor.stage.values import Unit

__all__ = ["Aborted", "AtLeastOnce", "ExactlyOnce", "GaveUp", "Names", "Store"]


class Store(Protocol):
    """Stores units; once opened, `stuck` is told about once a second while brokers don't answer.

    Every method may raise `GaveUp`, `Fenced` or `ServiceFailed`: then this one is done for.
    """

    def open(self, stuck: Stuck) -> None:
        """Be ready for the first unit."""

    def store(self, unit: Unit) -> None:
        """Store a unit.

        Raises:
            Aborted: nothing of it counts.
        """

    def close(self) -> None:
        """Let go of the connections."""


class Names(NamedTuple):
    """Topics of a stage: its input, its changelog, and the one that it only passes on, if any."""

    topic: str
    changelog: str
    passed: str = ""


class _Tied(Sending):
    """A sending that ends with the offsets of a group's member."""

    def __init__(
        self,
        producer: Writer,
        consumer: Reader,
        names: Names,
        failpoint: Failpoint,
        give_up: GiveUp,
    ) -> None:
        super().__init__(producer, names.changelog, give_up)
        self._names = names
        self._consumer = consumer
        self._failpoint = failpoint


class ExactlyOnce(_Tied):
    """Stores each unit in one Kafka transaction, tied to our membership in the group."""

    def open(self, stuck: Stuck) -> None:
        """Fence whoever had this transactional id; what it had left open is aborted."""
        self._stuck = stuck
        self._patiently(self._producer.init_transactions)

    def store(self, unit: Unit) -> None:
        """See `Store.store`."""
        self._failpoint.reach(BEFORE_PRODUCE)
        self._producer.begin_transaction()
        try:
            self._fill(unit)
            # A time-out is called again, never aborted: it may have been carried out.
            self._patiently(self._producer.commit_transaction)
        except Aborted:
            self._patiently(self._producer.abort_transaction)
            raise
        self._failpoint.reach(AFTER_COMMIT)

    def _fill(self, unit: Unit) -> None:
        self._send_outputs(unit.outputs)
        self._send_changes(unit.changes)
        if self._failpoint.armed:
            self._flush()
        self._failpoint.reach(AFTER_PRODUCE)
        offsets = as_offsets(self._names, unit)
        self._patiently(
            lambda seconds: self._producer.send_offsets_to_transaction(
                # Taken now: a member of an earlier generation is fenced by it.
                offsets,
                self._consumer.consumer_group_metadata(),
                seconds,
            )
        )
        self._failpoint.reach(AFTER_OFFSETS)


class AtLeastOnce(_Tied):
    """Stores outputs, then state, then offsets: a crash between them does work again."""

    def open(self, stuck: Stuck) -> None:
        """Nothing else to do: there is no transactional id."""
        self._stuck = stuck

    def store(self, unit: Unit) -> None:
        """See `Store.store`."""
        self._failpoint.reach(BEFORE_PRODUCE)
        self._send_outputs(unit.outputs)
        self._flush()
        self._failpoint.reach(AFTER_PRODUCE)
        self._send_changes(unit.changes)
        self._flush()
        self._failpoint.reach(AFTER_OFFSETS)
        self._commit(as_offsets(self._names, unit))
        self._failpoint.reach(AFTER_COMMIT)

    def _commit(self, offsets: list[TopicPartition]) -> None:
        try:
            answers = self._consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            raise Aborted(error.args[0].str()) from None
        for answer in answers or ():
            if answer.error is not None:
                raise Aborted(answer.error.str())


def as_offsets(names: Names, unit: Unit) -> list[TopicPartition]:
    """Return a unit's positions as Kafka's client wants them, the tally as metadata."""
    return [
        TopicPartition(topic, number, at.offset, at.tally.text())
        for topic, positions in ((names.topic, unit.positions), (names.passed, unit.passed))
        for number, at in positions.items()
    ]
