"""What each program is told, as small frozen values."""

from dataclasses import dataclass
from pathlib import Path

ZOOKEEPER, KRAFT = "zookeeper", "kraft"
ACCOUNT, MERCHANT = "account", "merchant"
EXACTLY_ONCE, AT_LEAST_ONCE = "exactly_once", "at_least_once"


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How a program logs: level, format, and message lines a second at most."""

    level: str
    format: str
    lines_per_second: int


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Which topic, which brokers, through which client library; bytes all topics may use."""

    topic: str
    bootstrap_servers: tuple[str, ...]
    client: str
    storage: int = 2_000_000_000


@dataclass(frozen=True, slots=True)
class ProducerSettings:
    """What `produce.py` reads. `rate` is transactions a second; `max_messages` 0 means no end.

    `fraud_rate` is the share of transactions that are fraud, 0 for none.
    """

    kafka: KafkaSettings
    log: LogSettings
    rate: float
    max_messages: int
    seed: int
    accounts: int
    history_days: int
    history_transactions: int
    fraud_rate: float
    ready_file: Path | None


@dataclass(frozen=True, slots=True)
class ConsumerSettings:
    """What `consume.py` reads. `max_messages` 0 means no end.

    Attributes:
        group: the consumer group of stage account; that of stage merchant is named after it.
        instance: what this member's transactions are named after; empty: a name of its own.
        rules: the file with the rules' parameters; None: the package's own.
        model: the file with the model that scores transactions; None: the built-in one.
        failpoint: where the process kills itself, which time, and whether it only stops (SIGSTOP);
            an empty place is nowhere.
    """

    kafka: KafkaSettings
    log: LogSettings
    group: str
    max_messages: int
    ready_file: Path | None
    instance: str = ""
    processing: str = EXACTLY_ONCE
    rules: Path | None = None
    failpoint: tuple[str, int, bool] = ("", 1, False)
    stage: str = ACCOUNT
    model: Path | None = None


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """What the Kafka UI reads; topic and group are those of the ledger.

    Without `data` it keeps nothing for its next start. `storage` is bytes that all topics may use.
    """

    bootstrap_servers: tuple[str, ...]
    host: str
    port: int
    run: str
    log: LogSettings
    topic: str = "transactions"
    group: str = "transaction-monitor"
    data: Path | None = None
    read_only: bool = False
    users: Path | None = None
    names: tuple[str, ...] = ()
    hidden_fields: tuple[tuple[str, str], ...] = ()
    storage: int = 2_000_000_000
    zookeeper: tuple[str, ...] = ("127.0.0.1:2181",)


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """What the native cluster reads. Sizes in bytes; every listener is on `host`."""

    data: Path
    cache: Path
    zookeeper_port: int
    broker_ports: tuple[int, ...]
    console_port: int
    broker_heap: int
    storage: int
    host: str = "127.0.0.1"
    coordination: str = ZOOKEEPER
    controller_ports: tuple[int, ...] = (9191, 9192, 9193)

    @property
    def kraft(self) -> bool:
        """Whether the brokers coordinate among themselves, without ZooKeeper."""
        return self.coordination == KRAFT

    @property
    def bootstrap_servers(self) -> tuple[str, ...]:
        """The brokers as `host:port`."""
        return tuple(f"{self.host}:{port}" for port in self.broker_ports)
