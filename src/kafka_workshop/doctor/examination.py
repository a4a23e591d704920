"""The examination: every check in order, from the machine to the consumers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kafka_workshop import clock
from kafka_workshop.cluster.nodes import ZOOKEEPER
from kafka_workshop.cluster.readiness import ZooKeeperAnswers
from kafka_workshop.doctor import (
    artefacts,
    asking,
    brokers,
    clocks,
    groups,
    machine,
    partitions,
    retention,
    running,
    services,
    transactions,
)
from kafka_workshop.doctor.facts import Cluster
from kafka_workshop.doctor.finding import Finding
from kafka_workshop.doctor.installation import Installation
from kafka_workshop.doctor.running import Running, Way
from kafka_workshop.errors import BrokersUnavailable
from kafka_workshop.language import tr
from kafka_workshop.messaging.reach import Problem
from kafka_workshop.settings import consumer_settings


@dataclass(frozen=True, slots=True)
class Step:
    """Some checks that take a while together, and what to say meanwhile."""

    title: str
    run: Callable[[], list[Finding]]


def steps(installation: Installation) -> Iterator[Step]:
    """Yield the steps; each is to be run before the next one is taken."""
    found: list[Running] = []

    def look() -> list[Finding]:
        found.append(running.look(installation))
        return [services.judge_way(found[0])]

    yield Step(tr("what is running", "o que está rodando"), look)
    yield Step(
        tr("Python, memory, disk", "Python, memória, disco"),
        lambda: examine_machine(installation, found[0]),
    )
    yield Step(
        tr("jars and Java", "jars e Java"),
        lambda: [
            *artefacts.check_jars(installation.cache, installation.jars),
            artefacts.check_java(),
        ],
    )
    yield Step(
        tr("services and ports", "serviços e portas"),
        lambda: examine_services(installation, found[0]),
    )
    if found[0].way is not Way.NOWHERE:
        yield Step(
            tr("brokers, topics, groups", "brokers, tópicos, grupos"),
            lambda: examine_cluster(installation, found[0]),
        )


def examine_machine(installation: Installation, where: Running) -> list[Finding]:
    """Check Python, memory and disk."""
    settings = installation.settings
    missing = sum(j.size for j in installation.jars if not installation.cache.path(j).exists())
    cache = machine.judge_cache_disk(machine.look_at_disk(settings.cache), missing)
    data = machine.look_at_disk(settings.data, settings.data / "data")
    return [
        machine.judge_python(machine.python_version()),
        machine.judge_memory(machine.available_memory(), where.is_ours),
        machine.judge_data_disk(data, settings.storage),
        *([cache] if cache else ()),
    ]


def examine_services(installation: Installation, where: Running) -> list[Finding]:
    """Check the services that run, ZooKeeper among them, or the ports that a start needs."""
    settings = installation.settings
    findings = services.judge_services(where.statuses or (), where)
    if not where.is_ours:
        findings += services.check_unsupervised(installation)
    elif ZOOKEEPER in installation.ports:
        probe = ZooKeeperAnswers(settings.host, settings.zookeeper_port)
        findings.append(services.check_zookeeper(probe, where))
    return findings


def examine_cluster(installation: Installation, where: Running) -> list[Finding]:
    """Ask Kafka, and judge what it told."""
    reach = asking.probe_servers(where.servers)
    silence = brokers.judge_silence(where, installation.brokers, reach)
    if Problem.NOT_KAFKA not in reach.values():
        return [silence]  # nothing listens anywhere: no need to wait for an answer
    try:
        cluster = asking.ask(where.servers)
    except BrokersUnavailable:
        return [silence]
    group = consumer_settings(installation.environment).group
    return judge_cluster(cluster, installation, where, group, clock.now_ms())


def judge_cluster(
    cluster: Cluster, installation: Installation, where: Running, group: str, now_ms: int
) -> list[Finding]:
    """Judge what Kafka told; `group` is the consumer group of ours."""
    return [
        *brokers.judge_brokers(cluster, installation.brokers, where),
        brokers.judge_controller(cluster, where),
        *brokers.judge_listeners(cluster, where),
        *partitions.judge_partitions(cluster, where),
        *partitions.judge_told(cluster),
        *transactions.judge_transactions(cluster, where, now_ms),
        *retention.judge_retention(cluster, where),
        *groups.judge_groups(cluster, group, where),
        *clocks.judge_clocks(cluster, now_ms),
    ]
