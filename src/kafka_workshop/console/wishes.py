"""A topic as a person asks for it, and what is not allowed of that."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kafka_workshop.console.model import Topic
from kafka_workshop.console.outgoing import NotAllowed
from kafka_workshop.language import tr
from kafka_workshop.messaging.topics import REPLICATION_FACTOR, TopicSpec, bounded

MB = 1_000_000
MAX_PARTITIONS = 100
MAX_TOPIC_BYTES = 2_000 * MB
_DAY_MS = 24 * 3600 * 1000
# What the figures of a wish decide, and what this project never leaves open.
_ASKED_FOR = {
    "min.insync.replicas",
    "retention.bytes",
    "retention.ms",
    "segment.bytes",
    "unclean.leader.election.enable",
}


@dataclass(frozen=True)
class TopicWish:
    """A topic as a person asks for it; `bytes_on_disk` counts all partitions and replicas.

    `settings` are those of another topic, where they say nothing about what is asked for here.
    """

    name: str
    partitions: int
    replication_factor: int
    min_insync: int
    bytes_on_disk: int
    retention_days: int
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Likeness:
    """What a new topic takes over of another one.

    `figures` are its partitions, replication factor, min.insync.replicas, days kept and megabytes
    on disk, `None` where it says nothing; `settings` is what it sets beside these.
    """

    figures: tuple[int | None, int | None, int | None, int | None, int | None]
    settings: dict[str, str]


def likeness(topic: Topic, own: Mapping[str, str]) -> Likeness:
    """Return what a topic like `topic` has, by the settings that are its own.

    The days are rounded up, and the megabytes, so that nothing is kept for less.
    """
    kept_ms, kept_bytes = _number(own, "retention.ms"), _number(own, "retention.bytes")
    copies = len(topic.partitions) * topic.replication_factor
    disk = None
    if kept_bytes is not None:
        disk = -(-(kept_bytes + (_number(own, "segment.bytes") or 0)) * copies // MB)
    figures = (
        len(topic.partitions),
        topic.replication_factor,
        _number(own, "min.insync.replicas"),
        None if kept_ms is None else -(-kept_ms // _DAY_MS),
        disk,
    )
    return Likeness(figures, {n: v for n, v in own.items() if n not in _ASKED_FOR})


def _number(settings: Mapping[str, str], name: str) -> int | None:
    value = settings.get(name, "")
    return int(value) if value.isdigit() else None


def topic_spec(wish: TopicWish) -> TopicSpec:
    """Return what to create for `wish`, its partitions sized to stay under the limit on disk.

    Raises:
        NotAllowed: a figure is out of range; the text names it and what is allowed.
    """
    _check_name(wish.name)
    _check_figures(wish)
    # `bounded` reckons with the workshop's replication factor: scale the limit to the wished one.
    limit = wish.bytes_on_disk * REPLICATION_FACTOR // wish.replication_factor
    spec = bounded(wish.name, wish.partitions, limit, wish.retention_days * _DAY_MS)
    config = dict(wish.settings) | spec.config | {"min.insync.replicas": str(wish.min_insync)}
    return replace(spec, replication_factor=wish.replication_factor, config=config)


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,249}", name) or name in {".", ".."}:
        raise NotAllowed(
            tr(
                "Name: 1 to 249 letters, digits, '.', '_' or '-'.",
                "Nome: de 1 a 249 letras, dígitos, '.', '_' ou '-'.",
            )
        )
    if name.startswith("__"):
        raise NotAllowed(
            tr(
                "Names that begin with '__' are Kafka's own.",
                "Nomes que começam com '__' são do próprio Kafka.",
            )
        )


def _check_figures(wish: TopicWish) -> None:
    within(tr("Partitions", "Partições"), wish.partitions, 1, MAX_PARTITIONS)
    within(tr("Replication factor", "Fator de replicação"), wish.replication_factor, 1, 9)
    within("min.insync.replicas", wish.min_insync, 1, wish.replication_factor)
    within(tr("Days kept", "Dias guardados"), wish.retention_days, 1, 3650)
    # A replica needs 2 MB: the smallest open segment beside the least that retention keeps.
    least = wish.partitions * wish.replication_factor * 2
    most = MAX_TOPIC_BYTES // MB
    within(tr("Disk limit (MB)", "Limite em disco (MB)"), wish.bytes_on_disk // MB, least, most)


def within(what: str, value: int, low: int, high: int) -> None:
    """Refuse a figure that is out of range.

    Raises:
        NotAllowed: the text names it and what is allowed.
    """
    if not low <= value <= high:
        raise NotAllowed(
            tr(
                "{what}: {value} is not allowed, {low} to {high} is.",
                "{what}: {value} não é permitido, de {low} a {high} é.",
                what=what,
                value=value,
                low=low,
                high=high,
            )
        )
