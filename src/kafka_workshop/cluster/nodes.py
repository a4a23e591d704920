"""The cluster's servers as services: one ZooKeeper and three brokers, or three KRaft nodes."""

from pathlib import Path

from kafka_workshop.cluster import java, properties
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.kraft import Storage
from kafka_workshop.cluster.process import Command
from kafka_workshop.cluster.readiness import BrokerRegistered, ZooKeeperAnswers
from kafka_workshop.cluster.service import Service
from kafka_workshop.settings import ClusterSettings

ZOOKEEPER = "zookeeper"
BROKER_RANK, ZOOKEEPER_RANK = 3, 4
# ZooKeeper forgets a killed broker after its session (6 s, rounded up to its next tick, 2 s); one
# that returns sooner finds its own id taken and ends again. A JVM's start adds another second.
_BROKER_RESTART_DELAY_S = 7.0

# The last controller to leave waits five seconds for another to take over; Kafka has no setting
# for it. Its broker, and so every message, is safe long before.
_LAST_CONTROLLER_S = 9.0

# The same after a whole system was killed: a ZooKeeper that comes back has its sessions back too.
_STILL_REGISTERED = "NodeExists"


def broker_name(broker_id: int) -> str:
    """Return the service name of a broker."""
    return f"broker-{broker_id}"


def zookeeper(settings: ClusterSettings, folders: RunFolders, runtime: java.Runtime) -> Service:
    """Return the ZooKeeper service."""
    config, log4j = folders.config / "zoo.cfg", folders.config / "log4j.properties"
    data = folders.data_of(ZOOKEEPER)
    text = properties.zookeeper(settings.host, settings.zookeeper_port, data)
    command = java.zookeeper_command(runtime, log4j, config)
    return Service(
        name=ZOOKEEPER,
        command=Command(command, java.ENVIRONMENT, data),
        probe=ZooKeeperAnswers(settings.host, settings.zookeeper_port),
        stop_rank=ZOOKEEPER_RANK,
        ports=(settings.zookeeper_port,),
        files={config: text, log4j: properties.log4j()},
        stop_seconds=2.0,
    )


def broker(
    broker_id: int, settings: ClusterSettings, folders: RunFolders, runtime: java.Runtime
) -> Service:
    """Return the service of broker `broker_id` (1 to 3)."""
    name, port = broker_name(broker_id), settings.broker_ports[broker_id - 1]
    config, log4j = folders.config / f"{name}.properties", folders.config / "log4j.properties"
    data = folders.data_of(name)
    coordinator = f"{settings.host}:{settings.zookeeper_port}"
    text = properties.broker(broker_id, settings.host, port, coordinator, data, settings.storage)
    command = java.broker_command(runtime, settings.broker_heap, log4j, config)
    return Service(
        name=name,
        command=Command(command, java.ENVIRONMENT, data),
        probe=BrokerRegistered(broker_id, settings.host, port),
        stop_rank=BROKER_RANK,
        ports=(port,),
        files={config: text, log4j: properties.log4j()},
        stop_seconds=6.0,
        restart_delay=_BROKER_RESTART_DELAY_S,
        passing=_STILL_REGISTERED,
    )


def kraft_node(
    node_id: int, settings: ClusterSettings, folders: RunFolders, runtime: java.Runtime
) -> Service:
    """Return the service of node `node_id` (1 to 3), which is a broker and a controller."""
    name, port = broker_name(node_id), settings.broker_ports[node_id - 1]
    config, log4j2 = folders.config / f"{name}.properties", folders.config / "log4j2.properties"
    storage = kraft_storage(node_id, settings, folders)
    command = java.kraft_command(runtime, settings.broker_heap, log4j2, config)
    return Service(
        name=name,
        command=Command(command, java.ENVIRONMENT, storage.folder),
        probe=BrokerRegistered(node_id, settings.host, port),
        stop_rank=BROKER_RANK,
        ports=(port, settings.controller_ports[node_id - 1]),
        files={config: storage.config(storage.folder), log4j2: properties.log4j2()},
        stop_seconds=_LAST_CONTROLLER_S,
    )


def kraft_storage(node_id: int, settings: ClusterSettings, folders: RunFolders) -> Storage:
    """Return what the storage of node `node_id` is formatted with."""
    name, port = broker_name(node_id), settings.broker_ports[node_id - 1]

    def config(data: Path) -> str:
        ports = settings.controller_ports
        return properties.kraft_node(node_id, settings.host, port, ports, data, settings.storage)

    return Storage(name, folders.kraft_data_of(name), config)
