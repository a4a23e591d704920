"""Where a reset would set a group's offsets, and how the coordinator is asked: no Kafka."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import TopicPartition
from kafka import errors as kafka_errors
from kafka.structs import OffsetAndMetadata

from kafka_workshop.console.diagnosis import Refused
from kafka_workshop.console.managing import groups
from kafka_workshop.console.managing.bounds import Bounds
from kafka_workshop.console.managing.question import told
from kafka_workshop.console.managing.resetting import Move, Reset, Target, Way, plan
from kafka_workshop.console.outgoing import NotAllowed

WHOSE = ("readers", "orders")
KNOWN: Bounds = {0: (100, 250), 1: (0, 50), 2: (5, 7)}
COMMITTED = {0: 200, 1: 50}
AT = {0: 120, 1: 50, 2: 6}


def moves(target: Target) -> list[tuple[int, int | None, int, bool]]:
    planned = plan(WHOSE, target, KNOWN, COMMITTED, AT)
    assert (planned.group, planned.topic) == WHOSE
    return [(m.partition, m.before, m.after, m.limited) for m in planned.moves]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Target("earliest"), [(0, 200, 100, False), (1, 50, 0, False), (2, None, 5, False)]),
        (Target("latest"), [(0, 200, 250, False), (2, None, 7, False)]),
        (Target("offset", 60), [(0, 200, 100, True), (2, None, 7, True)]),
        (Target("time", 1), [(0, 200, 120, False), (2, None, 6, False)]),
        (Target("shift", -120), [(0, 200, 100, True), (1, 50, 0, True)]),
        (Target("shift", 10), [(0, 200, 210, False)]),
    ],
)
def test_each_way_leads_into_what_the_partition_has(
    target: Target, expected: list[tuple[int, int | None, int, bool]]
) -> None:
    assert moves(target) == expected


def test_a_partition_without_an_offset_has_no_difference() -> None:
    assert Move(2, None, 5).difference is None
    assert Move(0, 200, 100).difference == -100


def test_a_reset_that_would_change_nothing_is_refused() -> None:
    with pytest.raises(NotAllowed, match="Nothing would change"):
        plan(WHOSE, Target("shift", 5), {2: (5, 7)}, COMMITTED, {})


@given(
    way=st.sampled_from(["offset", "shift", "earliest", "latest"]),
    number=st.integers(-(2**70), 2**70),
)
def test_no_number_leads_out_of_a_partition(way: Way, number: int) -> None:
    try:
        planned = plan(WHOSE, Target(way, number), KNOWN, COMMITTED, {})
    except NotAllowed:
        return
    for move in planned.moves:
        start, end = KNOWN[move.partition]
        assert start <= move.after <= end


class Coordinator:
    """Answers as kafka-python's admin client does, and remembers what was set."""

    def __init__(self, state: str = "Empty", members: int = 0) -> None:
        self.state, self.members = state, members
        self.committed = {TopicPartition("orders", 0): OffsetAndMetadata(200, "", -1)}
        self.refuses: type[Exception] = kafka_errors.NoError
        self.deletes = "OK"

    def describe_groups(self, names: list[str]) -> Any:
        members = [SimpleNamespace()] * self.members
        described = {"error": None, "group_state": self.state, "members": members}
        return dict.fromkeys(names, described)

    def list_group_offsets(self, names: list[str]) -> Any:
        return dict.fromkeys(names, self.committed)

    def alter_group_offsets(self, _group: str, offsets: Any) -> Any:
        if self.refuses is kafka_errors.NoError:
            self.committed = self.committed | offsets
        return dict.fromkeys(offsets, self.refuses)

    def delete_groups(self, names: list[str]) -> Any:
        return dict.fromkeys(names, self.deletes)


PLANNED = Reset("readers", "orders", (Move(0, 200, 100), Move(1, None, 5)))


def test_what_was_planned_is_set_and_may_be_set_again() -> None:
    coordinator = Coordinator()
    for _ in range(2):  # the coordinator may move right after it has done so
        groups._reset(PLANNED, coordinator)
    set_now = {tp.partition: at.offset for tp, at in coordinator.committed.items()}
    assert set_now == {0: 100, 1: 5}


def test_a_group_that_works_or_went_on_is_left_alone() -> None:
    with pytest.raises(Refused, match="has members"):
        groups._reset(PLANNED, Coordinator("Stable", 1))
    gone_on = Coordinator()
    gone_on.committed = {TopicPartition("orders", 0): OffsetAndMetadata(201, "", -1)}
    with pytest.raises(Refused, match="moved on since the preview"):
        groups._reset(PLANNED, gone_on)
    assert [at.offset for at in gone_on.committed.values()] == [201]


def test_who_joins_in_between_is_protected_by_the_coordinator() -> None:
    coordinator = Coordinator()
    coordinator.refuses = kafka_errors.UnknownMemberIdError
    with pytest.raises(kafka_errors.UnknownMemberIdError) as refused:
        groups._reset(PLANNED, coordinator)
    assert str(told(type(refused.value))) == "The group has members; stop them first."


def test_a_group_that_is_not_there_is_said_not_to_be_there() -> None:
    with pytest.raises(kafka_errors.GroupIdNotFoundError) as refused:
        groups._delete("readers", Coordinator("Dead"))
    assert str(told(type(refused.value))) == "There is no such group."


def test_an_empty_group_is_deleted_and_one_with_members_is_not() -> None:
    groups._delete("readers", Coordinator())
    with pytest.raises(Refused, match="has members"):
        groups._delete("readers", Coordinator("Stable", 2))
    joined = Coordinator()
    joined.deletes = "NonEmptyGroupError"
    with pytest.raises(kafka_errors.NonEmptyGroupError):
        groups._delete("readers", joined)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (kafka_errors.NotCoordinatorError, "moving to another broker"),
        (kafka_errors.KafkaTimeoutError, "No broker answered in time"),
        (kafka_errors.KafkaConnectionError, "No broker answered in time"),
        (kafka_errors.GroupAuthorizationFailedError, "Kafka refused: GroupAuthorization"),
    ],
)
def test_a_brokers_refusal_is_a_sentence(kind: type[kafka_errors.KafkaError], said: str) -> None:
    assert said in str(told(kind))
