"""kafka-python's consumers in librdkafka's words: what a rebalance or an error means to a stage.

The library's own bookkeeping of claims and places runs here; only its network is left out.
"""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_INVALID,
    KafkaError,
    TopicPartition,
)
from kafka import TopicPartition as Place
from kafka.consumer.fetcher import ConsumerRecord
from kafka.consumer.subscription_state import SubscriptionState
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.base import Generation
from kafka.errors import (
    FencedInstanceIdError,
    IllegalStateError,
    KafkaTimeoutError,
    OffsetOutOfRangeError,
    RetriableError,
)
from kafka.protocol.consumer import OffsetResetStrategy
from kafka.protocol.consumer.metadata import ConsumerProtocolAssignment
from kafka.structs import ConsumerGroupMetadata, OffsetAndMetadata

from kafka_workshop.errors import ServiceFailed
from kafka_workshop.messaging.confluent import message_of as value_of
from kafka_workshop.messaging.stage_clients import library_errors
from kafka_workshop.messaging.stage_clients.kafka_python_group import Callbacks, Membership
from kafka_workshop.messaging.stage_clients.kafka_python_reader import (
    KafkaPythonReader,
    message_of,
)
from kafka_workshop.monitor.stage.sending import Aborted
from tests.support.client_errors import error_of, meaning


def test_a_reader_that_cannot_go_on_says_why() -> None:
    gone = library_errors.of_reading(OffsetOutOfRangeError({Place("in", 0): 5}))
    assert gone.code() == KafkaError._AUTO_OFFSET_RESET
    assert "group.instance.id" in library_errors.of_reading(FencedInstanceIdError()).str()


def test_a_record_has_all_that_librdkafka_tells_of_it() -> None:
    headers = [("a", b"1"), ("b", None)]
    record = ConsumerRecord(
        *("in", 2, 0, 41, 1_700_000_000_000, 0, b"k", None, headers, None, 1, -1, 3)
    )
    message = message_of(record)
    assert message.error() is None
    assert value_of(message) == value_of(message_of(record))
    value = value_of(message)
    assert (value.topic, value.partition, value.offset) == ("in", 2, 41)
    assert (value.timestamp_ms, value.key, value.value) == (1_700_000_000_000, b"k", None)
    assert value.headers == (("a", b"1"), ("b", None))


class Group:
    """The library's member without its network; `during` happens while it is polled."""

    def __init__(self) -> None:
        self.is_stable = False
        self.assignor = CooperativeStickyAssignor()
        self._coordinator = SimpleNamespace(
            _assignors={CooperativeStickyAssignor.name: self.assignor},
            _generation=Generation.NO_GENERATION,
            _heartbeat_enabled=True,
            _join_task=None,
            _offset_fetch_futures={},
            group_instance_id="one",
            stable=lambda: self.is_stable,
        )
        self._net = SimpleNamespace(sleep=asyncio.sleep)
        self.owned: set[Any] = set()
        self.rested: list[Any] = []
        self.listener: Any = None
        self.during: Callable[[], None] = lambda: None

    def partitions_for_topic(self, _topic: str) -> set[int]:
        return {0, 1, 2}

    def subscribe(self, _topics: list[str], listener: Any) -> None:
        self.listener = listener

    def poll(self, _timeout_ms: int, _most: int) -> None:
        during, self.during = self.during, lambda: None
        during()

    def assignment(self) -> set[Any]:
        return set(self.owned)

    def seek(self, place: Any, _offset: int) -> None:
        self.rested.append(place)

    def pause(self, place: Any) -> None:
        assert self.rested[-1] == place

    def group_metadata(self) -> Any:
        generation = self._coordinator._generation
        return ConsumerGroupMetadata("g", generation.generation_id, generation.member_id, None)

    def joins(self, generation: int, *numbers: int) -> None:
        """Join as the library does: claims first, then callbacks while `poll` waits."""
        self.is_stable = False
        self.assignor.metadata(["in"])
        self._coordinator._generation = Generation(generation, "member", "cooperative-sticky")
        new, before = {Place("in", number) for number in numbers}, self.owned
        self.owned, self.is_stable = new, True
        parts = [("in", sorted(numbers))] if numbers else []
        self.assignor.on_assignment(ConsumerProtocolAssignment(1, parts, b""), generation)
        if before - new:
            asyncio.run(self.listener.on_partitions_revoked(before - new))
        if new - before:
            asyncio.run(self.listener.on_partitions_assigned(new - before))

    def claims(self) -> list[int]:
        """What it would say it owns."""
        stated = self.assignor.metadata(["in"]).owned_partitions
        return [number for each in stated for number in each.partitions]


