"""A topic as a person asks for it, and what is not allowed of that."""

import re
from dataclasses import dataclass, replace

from kafka_workshop.console.outgoing import NotAllowed
from kafka_workshop.language import tr
from kafka_workshop.messaging.topics import REPLICATION_FACTOR, TopicSpec, bounded

MB = 1_000_000
MAX_PARTITIONS = 100
MAX_TOPIC_BYTES = 2_000 * MB
_DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True)
class TopicWish:
    """A topic as a person asks for it; `bytes_on_disk` counts all partitions and replicas."""

    name: str
    partitions: int
    replication_factor: int
    min_insync: int
    bytes_on_disk: int
    retention_days: int


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
    config = spec.config | {"min.insync.replicas": str(wish.min_insync)}
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
    _within(tr("Partitions", "Partições"), wish.partitions, 1, MAX_PARTITIONS)
    _within(tr("Replication factor", "Fator de replicação"), wish.replication_factor, 1, 9)
    _within("min.insync.replicas", wish.min_insync, 1, wish.replication_factor)
    _within(tr("Days kept", "Dias guardados"), wish.retention_days, 1, 3650)
    # A replica needs 2 MB: the smallest open segment beside the least that retention keeps.
    least = wish.partitions * wish.replication_factor * 2
    most = MAX_TOPIC_BYTES // MB
    _within(tr("Disk limit (MB)", "Limite em disco (MB)"), wish.bytes_on_disk // MB, least, most)


def _within(what: str, value: int, low: int, high: int) -> None:
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
