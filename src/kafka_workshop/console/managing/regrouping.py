"""The requests behind `console.actions` that change consumer groups, and the preview of a reset."""

from collections.abc import Collection

from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.managing.bounds import bounds, offsets_at, topic_names
from kafka_workshop.console.managing.groups import (
    delete_group,
    group_now,
    moved_on,
    reset_offsets,
)
from kafka_workshop.console.managing.monitors import monitor_of
from kafka_workshop.console.managing.question import has_members
from kafka_workshop.console.managing.resetting import Reset, Target, plan
from kafka_workshop.console.outgoing import NotAllowed
from kafka_workshop.language import tr


def why_not_touched(group: str, names: Collection[str]) -> str:
    """Return why a group's offsets are not changed here, or an empty text."""
    monitor = monitor_of(group, names)
    if monitor is None:
        return ""
    return tr(
        "{group} is a stage of the monitor, whose state belongs to these offsets. This resets "
        "both: {command}",
        "{group} é uma etapa do monitor, cujo estado pertence a estes offsets. Isto redefine os "
        "dois: {command}",
        group=group,
        command=monitor.reset,
    )


def preview(
    gateway: ClusterGateway, group: str, topic: str, target: Target, partition: int | None
) -> Reset:
    """Return what a reset would set, of one partition or of all.

    Raises:
        NotAllowed: the group is a monitor's, or nothing would change.
        Refused: the group has members or is not there, or no broker answered in time.
    """
    _refuse_monitors(gateway, group)
    now = group_now(gateway.servers, group, topic)
    if now.members:
        raise has_members()
    known = bounds(gateway, topic)
    chosen = {p: each for p, each in known.items() if partition in {None, p}}
    by_time = target.way == "time"
    at = offsets_at(gateway, topic, chosen, target.number) if by_time else {}
    return plan((group, topic), target, chosen, now.committed, at)


def reset(gateway: ClusterGateway, planned: Reset) -> None:
    """Set what was previewed; all that the preview relied on is asked once more.

    Raises:
        NotAllowed: the group is a monitor's.
        Refused: the group has members, it or the topic has moved on, or no broker answered in time.
    """
    _refuse_monitors(gateway, planned.group)
    known = bounds(gateway, planned.topic)
    for move in planned.moves:
        start, end = known.get(move.partition, (0, -1))
        if not start <= move.after <= end:
            raise moved_on()
    reset_offsets(gateway.servers, planned)


def delete(gateway: ClusterGateway, group: str) -> None:
    """Delete a group that has no members.

    Raises:
        NotAllowed: the group is a monitor's.
        Refused: the group has members or is not there, or no broker answered in time.
    """
    _refuse_monitors(gateway, group)
    delete_group(gateway.servers, group)


def _refuse_monitors(gateway: ClusterGateway, group: str) -> None:
    reason = why_not_touched(group, topic_names(gateway))
    if reason:
        raise NotAllowed(reason)
