"""What the console knows of a cluster: frozen values, no Kafka, no page.

An offset or a count that is not known (a leader is missing, a broker did not answer in time) is
`None`, never 0: "unknown" and "nothing" are different answers.
"""

from dataclasses import dataclass, field
from functools import cached_property

# Kafka's own rule for names of internal topics: the project's topics never start so.
_INTERNAL_PREFIX = "__"
ZOOKEEPER, KRAFT = "zookeeper", "kraft"


@dataclass(frozen=True)
class Broker:
    """A broker, and how many replicas it leads, holds, and keeps in sync."""

    id: int
    host: str
    port: int
    online: bool = True
    controller: bool = False
    leaders: int = 0
    replicas: int = 0
    in_sync: int = 0
    seen_at_ms: int | None = None

    @property
    def address(self) -> str:
        """`host:port`, or an empty text while only the id is known."""
        return f"{self.host}:{self.port}" if self.host else ""


@dataclass(frozen=True)
class Partition:
    """A partition: who leads it, who holds it, and from which to which offset."""

    id: int
    leader: int | None
    replicas: tuple[int, ...]
    isr: tuple[int, ...]
    start: int | None = None
    end: int | None = None

    @property
    def under_replicated(self) -> bool:
        """Whether a replica is not in sync with the leader."""
        return len(self.isr) < len(self.replicas)

    @property
    def count(self) -> int | None:
        """Offsets between start and end: the messages, unless compacted or transactional."""
        return None if self.start is None or self.end is None else self.end - self.start


@dataclass(frozen=True)
class Topic:
    """A topic with its partitions in order and the configs that the pages show."""

    name: str
    partitions: tuple[Partition, ...]
    config: dict[str, str] = field(default_factory=dict)

    @property
    def internal(self) -> bool:
        """Whether Kafka keeps it for itself."""
        return self.name.startswith(_INTERNAL_PREFIX)

    @property
    def compacted(self) -> bool:
        """Whether old values of a key are removed, so that offsets have gaps."""
        return "compact" in self.config.get("cleanup.policy", "")

    @property
    def replication_factor(self) -> int:
        """Replicas of a partition; the largest, while a reassignment is going on."""
        return max((len(p.replicas) for p in self.partitions), default=0)

    @property
    def under_replicated(self) -> int:
        """Partitions with a replica out of sync."""
        return sum(p.under_replicated for p in self.partitions)

    @property
    def offline(self) -> int:
        """Partitions without a leader: nobody can read or write them."""
        return sum(p.leader is None for p in self.partitions)

    @property
    def count(self) -> int | None:
        """Messages of all partitions (see `Partition.count`), `None` if one is unknown."""
        counts = [p.count for p in self.partitions]
        known = [c for c in counts if c is not None]
        return sum(known) if len(known) == len(counts) else None

    @property
    def end(self) -> int | None:
        """Sum of the end offsets: what was ever written, the base of the rate."""
        ends = [p.end for p in self.partitions if p.end is not None]
        return sum(ends) if len(ends) == len(self.partitions) else None


@dataclass(frozen=True)
class Member:
    """A consumer of a group and the partitions it was assigned, as `(topic, partition)`."""

    id: str
    client_id: str
    host: str
    assigned: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class GroupPartition:
    """How far a group has read one partition. `committed` is `None` where it never committed."""

    topic: str
    partition: int
    committed: int | None
    start: int | None
    end: int | None
    member: str = ""

    @property
    def lag(self) -> int | None:
        """Messages not read yet; `None` without a committed offset or a known end."""
        if self.committed is None or self.end is None:
            return None
        return max(0, self.end - max(self.committed, self.start or 0))


@dataclass(frozen=True)
class Group:
    """A consumer group: its state in Kafka's words, members, and offsets by partition.

    `current` is whether its coordinator answered at the last look; otherwise this is older.
    """

    id: str
    state: str
    coordinator: int | None
    assignor: str
    members: tuple[Member, ...]
    partitions: tuple[GroupPartition, ...]
    current: bool = True

    @property
    def lag(self) -> int | None:
        """Lag over the partitions where it is known; `None` where it is known of none."""
        known = [p.lag for p in self.partitions if p.lag is not None]
        return sum(known) if known else None

    @property
    def uncommitted(self) -> int:
        """Partitions that were assigned but never committed."""
        return sum(p.committed is None for p in self.partitions)


@dataclass(frozen=True)
class Snapshot:
    """The brokers and leaders as seen at `at_ms` (ms since the epoch, UTC), and the rest.

    `measured_ms` is when the offsets were last asked for with success: the base of rates.
    `coordination` is `ZOOKEEPER`, `KRAFT`, or empty while it is not known.
    """

    at_ms: int
    cluster_id: str
    brokers: tuple[Broker, ...]
    topics: tuple[Topic, ...]
    groups: tuple[Group, ...]
    measured_ms: int | None = None
    coordination: str = ""

    @cached_property
    def topic_by_name(self) -> dict[str, Topic]:
        """The topics by name."""
        return {topic.name: topic for topic in self.topics}

    @cached_property
    def group_by_id(self) -> dict[str, Group]:
        """The groups by id."""
        return {group.id: group for group in self.groups}

    @property
    def controller(self) -> Broker | None:
        """The broker that is the controller, if one is known."""
        return next((b for b in self.brokers if b.controller), None)


def count_replicas(broker: Broker, topics: tuple[Topic, ...]) -> tuple[int, int, int]:
    """Return how many partitions `broker` leads, holds, and holds in sync."""
    partitions = [p for topic in topics for p in topic.partitions]
    return (
        sum(p.leader == broker.id for p in partitions),
        sum(broker.id in p.replicas for p in partitions),
        sum(broker.id in p.isr for p in partitions),
    )
