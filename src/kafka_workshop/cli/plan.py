"""The whole system as a plan: the cluster's servers, and our three programs beside them."""

import asyncio
import os
import sys
from pathlib import Path

from kafka_workshop.cluster import java, nodes
from kafka_workshop.cluster.artefacts import JarCache, read_lock
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.process import Command
from kafka_workshop.cluster.readiness import FileMade, HttpReady
from kafka_workshop.cluster.service import Plan, Service, Stage
from kafka_workshop.language import tr
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.topics import workshop_topics
from kafka_workshop.settings import (
    BROKER_PORTS,
    CONSOLE_PORT,
    PROJECT_FOLDER,
    TOPIC,
    ZOOKEEPER_PORT,
    ClusterSettings,
)

JAR_LOCK = PROJECT_FOLDER / "kafka-jars.lock"
BROKER_IDS = (1, 2, 3)
TOPICS_TIMEOUT_S = 30.0
KAFKA_UI, PRODUCER, CONSUMER = "kafka-ui", "producer", "consumer"
# The producer leaves first, so that the consumer sees the last of what it sent; the console last,
# because it has the ledger of both.
_PRODUCER_RANK, _READER_RANK, CONSOLE_RANK = 0, 1, 2


def jar_cache(settings: ClusterSettings) -> JarCache:
    """Return the cache of jars in the user's cache folder."""
    return JarCache(settings.cache / "jars")


def ports_of(settings: ClusterSettings) -> dict[str, int]:
    """Return service -> port, for every service that listens."""
    brokers = zip(BROKER_IDS, settings.broker_ports, strict=True)
    return {
        nodes.ZOOKEEPER: settings.zookeeper_port,
        **{nodes.broker_name(broker_id): port for broker_id, port in brokers},
        KAFKA_UI: settings.console_port,
    }


def port_settings() -> dict[str, str]:
    """Return service -> the setting that changes its port."""
    return {
        nodes.ZOOKEEPER: ZOOKEEPER_PORT.name,
        **{nodes.broker_name(broker_id): BROKER_PORTS.name for broker_id in BROKER_IDS},
        KAFKA_UI: CONSOLE_PORT.name,
    }


def system_plan(settings: ClusterSettings) -> Plan:
    """Return the plan of the whole system; the jars must be in the cache."""
    return Plan((*cluster_stages(settings), _programs_stage(settings)))


def cluster_stages(settings: ClusterSettings) -> tuple[Stage, ...]:
    """Return ZooKeeper, then the brokers and, once they are ready, the topics."""
    folders, runtime = RunFolders(settings.data), java.executable()
    classpath = jar_cache(settings).classpath(read_lock(JAR_LOCK))
    keeper = nodes.zookeeper(settings, folders, runtime, classpath)
    brokers = tuple(nodes.broker(i, settings, folders, runtime, classpath) for i in BROKER_IDS)

    async def make_topics() -> None:
        specs = workshop_topics(settings.storage, TOPIC.read(os.environ))
        servers = settings.bootstrap_servers
        await asyncio.to_thread(create_topics, servers, specs, TOPICS_TIMEOUT_S)

    return (
        Stage("ZooKeeper", (keeper,)),
        Stage(tr("brokers and topics", "brokers e tópicos"), brokers, after=make_topics),
    )


def _programs_stage(settings: ClusterSettings) -> Stage:
    folders = RunFolders(settings.data)
    return Stage(
        tr("kafka-ui, producer and consumer", "kafka-ui, producer e consumer"),
        (
            _console(settings),
            _program(PRODUCER, _PRODUCER_RANK, settings, folders),
            _program(CONSUMER, _READER_RANK, settings, folders),
        ),
    )


def _console(settings: ClusterSettings) -> Service:
    environment = {
        **_client_environment(settings),
        "CONSOLE_HOST": settings.host,
        "CONSOLE_PORT": str(settings.console_port),
        "WORKSHOP_RUN": "native",
    }
    command = [sys.executable, "-m", "kafka_workshop.console"]
    return Service(
        name=KAFKA_UI,
        command=Command(command, environment, PROJECT_FOLDER),
        probe=HttpReady(settings.host, settings.console_port),
        stop_rank=CONSOLE_RANK,
        ports=(settings.console_port,),
    )


def _program(name: str, rank: int, settings: ClusterSettings, folders: RunFolders) -> Service:
    ready = folders.ready_file_of(name)
    environment = {
        **_client_environment(settings),
        "ACTION": name,
        "READY_FILE": str(ready),
    }
    return Service(
        name=name,
        command=Command(["./run.sh"], environment, PROJECT_FOLDER),
        probe=FileMade(ready),
        stop_rank=rank,
        ready_file=ready,
        spoken=True,
    )


def _client_environment(settings: ClusterSettings) -> dict[str, str]:
    here = str(Path(sys.executable).parent)
    return {
        "BOOTSTRAP_SERVERS": ",".join(settings.bootstrap_servers),
        # run.sh takes the python it finds; ours is first.
        "PATH": os.pathsep.join([here, os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": str(PROJECT_FOLDER / "src"),
    }
