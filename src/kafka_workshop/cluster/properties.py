"""Server properties, rendered as text by pure functions: sorted, one setting a line."""

from collections.abc import Mapping, Sequence
from pathlib import Path

REPLICATION_FACTOR = 3
MIN_INSYNC_REPLICAS = 2
INTERNAL_PARTITIONS = 6
_MB = 1_000_000
# The smallest segment that Kafka 4 takes.
_SMALLEST_SEGMENT = 2**20


def render(properties: Mapping[str, object]) -> str:
    r"""Return Java properties, sorted by key; in ASCII, for Java reads nothing else.

    >>> render({"log.dirs": "/data/Área de Trabalho"})
    'log.dirs=/data/\\u00c1rea de Trabalho\n'
    """
    return "".join(f"{key}={_text(properties[key])}\n" for key in sorted(properties))


def _text(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if character.isascii():
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def zookeeper(host: str, port: int, data: Path) -> str:
    """Return `zoo.cfg` of a single ZooKeeper that listens on `host`:`port`."""
    return render(
        {
            "4lw.commands.whitelist": "srvr",
            "admin.enableServer": False,
            "autopurge.purgeInterval": 1,
            "autopurge.snapRetainCount": 3,
            "clientPort": port,
            "clientPortAddress": host,
            "dataDir": data,
            "maxClientCnxns": 0,
            "tickTime": 2000,
        }
    )


def broker(broker_id: int, host: str, port: int, zookeeper: str, data: Path, storage: int) -> str:
    """Return `server.properties` of one broker of three.

    Args:
        broker_id: 1 to 3.
        host: address that it binds and advertises.
        port: its port.
        zookeeper: `host:port` of ZooKeeper.
        data: folder of its log segments.
        storage: bytes on disk for all topics and replicas together. What nobody bounds by name
            (a topic made by hand) gets a hundredth of it for each partition.
    """
    return render(
        {
            **_identity(broker_id, host, port, zookeeper, data),
            **_durability(),
            **_bounds(storage),
            **_quickness(),
            **_quick_handing_over(),
        }
    )


def kraft_node(
    node_id: int,
    host: str,
    broker_port: int,
    controller_ports: Sequence[int],
    data: Path,
    storage: int,
) -> str:
    """Return `server.properties` of one node of three, each a broker and a controller.

    Args:
        node_id: 1 to 3.
        host: address that it binds and advertises.
        broker_port: where clients and brokers reach it.
        controller_ports: where the three controllers reach each other, in the order of their ids.
        data: folder of its log segments and of the cluster's metadata.
        storage: bytes on disk, as for `broker`.
    """
    return render(
        {
            **_kraft_identity(node_id, host, broker_port, controller_ports, data),
            **_durability(),
            **_kraft_durability(),
            **_bounds(storage),
            **_kraft_bounds(storage),
            **_quickness(),
            **_kraft_quickness(),
        }
    )


def _kraft_identity(
    node_id: int, host: str, port: int, controller_ports: Sequence[int], data: Path
) -> dict[str, object]:
    voters = (f"{voter}@{host}:{at}" for voter, at in enumerate(controller_ports, 1))
    controller = f"CONTROLLER://{host}:{controller_ports[node_id - 1]}"
    return {
        "advertised.listeners": f"PLAINTEXT://{host}:{port}",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": ",".join(voters),
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "listeners": f"PLAINTEXT://{host}:{port},{controller}",
        "log.dirs": data,
        "node.id": node_id,
        "process.roles": "broker,controller",
    }


def _kraft_durability() -> dict[str, object]:
    return {
        "share.coordinator.state.topic.min.isr": MIN_INSYNC_REPLICAS,
        "share.coordinator.state.topic.num.partitions": INTERNAL_PARTITIONS,
        "share.coordinator.state.topic.replication.factor": REPLICATION_FACTOR,
    }


def _kraft_bounds(storage: int) -> dict[str, object]:
    return {
        "metadata.log.segment.bytes": 8 * 2**20,
        "metadata.max.retention.bytes": 32 * 2**20,
        "share.coordinator.state.topic.segment.bytes": _internal_segment(storage),
    }


def _kraft_quickness() -> dict[str, object]:
    # The session is ZooKeeper's. A leaving broker hears from a heartbeat's answer that it may go.
    return {
        "broker.heartbeat.interval.ms": 500,
        "broker.session.timeout.ms": 6_000,
    }


def _identity(
    broker_id: int, host: str, port: int, zookeeper: str, data: Path
) -> dict[str, object]:
    return {
        "broker.id": broker_id,
        "listeners": f"PLAINTEXT://{host}:{port}",
        "advertised.listeners": f"PLAINTEXT://{host}:{port}",
        "log.dirs": data,
        "zookeeper.connect": zookeeper,
        "zookeeper.connection.timeout.ms": 18_000,
        "zookeeper.session.timeout.ms": 6_000,
    }


def _durability() -> dict[str, object]:
    return {
        "auto.create.topics.enable": False,
        "default.replication.factor": REPLICATION_FACTOR,
        "min.insync.replicas": MIN_INSYNC_REPLICAS,
        "num.partitions": INTERNAL_PARTITIONS,
        "offsets.topic.num.partitions": INTERNAL_PARTITIONS,
        "offsets.topic.replication.factor": REPLICATION_FACTOR,
        "transaction.abort.timed.out.transaction.cleanup.interval.ms": 2_000,
        "transaction.state.log.min.isr": MIN_INSYNC_REPLICAS,
        "transaction.state.log.num.partitions": INTERNAL_PARTITIONS,
        "transaction.state.log.replication.factor": REPLICATION_FACTOR,
        "unclean.leader.election.enable": False,
    }


def _bounds(storage: int) -> dict[str, object]:
    segment = _internal_segment(storage)
    return {
        "log.cleaner.dedupe.buffer.size": 8 * 1024 * 1024,
        "log.retention.bytes": max(2 * _MB, storage // 100),
        "log.retention.check.interval.ms": 30_000,
        "log.segment.bytes": max(_SMALLEST_SEGMENT, storage // 400),
        "offsets.topic.segment.bytes": segment,
        "transaction.state.log.segment.bytes": segment,
    }


def _internal_segment(storage: int) -> int:
    # The internal topics hold a twentieth of the storage: six partitions, three replicas each,
    # bounded by compaction once a segment closes.
    share = storage // 20 // (2 * INTERNAL_PARTITIONS * REPLICATION_FACTOR)
    return max(_SMALLEST_SEGMENT, share)


def _quick_handing_over() -> dict[str, object]:
    # Stopping: three brokers that leave together cannot hand over every leader; the defaults
    # (3 tries, 5 s apart) would make them wait 15 s for what cannot happen. And a broker that came
    # back leads its partitions again within seconds; by default that is looked at every 5 minutes.
    return {
        "controlled.shutdown.max.retries": 1,
        "controlled.shutdown.retry.backoff.ms": 500,
    }


def _quickness() -> dict[str, object]:
    return {
        "group.initial.rebalance.delay.ms": 0,
        "leader.imbalance.check.interval.seconds": 10,
        "num.network.threads": 2,
        "num.io.threads": 4,
    }


def log4j() -> str:
    """Return reload4j's configuration: INFO, one line an event, on standard output.

    Standard output is the service's log file, which the supervisor rotates.
    """
    return render(
        {
            "log4j.appender.stdout": "org.apache.log4j.ConsoleAppender",
            "log4j.appender.stdout.layout": "org.apache.log4j.PatternLayout",
            "log4j.appender.stdout.layout.ConversionPattern": "%d{ISO8601} %-5p %m (%c)%n",
            "log4j.rootLogger": "INFO, stdout",
        }
    )


def log4j2() -> str:
    """Return log4j 2's configuration, for Kafka 4: the lines look as reload4j's."""
    return render(
        {
            "appender.stdout.layout.pattern": "%d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %m (%c)%n",
            "appender.stdout.layout.type": "PatternLayout",
            "appender.stdout.name": "stdout",
            "appender.stdout.type": "Console",
            "rootLogger.appenderRef.stdout.ref": "stdout",
            "rootLogger.level": "INFO",
            # Kafka says how it stops after the JVM began to end.
            "shutdownHook": "disable",
        }
    )
