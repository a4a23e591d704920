"""A stage's reader by kafka-python: one consumer is the group's member, another one reads.

A member of the library's reads what the group gives it, and nothing else. A stage reads more, a
second topic that goes with its partitions, and at first less, until their state is there.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Literal

from confluent_kafka import (
    OFFSET_INVALID,
    KafkaException,
    Message,
    TopicPartition,
)
from kafka import TopicPartition as Place
from kafka.errors import KafkaError as LibraryError
from kafka.structs import OffsetAndMetadata

from kafka_workshop.messaging.stage_clients.contract import OnRebalance
from kafka_workshop.messaging.stage_clients.kafka_python_group import Callbacks, Membership
from kafka_workshop.messaging.stage_clients.library_errors import (
    abortable,
    not_assigned,
    of_reading,
    timed_out,
)

_COMMIT_MS, _CLOSE_MS = 5_000, 500


class KafkaPythonReader:
    """`contract.Reader` by kafka-python."""

    def __init__(self, member: Any, reader: Any) -> None:
        self._group = Membership(member)
        self._member = member
        self._reader = reader
        self._leaving = False

    def subscribe(
        self,
        topics: list[str],
        on_assign: OnRebalance | None = None,
        on_revoke: OnRebalance | None = None,
        on_lost: OnRebalance | None = None,
    ) -> None:
        """See `contract.Reader`."""
        revoked = on_revoke or _nothing
        callbacks = Callbacks(on_assign or _nothing, revoked, on_lost or revoked)
        self._group.join(self, topics, callbacks)

    def unsubscribe(self) -> None:
        """See `contract.Reader`. The rest is done by `close`."""
        self._leaving = True
        self._group.leave()

    def poll(self, timeout: float = -1) -> object:
        """See `contract.Reader`: nothing is left to do."""
        return timeout

    def consume(self, num_messages: int = 1, timeout: float = -1) -> list[Message]:
        """See `contract.Reader`."""
        reading = bool(self._reader.assignment())
        self._group.serve(0 if reading else max(0.0, timeout))
        if not reading:
            return []
        try:
            batches = self._reader.poll(int(max(0.0, timeout) * 1000), num_messages)
        except LibraryError as error:
            if error.retriable:
                return []
            raise KafkaException(of_reading(error)) from None
        return [message_of(record) for batch in batches.values() for record in batch]

    def assignment(self) -> list[TopicPartition]:
        """See `contract.Reader`."""
        places = [] if self._leaving else self._reader.assignment()
        return [TopicPartition(place.topic, place.partition) for place in places]

    def incremental_assign(self, partitions: list[TopicPartition]) -> None:
        """See `contract.Reader`."""
        if not partitions:
            return  # nothing at all would end the library's subscription
        self._reader.assign([*self._reader.assignment(), *_places(partitions)])
        for place in partitions:
            if place.offset >= 0:
                self.seek(place)
            else:
                self._reader.seek_to_beginning(_place(place))

    def incremental_unassign(self, partitions: list[TopicPartition]) -> None:
        """See `contract.Reader`."""
        self._reader.assign(list(self._reader.assignment().difference(_places(partitions))))

    def pause(self, partitions: list[TopicPartition]) -> None:
        """See `contract.Reader`."""
        self._reader.pause(*_places(partitions))

    def resume(self, partitions: list[TopicPartition]) -> None:
        """See `contract.Reader`."""
        self._reader.resume(*_places(partitions))

    def seek(self, partition: TopicPartition) -> None:
        """See `contract.Reader`."""
        try:
            self._reader.seek(_place(partition), partition.offset)
        except ValueError:
            raise not_assigned(partition) from None

    def committed(
        self, partitions: list[TopicPartition], timeout: float = -1
    ) -> list[TopicPartition]:
        """See `contract.Reader`."""
        asked = list(_places(partitions))
        try:
            found = self._member._coordinator.fetch_committed_offsets(
                asked, timeout_ms=int(max(0.0, timeout) * 1000)
            )
        except LibraryError as error:
            raise timed_out(str(error)) from None
        return [_committed(place, found.get(place)) for place in asked]

    def get_watermark_offsets(
        self, partition: TopicPartition, timeout: float = -1, cached: bool = False
    ) -> tuple[int, int]:
        """See `contract.Reader`; `cached` whatever it says, and the first offset is not known."""
        del timeout, cached
        high = None
        with suppress(LibraryError):
            high = self._reader.highwater(_place(partition))
        return OFFSET_INVALID, OFFSET_INVALID if high is None else high

    def commit(
        self, *, offsets: list[TopicPartition], asynchronous: Literal[False]
    ) -> list[TopicPartition]:
        """See `contract.Reader`; it waits whatever `asynchronous` says."""
        del asynchronous
        self._group.identity()
        wanted = {_place(at): OffsetAndMetadata(at.offset, at.metadata or "", -1) for at in offsets}
        try:
            self._member.commit(wanted, timeout_ms=_COMMIT_MS)
        except LibraryError as error:
            raise KafkaException(abortable(error)) from None
        return offsets

    def consumer_group_metadata(self) -> Any:
        """See `contract.Reader`."""
        return self._group.identity()

    def close(self) -> None:
        """See `contract.Reader`."""
        self._group.close()
        with suppress(LibraryError):
            self._reader.close(autocommit=False, timeout_ms=_CLOSE_MS)


def message_of(record: Any) -> Message:
    """Return a record of the library as one of librdkafka's."""
    return Message(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=record.headers,
        timestamp=(record.timestamp_type + 1, record.timestamp),  # librdkafka's 0 is: none
    )


def _place(at: TopicPartition) -> Any:
    return Place(at.topic, at.partition)


def _places(partitions: Iterable[TopicPartition]) -> Iterable[Any]:
    return map(_place, partitions)


def _committed(place: Any, found: Any) -> TopicPartition:
    if found is None:
        return TopicPartition(place.topic, place.partition, OFFSET_INVALID)
    return TopicPartition(place.topic, place.partition, found.offset, found.metadata)


def _nothing(_reader: object, _places: list[TopicPartition]) -> None:
    """Hear of a rebalance, and do nothing."""
