"""A consumer group as its coordinator knows it now, and what may be changed while it is empty.

Through kafka-python, like all that concerns groups. The coordinator itself refuses offsets from
outside while the group has members, so nobody who joins in between is overruled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from kafka import TopicPartition
from kafka import errors as kafka_errors
from kafka.structs import OffsetAndMetadata

from kafka_workshop.console.diagnosis import Refused
from kafka_workshop.console.managing.question import ask, has_members
from kafka_workshop.console.managing.resetting import Reset
from kafka_workshop.language import tr

_DEAD, _DONE = "Dead", "OK"


@dataclass(frozen=True)
class GroupNow:
    """How many members it has, and its offsets of one topic by partition."""

    members: int
    committed: dict[int, int]


def group_now(servers: tuple[str, ...], group: str, topic: str) -> GroupNow:
    """Return how a group is.

    Raises:
        Refused: there is no such group, or no broker answered in time.
    """
    return ask(servers, partial(_group_now, group, topic))


def reset_offsets(servers: tuple[str, ...], planned: Reset) -> None:
    """Set what is planned.

    Raises:
        Refused: the group has members, or has committed since; no broker answered in time.
    """
    ask(servers, partial(_reset, planned), writing=True)


def delete_group(servers: tuple[str, ...], group: str) -> None:
    """Delete a group and its offsets.

    Raises:
        Refused: the group has members, or is not there; no broker answered in time.
    """
    ask(servers, partial(_delete, group), writing=True)


def _group_now(group: str, topic: str, admin: Any) -> GroupNow:
    described = admin.describe_groups([group])[group]
    if described["error"] or described["group_state"] == _DEAD:
        raise kafka_errors.GroupIdNotFoundError(described["error"] or group)
    offsets = admin.list_group_offsets([group])[group]
    committed = {
        tp.partition: at.offset
        for tp, at in offsets.items()
        if tp.topic == topic and at.offset >= 0
    }
    return GroupNow(len(described["members"]), committed)


def _reset(planned: Reset, admin: Any) -> None:
    now = _group_now(planned.group, planned.topic, admin)
    if now.members:
        raise has_members()
    for move in planned.moves:
        # Set already, if this is asked anew because the coordinator has moved.
        if now.committed.get(move.partition) not in {move.before, move.after}:
            raise moved_on()
    wanted = {
        TopicPartition(planned.topic, move.partition): OffsetAndMetadata(move.after, "", -1)
        for move in planned.moves
    }
    _check(admin.alter_group_offsets(planned.group, wanted))


def _check(answers: Mapping[Any, type[Exception]]) -> None:
    for error in answers.values():
        if error is not kafka_errors.NoError:
            raise error


def _delete(group: str, admin: Any) -> None:
    if _group_now(group, "", admin).members:
        raise has_members()
    answer = admin.delete_groups([group])[group]
    if answer != _DONE:
        raise getattr(kafka_errors, answer, kafka_errors.UnknownError)


def moved_on() -> Refused:
    """Return the refusal to set offsets that are not the previewed ones any more."""
    return Refused(
        tr(
            "The group or the topic has moved on since the preview; nothing was set. Look again.",
            "O grupo ou o tópico avançou depois da prévia; nada foi definido. Veja de novo.",
        )
    )
