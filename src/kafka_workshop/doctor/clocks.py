"""Clocks: a record from the future tells that its producer's clock and ours do not agree."""

from kafka_workshop.doctor.facts import Cluster, Partition
from kafka_workshop.doctor.finding import Finding, ok, warning
from kafka_workshop.language import tr

CLOCKS = "clocks"
TOLERANCE_MS = 60_000


def judge_clocks(cluster: Cluster, now_ms: int) -> list[Finding]:
    """Judge the newest records against this machine's clock."""
    ahead = [
        (topic, worst)
        for topic, partitions in cluster.topics()
        if (worst := _ahead(partitions, now_ms)) > TOLERANCE_MS
    ]
    if ahead:
        return [_from_the_future(topic, ms) for topic, ms in ahead]
    return [
        ok(
            CLOCKS,
            tr(
                "Clocks: no record is ahead of this machine's clock",
                "Relógios: nenhum registro está à frente do relógio desta máquina",
            ),
        )
    ]


def _ahead(partitions: list[Partition], now_ms: int) -> int:
    return max(((p.newest_ms or 0) - now_ms for p in partitions), default=0)


def _from_the_future(topic: str, ms: int) -> Finding:
    return warning(
        CLOCKS,
        tr(
            "Topic {topic} has a record {s:.0f} s ahead of this machine's clock: retention keeps "
            "it so much longer",
            "O tópico {topic} tem um registro {s:.0f} s à frente do relógio desta máquina: a "
            "retenção o guarda esse tempo a mais",
            topic=topic,
            s=ms / 1000,
        ),
        tr(
            "set the clocks of this machine and of the producer's (NTP); the record goes with "
            "its topic, or by retention",
            "acerte os relógios desta máquina e da do produtor (NTP); o registro some com seu "
            "tópico, ou pela retenção",
        ),
    )
