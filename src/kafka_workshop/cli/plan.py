"""The whole system as a plan: the cluster's servers, and our three programs beside them."""

import asyncio
import os
import re
import socket
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from kafka_workshop.cli.last_word import ledger_line
from kafka_workshop.cli.unawaited import unawaited
from kafka_workshop.clock import Deadline
from kafka_workshop.cluster import java, kraft, nodes
from kafka_workshop.cluster.artefacts import Jar, JarCache, read_lock
from kafka_workshop.cluster.class_archive import ClassArchive, class_archive
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.process import Command
from kafka_workshop.cluster.readiness import FileMade, HttpReady
from kafka_workshop.cluster.service import LastWord, Plan, Service, Stage
from kafka_workshop.cluster.supervisor import instance_name
from kafka_workshop.errors import Unavailable
from kafka_workshop.language import tr
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.topics import monitor_topics, workshop_topics
from kafka_workshop.settings import (
    ACCOUNT,
    BROKER_PORTS,
    CONSOLE_PORT,
    CONSOLE_USERS,
    CONSUMER_GROUP,
    CONTROLLER_PORTS,
    INSTANCE,
    KRAFT,
    MERCHANT,
    PROJECT_FOLDER,
    RATE,
    STAGE,
    TOPIC,
    WORKSHOP_DATA,
    ZOOKEEPER,
    ZOOKEEPER_CONNECT,
    ZOOKEEPER_PORT,
    ClusterSettings,
)

JAR_LOCKS = {
    ZOOKEEPER: PROJECT_FOLDER / "kafka-jars.lock",
    KRAFT: PROJECT_FOLDER / "kafka-kraft-jars.lock",
}
BROKER_IDS = (1, 2, 3)
TOPICS_TIMEOUT_S = 30.0
_AGAIN_S = 0.3
KAFKA_UI, PRODUCER, CONSUMER = "kafka-ui", "producer", "consumer"
CONSUMER_MERCHANT = "consumer-merchant"
# The producer leaves first, so that the consumer sees the last of what it sent; the console last,
# because it has the ledger of both.
_PRODUCER_RANK, _CONSUMER_RANK, CONSOLE_RANK = 0, 1, 2


def jar_cache(settings: ClusterSettings) -> JarCache:
    """Return the cache of jars in the user's cache folder."""
    return JarCache(settings.cache / "jars")


def locked_jars(settings: ClusterSettings) -> tuple[Jar, ...]:
    """Return the jars that the chosen coordination needs."""
    return read_lock(JAR_LOCKS[settings.coordination])


def ports_of(settings: ClusterSettings) -> dict[str, int]:
    """Return service -> port, for every service that listens."""
    brokers = zip(BROKER_IDS, settings.broker_ports, strict=True)
    return {
        **_coordination_ports(settings),
        **{nodes.broker_name(broker_id): port for broker_id, port in brokers},
        KAFKA_UI: settings.console_port,
    }


def _coordination_ports(settings: ClusterSettings) -> dict[str, int]:
    if not settings.kraft:
        return {nodes.ZOOKEEPER: settings.zookeeper_port}
    controllers = zip(BROKER_IDS, settings.controller_ports, strict=True)
    return {_controller_name(broker_id): port for broker_id, port in controllers}


def _controller_name(broker_id: int) -> str:
    return tr(
        "the controller in {broker}",
        "controller em {broker}",
        broker=nodes.broker_name(broker_id),
    )


def port_settings() -> dict[str, str]:
    """Return service -> the setting that changes its port."""
    return {
        nodes.ZOOKEEPER: ZOOKEEPER_PORT.name,
        **{_controller_name(broker_id): CONTROLLER_PORTS.name for broker_id in BROKER_IDS},
        **{nodes.broker_name(broker_id): BROKER_PORTS.name for broker_id in BROKER_IDS},
        KAFKA_UI: CONSOLE_PORT.name,
    }


def system_plan(settings: ClusterSettings) -> Plan:
    """Return the plan of the whole system; the jars must be in the cache."""
    stages = (*cluster_stages(settings), _programs_stage(settings))
    return Plan(
        stages,
        scalable={
            CONSUMER: partial(_consumer, settings),
            CONSUMER_MERCHANT: partial(_consumer_merchant, settings),
        },
        paced={PRODUCER: partial(_producer, settings)},
        last_word=LastWord(CONSOLE_RANK, partial(ledger_line, settings)),
        afterwards=partial(make_class_archive, settings),
    )


def _class_archive(settings: ClusterSettings) -> ClassArchive:
    cache = jar_cache(settings)
    classpath = cache.classpath(locked_jars(settings))
    return class_archive(cache.folder, java.executable(), classpath, (java.COLLECTOR,))


async def make_class_archive(settings: ClusterSettings) -> None:
    """Make the archive of the classes that the first broker has noted, where there is none yet."""
    folders = RunFolders(settings.data)
    await _class_archive(settings).make(_noted(folders), folders.log_of("class-archive"))


def _noted(folders: RunFolders) -> Path:
    return folders.run / "broker.classes"


