"""Consumer groups that nobody reads for although there is something to read."""

from kafka_workshop.doctor.facts import Cluster, Group
from kafka_workshop.doctor.finding import Finding, ok, warning
from kafka_workshop.doctor.running import Running
from kafka_workshop.language import tr
from kafka_workshop.messaging.topics import MonitorTopics

GROUPS = "consumer-groups"


def judge_groups(cluster: Cluster, ours: str, running: Running) -> list[Finding]:
    """Judge the groups; `ours` is the one of `consumer`, from which the second stage's follows."""
    ends = {p.place: p.high for p in cluster.partitions if p.high is not None}
    groups = [group for answer in cluster.answers.values() for group in answer.groups]
    left = [
        (group, lag)
        for group in sorted(groups, key=lambda group: group.id)
        if not group.members and (lag := _lag(group, ends)) > 0
    ]
    if left:
        return [_nobody_reads(group.id, lag, ours, running) for group, lag in left]
    return [
        ok(
            GROUPS,
            tr(
                "Consumer groups: {n}; none without members has anything to read",
                "Grupos de consumidores: {n}; nenhum sem membros tem o que ler",
                n=len(groups),
            ),
        )
    ]


def _lag(group: Group, ends: dict[tuple[str, int], int]) -> int:
    lags = (ends[place] - offset for place, offset in group.committed.items() if place in ends)
    return sum(max(0, lag) for lag in lags)


def _nobody_reads(group: str, lag: int, ours: str, running: Running) -> Finding:
    services = {ours: "consumer", MonitorTopics("", ours).merchant_group: "consumer-merchant"}
    if group in services and running.is_ours:
        start = running.revive(services[group])
    else:
        start = _by_hand(group, ours)
    return warning(
        GROUPS,
        tr(
            "Group {group} has no members, and {lag} records to read",
            "O grupo {group} não tem membros, e {lag} registros a ler",
            group=group,
            lag=lag,
        ),
        start,
    )


def _by_hand(group: str, ours: str) -> str:
    stage = ""
    # The group of a second stage is named after that of the first, which is what one chooses.
    first = group.removesuffix(MonitorTopics("", "").merchant_group)
    if first and first != group:
        stage, group = "STAGE=merchant ", first
    chosen = "" if group == ours else f"CONSUMER_GROUP={group} "
    return f"ACTION=consumer {stage}{chosen}./run.sh"
