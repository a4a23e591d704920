"""A stage of the monitor as its consumer group shows it."""

from dataclasses import dataclass

from kafka_workshop.console import formats
from kafka_workshop.console.model import Group
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import Tone
from kafka_workshop.language import tr


@dataclass(frozen=True)
class Stage:
    """A stage: its service's name, group and topic; what is not known is `None`.

    Attributes:
        rate: messages a second that its group has passed.
        lag: messages of its topic that it has not read yet.
        estimate: whether its topic's offsets have gaps, since it is written in transactions.
    """

    title: str
    group: str
    topic: str
    state: str
    tone: Tone
    rate: float | None
    lag: int | None
    estimate: bool


def stage_of(view: View, title: str, group: str, topic: str) -> Stage:
    """Return a stage as the read model knows it."""
    found = view.snapshot.group_by_id.get(group) if view.snapshot else None
    state, tone = _state(view, found)
    rate = view.committed.get((group, topic))
    return Stage(title, group, topic, state, tone, rate, _lag(found, topic), title != "consumer")


def _lag(group: Group | None, topic: str) -> int | None:
    lags = [p.lag for p in group.partitions if p.topic == topic] if group else []
    known = [lag for lag in lags if lag is not None]
    return sum(known) if known else None


def _state(view: View, group: Group | None) -> tuple[str, Tone]:
    if view.snapshot is None:
        return "", ""
    if group is None:
        return tr("no group yet", "ainda sem grupo"), "warn"
    if view.failure is not None or not group.current:
        return tr("no answer", "sem resposta"), "bad" if view.failure else "warn"
    return _working(group)


def _working(group: Group) -> tuple[str, Tone]:
    if not group.members:
        return tr("not running", "parado"), "bad"
    if group.state != "Stable":
        return tr("rebalancing", "rebalanceando"), "warn"
    return tr("{n} running", "{n} rodando", n=formats.number(len(group.members))), "good"
