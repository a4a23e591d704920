"""What Kafka said when it was asked, as frozen values; times in milliseconds, sizes in bytes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kafka_workshop.messaging.reach import Problem

Place = tuple[str, int]
"""A topic and a partition's number."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A registered broker and the address that it advertises."""

    id: int
    host: str
    port: int

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition.

    Attributes:
        topic: its topic.
        id: its number.
        leader: None if it is offline.
        replicas: brokers that should have a copy.
        isr: those in sync.
        high: high watermark, the end for who reads everything; None if nobody told.
        stable: last stable offset, the end for who reads what is committed.
        newest_ms: largest timestamp of a record; None if there is none or nobody told.
    """

    topic: str
    id: int
    leader: int | None
    replicas: tuple[int, ...]
    isr: tuple[int, ...]
    high: int | None = None
    stable: int | None = None
    newest_ms: int | None = None

    @property
    def place(self) -> Place:
        """Topic and number."""
        return self.topic, self.id

    @property
    def name(self) -> str:
        """As people write it: topic-number."""
        return f"{self.topic}-{self.id}"

    @property
    def held_back(self) -> int:
        """Records that who reads only committed ones does not get yet: HW − LSO."""
        # The high watermark is asked for first: without a transaction the other is never less.
        if self.high is None or self.stable is None:
            return 0
        return max(0, self.high - self.stable)


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction that its coordinator, a broker, holds to be open."""

    id: str
    coordinator: int
    producer: int
    state: str
    started_ms: int
    timeout_ms: int


@dataclass(frozen=True, slots=True)
class OpenProducer:
    """A producer that, as a partition's leader knows it, has a transaction open there."""

    topic: str
    partition: int
    producer: int
    epoch: int
    first_offset: int


@dataclass(frozen=True, slots=True)
class Group:
    """A consumer group: how many members, and the offsets that it committed."""

    id: str
    members: int
    committed: Mapping[Place, int]


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system of a broker's log folder; `logs` is what partitions take of it."""

    total: int
    free: int
    logs: int


LEADERLESS = -1


@dataclass(frozen=True, slots=True)
class Answer:
    """What one broker told of itself.

    `leader` is with KRaft the node that leads the controllers, `LEADERLESS` if none could be had;
    None with ZooKeeper, whose brokers do not know the question.
    """

    groups: tuple[Group, ...] = ()
    disks: tuple[Disk, ...] = ()
    leader: int | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster.

    Attributes:
        brokers: registered ones.
        controller: None if there is none. With KRaft metadata name any broker: see `Answer.leader`.
        partitions: of all topics.
        configs: topic -> config -> value.
        reach: broker id -> what a plain connection to its advertised address came to.
        answers: broker id -> what it told; a broker that did not answer is missing.
        transactions: open ones, as the coordinators know them; None if one did not answer.
        producers: with open transactions, as the leaders know them.
    """

    brokers: tuple[Broker, ...]
    controller: int | None
    partitions: tuple[Partition, ...] = ()
    configs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    reach: Mapping[int, Problem] = field(default_factory=dict)
    answers: Mapping[int, Answer] = field(default_factory=dict)
    transactions: tuple[Transaction, ...] | None = ()
    producers: tuple[OpenProducer, ...] = ()

    def config(self, topic: str, name: str) -> str:
        """Return a topic's config as Kafka's text; empty if it is not known."""
        return self.configs.get(topic, {}).get(name, "")

    def topics(self) -> Iterator[tuple[str, list[Partition]]]:
        """Yield each topic with its partitions."""
        by_topic: dict[str, list[Partition]] = {}
        for partition in self.partitions:
            by_topic.setdefault(partition.topic, []).append(partition)
        yield from sorted(by_topic.items())