class Heard(list[tuple[str, list[int]]]):
    """What a stage is told of rebalances, in order."""

    def callbacks(self) -> Callbacks:
        return Callbacks(self._as("assigned"), self._as("revoked"), self._as("lost"))

    def _as(self, what: str) -> Callable[[Any, list[TopicPartition]], None]:
        return lambda _, places: self.append((what, [place.partition for place in places]))


@pytest.fixture
def group() -> Group:
    return Group()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def membership(group: Group, heard: Heard) -> Membership:
    joined = Membership(group)
    joined.join(object(), ["in"], heard.callbacks())
    return joined


def rebalance(membership: Membership, group: Group, generation: int, *numbers: int) -> None:
    group.during = lambda: group.joins(generation, *numbers)
    membership.serve(0)


def test_partitions_come_once_and_go_before_anybody_else_has_them(
    membership: Membership, group: Group, heard: Heard
) -> None:
    membership.serve(0)
    assert not heard, "not joined yet"
    rebalance(membership, group, 1, 0, 1, 2)
    membership.serve(0)
    assert heard == [("assigned", [0, 1, 2])]
    assert set(group.rested) == group.owned, "the member itself reads nothing"
    told_while_polled: list[object] = []

    def revoked() -> None:
        group.joins(2, 0, 1)
        told_while_polled.extend(heard[1:])

    group.during = revoked
    membership.serve(0)
    assert told_while_polled == [("revoked", [2])]
    assert group.claims() == [0, 1]
    assert membership.identity().generation_id == 2


def test_joined_with_nothing_is_told_once(
    membership: Membership, group: Group, heard: Heard
) -> None:
    rebalance(membership, group, 1)
    rebalance(membership, group, 2)
    assert heard == [("assigned", [])]


def test_one_that_was_thrown_out_neither_commits_nor_claims_what_it_had(
    membership: Membership, group: Group, heard: Heard
) -> None:
    rebalance(membership, group, 1, 0, 1)
    group._coordinator._generation = Generation.NO_GENERATION
    group.is_stable = False
    assert meaning(error_of(membership.identity)) is Aborted
    # It joins again without the library's word of what was lost, and gets some of it back.
    rebalance(membership, group, 5, 1, 2)
    assert heard[1:] == [("lost", [0, 1]), ("assigned", [1, 2])]
    assert membership.identity().generation_id == 5


def test_a_new_membership_commits_nothing_of_the_one_before(
    membership: Membership, group: Group
) -> None:
    rebalance(membership, group, 1, 0, 1)
    group._coordinator._generation = Generation.NO_GENERATION
    assert group.claims() == []
    # The answer to its request to join has come meanwhile, and the stage has not been told yet.
    group._coordinator._generation = Generation(2, "other", "cooperative-sticky")
    assert meaning(error_of(membership.identity)) is Aborted


def test_what_the_library_calls_lost_is_lost(
    membership: Membership, group: Group, heard: Heard
) -> None:
    rebalance(membership, group, 1, 0, 1)

    def lose() -> None:
        asyncio.run(group.listener.on_partitions_lost(group.owned))
        group.owned = set()

    group.during = lose
    membership.serve(0)
    assert heard[1:] == [("lost", [0, 1])]


def test_what_a_callback_raises_is_raised_where_the_stage_asked(
    membership: Membership, group: Group, heard: Heard
) -> None:
    rebalance(membership, group, 1, 0)

    def refuse(_reader: object, _places: list[TopicPartition]) -> None:
        raise ServiceFailed("no commit")

    membership.join(object(), ["in"], heard.callbacks()._replace(revoked=refuse))
    with pytest.raises(ServiceFailed, match="no commit"):
        rebalance(membership, group, 2)


def test_one_whose_name_another_has_joined_with_is_told_though_the_library_is_silent(
    membership: Membership, group: Group
) -> None:
    rebalance(membership, group, 1, 0)
    group._coordinator._heartbeat_enabled = False
    error = error_of(lambda: membership.serve(0))
    assert "group.instance.id" in error.str()


def test_what_passes_by_itself_is_waited_for(membership: Membership, group: Group) -> None:
    def away() -> None:
        raise RetriableError("no coordinator")

    group.during = away
    membership.serve(0)