def cluster_stages(settings: ClusterSettings) -> tuple[Stage, ...]:
    """Return what the brokers need, then the brokers and, once they are ready, the topics."""
    folders, archive = RunFolders(settings.data), _class_archive(settings)
    runtime = java.Runtime(archive.java, archive.classpath, archive.using)
    noting = replace(runtime, options=(*archive.using, *archive.noting(_noted(folders))))
    first = _storage_stage if settings.kraft else _zookeeper_stage
    make = nodes.kraft_node if settings.kraft else nodes.broker
    brokers = tuple(
        make(i, settings, folders, noting if i == BROKER_IDS[0] else runtime) for i in BROKER_IDS
    )

    async def make_topics() -> None:
        await _make_topics(settings)

    return (
        first(settings, folders, runtime),
        Stage(tr("brokers and topics", "brokers e tópicos"), brokers, after=make_topics),
    )


async def _make_topics(settings: ClusterSettings) -> None:
    """Make the topics; the controller may hear of a broker later than the broker itself."""
    topic, group = TOPIC.read(os.environ), CONSUMER_GROUP.read(os.environ)
    specs = (
        *workshop_topics(settings.storage, topic),
        *monitor_topics(settings.storage, topic, group),
    )
    deadline = Deadline(TOPICS_TIMEOUT_S)
    while True:
        try:
            await unawaited(
                partial(create_topics, settings.bootstrap_servers, specs, deadline.remaining)
            )
            return
        except Unavailable:
            if deadline.expired:
                raise
        await asyncio.sleep(_AGAIN_S)


def _zookeeper_stage(
    settings: ClusterSettings, folders: RunFolders, runtime: java.Runtime
) -> Stage:
    return Stage("ZooKeeper", (nodes.zookeeper(settings, folders, runtime),))


def _storage_stage(settings: ClusterSettings, folders: RunFolders, runtime: java.Runtime) -> Stage:
    storages = [nodes.kraft_storage(i, settings, folders) for i in BROKER_IDS]

    async def format_storages() -> None:
        await kraft.format_all(storages, folders, partial(java.format_command, runtime))

    title = tr("storage of the KRaft nodes", "armazenamento dos nós KRaft")
    return Stage(title, (), after=format_storages)


def _programs_stage(settings: ClusterSettings) -> Stage:
    return Stage(
        tr("kafka-ui, producer and consumers", "kafka-ui, producer e consumers"),
        (
            _console(settings),
            _producer(settings, RATE.read(os.environ)),
            _consumer(settings),
            _consumer_merchant(settings),
        ),
    )


def _console(settings: ClusterSettings) -> Service:
    environment = {
        **_client_environment(settings),
        "CONSOLE_HOST": settings.host,
        "CONSOLE_PORT": str(settings.console_port),
        "WORKSHOP_RUN": "native",
        WORKSHOP_DATA.name: str(settings.data),
        ZOOKEEPER_CONNECT.name: f"{settings.host}:{settings.zookeeper_port}",
    }
    users = CONSOLE_USERS.read(os.environ)
    if users is not None:  # as seen from here, not from where the console is started
        environment[CONSOLE_USERS.name] = str(users)
    command = [sys.executable, "-m", "kafka_workshop.console"]
    return Service(
        name=KAFKA_UI,
        command=Command(command, environment, PROJECT_FOLDER),
        probe=HttpReady(settings.host, settings.console_port),
        stop_rank=CONSOLE_RANK,
        ports=(settings.console_port,),
    )


def _producer(settings: ClusterSettings, rate: float) -> Service:
    checked = RATE.read({RATE.name: f"{rate:.3f}"})
    further = {RATE.name: str(checked)}
    return replace(_program(PRODUCER, PRODUCER, _PRODUCER_RANK, settings, further), rate=checked)


def _consumer(settings: ClusterSettings, number: int = 1) -> Service:
    name = CONSUMER if number == 1 else instance_name(CONSUMER, number)
    return _program(CONSUMER, name, _CONSUMER_RANK, settings, {STAGE.name: ACCOUNT})


def _consumer_merchant(settings: ClusterSettings, number: int = 1) -> Service:
    name = CONSUMER_MERCHANT if number == 1 else instance_name(CONSUMER_MERCHANT, number)
    made = _program(CONSUMER, name, _CONSUMER_RANK, settings, {STAGE.name: MERCHANT})
    # `up` shows its alerts; what it reads was shown as transactions.
    return replace(made, spoken=False)


def _program(
    action: str,
    name: str,
    rank: int,
    settings: ClusterSettings,
    further: Mapping[str, str] = MappingProxyType({}),
) -> Service:
    ready = RunFolders(settings.data).ready_file_of(name)
    environment = {
        **_client_environment(settings),
        "ACTION": action,
        "READY_FILE": str(ready),
        INSTANCE.name: _instance(name),
        **further,
    }
    return Service(
        name=name,
        command=Command(["./run.sh"], environment, PROJECT_FOLDER),
        probe=FileMade(ready),
        stop_rank=rank,
        ready_file=ready,
        spoken=True,
        may_refuse=True,
    )


def _instance(slot: str) -> str:
    """Return a name that only one process has at a time: of this machine, and the service."""
    machine = re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname())
    return f"{machine}-{slot}"


def _client_environment(settings: ClusterSettings) -> dict[str, str]:
    here = str(Path(sys.executable).parent)
    return {
        "BOOTSTRAP_SERVERS": ",".join(settings.bootstrap_servers),
        # run.sh takes the python it finds; ours is first.
        "PATH": os.pathsep.join([here, os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": str(PROJECT_FOLDER / "src"),
    }
