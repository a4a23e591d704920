"""Retention against disk: what all topics may grow to, and topics without a bound."""

from collections.abc import Iterable

from kafka_workshop.doctor.facts import Cluster, Disk
from kafka_workshop.doctor.finding import Finding, ok, problem, shown, warning
from kafka_workshop.doctor.kafka_tool import admin_command
from kafka_workshop.doctor.running import Running
from kafka_workshop.language import tr

RETENTION, UNBOUNDED = "retention", "unbounded-topics"
_UNLIMITED = "-1"
_SUGGESTED = "retention.bytes=10000000"
_GB = 1_000_000_000


def judge_retention(cluster: Cluster, running: Running) -> list[Finding]:
    """Judge whether everything that retention allows fits on the brokers' disks."""
    complete = all(name in cluster.configs for name, _ in cluster.topics())
    unbounded = [topic for topic in _deleted_topics(cluster) if _is_unbounded(topic, cluster)]
    return [
        *([_unbounded(unbounded, running)] if unbounded else ()),
        *_judge_budget(_allowed(cluster), _room(cluster), complete, running),
    ]


def _deleted_topics(cluster: Cluster) -> list[str]:
    """Return the topics that retention bounds; a compacted one is bounded by its keys."""
    names = (name for name, _ in cluster.topics())
    return [name for name in names if "delete" in cluster.config(name, "cleanup.policy")]


def _is_unbounded(topic: str, cluster: Cluster) -> bool:
    return cluster.config(topic, "retention.bytes") == _UNLIMITED


def _allowed(cluster: Cluster) -> dict[str, int]:
    """Return topic -> bytes that it may take, replicas and the open segments included."""
    bounded = {name for name in _deleted_topics(cluster) if not _is_unbounded(name, cluster)}
    return {
        name: sum(len(partition.replicas) for partition in partitions) * _replica(cluster, name)
        for name, partitions in cluster.topics()
        if name in bounded
    }


def _replica(cluster: Cluster, topic: str) -> int:
    # Retention deletes closed segments only, so the open one comes on top.
    return _bytes(cluster, topic, "retention.bytes") + _bytes(cluster, topic, "segment.bytes")


def _bytes(cluster: Cluster, topic: str, config: str) -> int:
    text = cluster.config(topic, config)
    return int(text) if text.isdigit() else 0


def _room(cluster: Cluster) -> int:
    """Return the bytes that partitions have and can still get, on all brokers' disks."""
    addresses = {broker.id: broker.host for broker in cluster.brokers}
    free: dict[tuple[str, int], int] = {}
    for broker, answer in cluster.answers.items():
        for disk in answer.disks:
            # Brokers of one machine on equally large file systems share one.
            free[addresses.get(broker, ""), disk.total] = disk.free
    return sum(free.values()) + sum(disk.logs for disk in _disks(cluster))


def _disks(cluster: Cluster) -> Iterable[Disk]:
    return (disk for answer in cluster.answers.values() for disk in answer.disks)


def _judge_budget(
    budgets: dict[str, int], room: int, complete: bool, running: Running
) -> list[Finding]:
    allowed = sum(budgets.values())
    if not room:
        return []  # no broker told, which is a finding of its own
    if allowed <= room and not complete:
        return []  # as is a topic whose configs are not known
    if allowed <= room:
        return [
            ok(
                RETENTION,
                tr(
                    "Retention: bounded topics take at most {gb:.1f} GB of {room:.1f} GB",
                    "Retenção: tópicos limitados ocupam no máximo {gb:.1f} GB de {room:.1f} GB",
                    gb=allowed / _GB,
                    room=room / _GB,
                ),
            )
        ]
    return [
        problem(
            RETENTION,
            tr(
                "Retention lets the topics grow to {gb:.1f} GB, there is room for {room:.1f} GB",
                "A retenção permite que os tópicos cheguem a {gb:.1f} GB, há espaço para "
                "{room:.1f} GB",
                gb=allowed / _GB,
                room=room / _GB,
            ),
            _smaller(max(budgets, key=lambda topic: budgets[topic]), running),
        )
    ]


def _smaller(topic: str, running: Running) -> str:
    return admin_command(
        running.servers, *("configs", "alter", "-r", "topic", "-n", topic, "-c", _SUGGESTED)
    )


def _unbounded(topics: list[str], running: Running) -> Finding:
    return warning(
        UNBOUNDED,
        tr(
            "Nothing bounds the bytes of these topics (retention.bytes=-1): {names}",
            "Nada limita os bytes destes tópicos (retention.bytes=-1): {names}",
            names=shown(topics),
        ),
        _smaller(topics[0], running),
    )