class Reading:
    """The library's reading consumer without its network: what is assigned, and from where."""

    def __init__(self) -> None:
        self.places = SubscriptionState("none")
        self.found: dict[Any, list[Any]] = {}
        self.fails: Exception | None = None

    def assignment(self) -> set[Any]:
        assigned: set[Any] = self.places.assigned_partitions()
        return assigned

    def assign(self, partitions: list[Any]) -> None:
        if partitions:
            self.places.assign_from_user(partitions)
        else:
            self.places.unsubscribe()

    def seek(self, place: Any, offset: int) -> None:
        if not self.places.is_assigned(place):
            raise ValueError("Unassigned partition")
        self.places.seek(place, offset)

    def seek_to_beginning(self, place: Any) -> None:
        self.places.request_offset_reset(place, OffsetResetStrategy.EARLIEST)

    def highwater(self, place: Any) -> int | None:
        if not self.places.is_assigned(place):
            raise IllegalStateError("Partition is not assigned")
        found: int | None = self.places.assignment[place].highwater
        return found

    def pause(self, *places: Any) -> None:
        for place in places:
            self.places.pause(place)

    def resume(self, *places: Any) -> None:
        for place in places:
            self.places.resume(place)

    def poll(self, _timeout_ms: int, _most: int) -> dict[Any, list[Any]]:
        if self.fails is not None:
            raise self.fails
        return self.found


def in_(number: int, offset: int = OFFSET_BEGINNING) -> TopicPartition:
    return TopicPartition("in", number, offset)


def test_partitions_are_added_and_taken_one_by_one_and_the_others_stay_where_they_are(
    group: Group,
) -> None:
    reading = Reading()
    reader = KafkaPythonReader(group, reading)
    reader.incremental_assign([in_(0), in_(1, 7)])
    assert reading.places.is_offset_reset_needed(Place("in", 0)), "from the beginning"
    reader.seek(in_(0, 40))
    reader.pause([in_(0)])
    reader.incremental_assign([TopicPartition("labels", 0, 3)])
    assert reading.places.position(Place("in", 0)).offset == 40
    assert reading.places.position(Place("in", 1)).offset == 7
    assert reading.places.fetchable_partitions() == [Place("in", 1), Place("labels", 0)]
    reader.resume([in_(0)])
    reader.incremental_unassign([in_(1), TopicPartition("labels", 0)])
    assert reading.places.fetchable_partitions() == [Place("in", 0)]
    assert error_of(lambda: reader.seek(in_(1, 7))).code() == KafkaError._STATE
    reader.incremental_unassign([in_(0)])
    assert reader.assignment() == []


def test_the_end_of_a_partition_is_known_once_a_broker_has_told_it(group: Group) -> None:
    reading = Reading()
    reader = KafkaPythonReader(group, reading)
    assert reader.get_watermark_offsets(in_(0), cached=True)[1] < 0, "not ours"
    reader.incremental_assign([in_(0)])
    assert reader.get_watermark_offsets(in_(0), cached=True)[1] < 0, "no answer yet"
    reading.places.assignment[Place("in", 0)].highwater = 0
    assert reader.get_watermark_offsets(in_(0), cached=True)[1] == 0


def test_what_can_be_waited_for_is_no_error_and_what_cannot_is_one(group: Group) -> None:
    reading = Reading()
    reader = KafkaPythonReader(group, reading)
    reader.subscribe(["in"])
    reader.incremental_assign([in_(0)])
    reading.fails = KafkaTimeoutError("later")
    assert reader.consume(10, 0) == []
    reading.fails = OffsetOutOfRangeError({Place("in", 0): 5})
    error = error_of(lambda: reader.consume(10, 0))
    assert error.code() == KafkaError._AUTO_OFFSET_RESET


def test_committed_offsets_come_with_their_metadata_and_none_is_no_offset(group: Group) -> None:
    reader = KafkaPythonReader(group, Reading())
    answer = {Place("in", 1): OffsetAndMetadata(9, "tally", -1)}
    group._coordinator.fetch_committed_offsets = lambda *_, **__: answer
    none, some = reader.committed([in_(0), in_(1)], 1.0)
    assert (none.offset, none.error) == (OFFSET_INVALID, None)
    assert (some.partition, some.offset, some.metadata) == (1, 9, "tally")
