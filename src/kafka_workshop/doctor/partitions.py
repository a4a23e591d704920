"""Partitions: offline, under min.insync.replicas, under-replicated."""

from kafka_workshop.doctor.facts import Cluster, Partition
from kafka_workshop.doctor.finding import Finding, ok, problem, shown, warning
from kafka_workshop.doctor.running import Running
from kafka_workshop.language import tr

UNTOLD = "partitions-untold"
OFFLINE, UNDER_MIN, UNDER_REPLICATED = (
    "offline-partitions",
    "under-min-isr-partitions",
    "under-replicated-partitions",
)


def judge_partitions(cluster: Cluster, running: Running) -> list[Finding]:
    """Judge the replicas of every partition; each partition counts under its worst trouble."""
    offline = [p for p in cluster.partitions if p.leader is None]
    under_min = [p for p in cluster.partitions if p not in offline and _below_minimum(p, cluster)]
    behind = [p for p in cluster.partitions if len(p.isr) < len(p.replicas)]
    lagging = [p for p in behind if p not in offline and p not in under_min]
    findings = [
        *([_offline(offline, cluster, running)] if offline else ()),
        *([_under_min(under_min, cluster, running)] if under_min else ()),
        *([_under_replicated(lagging, cluster, running)] if lagging else ()),
    ]
    return findings or [_all_in_sync(cluster)]


def judge_told(cluster: Cluster) -> list[Finding]:
    """Say of how many partitions the offsets or configs are not known: nothing judges those."""
    led = [p for p in cluster.partitions if p.leader is not None]
    untold = [p for p in led if p.stable is None or p.topic not in cluster.configs]
    if not untold:
        return []
    return [
        warning(
            UNTOLD,
            tr(
                "Offsets or configs of {n} partitions were not told in time, so they are not "
                "judged: {names}",
                "Offsets ou configs de {n} partições não foram informados a tempo, então não são "
                "avaliados: {names}",
                n=len(untold),
                names=_names(untold),
            ),
            tr(
                "mend what stands above, and look again: {command}",
                "resolva o que está acima, e examine de novo: {command}",
                command="./workshop doctor",
            ),
        )
    ]


def _below_minimum(partition: Partition, cluster: Cluster) -> bool:
    minimum = cluster.config(partition.topic, "min.insync.replicas")
    return minimum.isdigit() and len(partition.isr) < int(minimum)


def _all_in_sync(cluster: Cluster) -> Finding:
    return ok(
        UNDER_REPLICATED,
        tr(
            "{n} partitions: each has a leader and every replica in sync",
            "{n} partições: cada uma tem líder e todas as réplicas em sincronia",
            n=len(cluster.partitions),
        ),
    )


def _offline(partitions: list[Partition], cluster: Cluster, running: Running) -> Finding:
    return problem(
        OFFLINE,
        tr(
            "Offline, without a leader, neither written nor read: {names}",
            "Offline, sem líder, não se grava nem se lê: {names}",
            names=_names(partitions),
        ),
        _bring_back(partitions, cluster, running),
    )


def _under_min(partitions: list[Partition], cluster: Cluster, running: Running) -> Finding:
    return problem(
        UNDER_MIN,
        tr(
            "Fewer replicas in sync than min.insync.replicas, acks=all is refused: {names}",
            "Menos réplicas em sincronia que min.insync.replicas, acks=all é recusado: {names}",
            names=_names(partitions),
        ),
        _bring_back(partitions, cluster, running),
    )


def _under_replicated(partitions: list[Partition], cluster: Cluster, running: Running) -> Finding:
    return warning(
        UNDER_REPLICATED,
        tr(
            "Under-replicated, a replica is not in sync: {names}",
            "Sub-replicadas, uma réplica não está em sincronia: {names}",
            names=_names(partitions),
        ),
        _bring_back(partitions, cluster, running),
    )


def _names(partitions: list[Partition]) -> str:
    return shown([partition.name for partition in partitions])


def _bring_back(partitions: list[Partition], cluster: Cluster, running: Running) -> str:
    """Return what brings the replicas back that are out of sync, on whichever brokers."""
    wanted = {broker for p in partitions for broker in p.replicas if broker not in p.isr}
    dead = sorted(wanted - cluster.answers.keys())
    if dead:
        return running.revive(*(f"broker-{broker}" for broker in dead))
    if not wanted:  # as many replicas as there are: they were never enough
        return tr(
            "make the topic anew with replication factor 3, or lower its min.insync.replicas",
            "recrie o tópico com fator de replicação 3, ou diminua seu min.insync.replicas",
        )
    return tr(
        "its broker is back and copies what it missed: wait, and look again",
        "o broker voltou e copia o que perdeu: aguarde, e examine de novo",
    )
