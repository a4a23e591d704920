"""Everything the read model asks of Kafka: blocking calls, each with a time-out.

Run these in a thread. A part that does not answer in time (one broker paused, one coordinator
moving) leaves its own figures as they were known before, and the rest is still fresh.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import replace
from typing import TypeVar

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

# The package's own index does not export these to type checkers.
from confluent_kafka.admin._config import ConfigEntry, ConfigResource
from confluent_kafka.admin._listoffsets import (
    EarliestSpec,
    LatestSpec,
    ListOffsetsResultInfo,
    OffsetSpec,
)
from confluent_kafka.admin._metadata import ClusterMetadata, TopicMetadata
from confluent_kafka.admin._resource import ResourceType

from kafka_workshop import clock
from kafka_workshop.clock import Deadline
from kafka_workshop.console.coordination import Coordinators, merged
from kafka_workshop.console.model import ZOOKEEPER, Broker, Partition, Snapshot, Topic
from kafka_workshop.console.quorum import Quorum, QuorumWatch

K = TypeVar("K")
T = TypeVar("T")
Offsets = dict[tuple[str, int], int]
SHOWN_CONFIGS = (
    "cleanup.policy",
    "min.insync.replicas",
    "retention.ms",
    "retention.bytes",
    "segment.bytes",
    "max.message.bytes",
    "compression.type",
)
# Configs change rarely and cost one request a topic: asked for once in so many seconds.
_CONFIG_SECONDS = 30.0
# Offsets, configs and groups: no longer than the pause between two polls, so that a broker which
# does not answer these never delays the next look at who is there.
_DETAIL_SECONDS = 2.0
_EARLIEST: Callable[[], OffsetSpec] = EarliestSpec
_LATEST: Callable[[], OffsetSpec] = LatestSpec


def client_config(servers: tuple[str, ...]) -> dict[str, str | int | float | bool]:
    """Return what every client of the console has in common.

    librdkafka's own lines about lost connections are silenced: the console says it in words.
    """
    return {
        "bootstrap.servers": ",".join(servers),
        "client.id": "kafka-ui",
        "log_level": 0,
        # A paused broker keeps its connections open: give up on it and ask another one.
        "socket.timeout.ms": 4000,
        "socket.connection.setup.timeout.ms": 2000,
        "reconnect.backoff.max.ms": 2000,
    }


class ClusterGateway:
    """Reads a cluster through one admin client, which is made at the first call."""

    def __init__(self, servers: tuple[str, ...], request_seconds: float = 3.0) -> None:
        self.servers = servers
        self._seconds = request_seconds
        self._client: AdminClient | None = None
        self._coordinators = Coordinators()
        self._quorum = QuorumWatch(servers)
        self._configs: dict[str, dict[str, str]] = {}
        self._configs_due = Deadline(0.0)

    @property
    def admin(self) -> AdminClient:
        """The admin client. Ask it nothing of a group: see `coordination`."""
        if self._client is None:
            self._client = AdminClient(client_config(self.servers))
        return self._client

    def observe(self, previous: Snapshot | None) -> Iterator[Snapshot]:
        """Yield what the cluster looks like now: brokers and leaders at once, then all of it.

        Raises:
            KafkaException: no broker answered in time.
        """
        deadline = Deadline(self._seconds)
        metadata = self._metadata(deadline)
        seen = _seen(metadata, previous, self._configs)
        yield _led(seen, self._quorum.known, metadata)
        self._quorum.ask()
        details = Deadline(min(_DETAIL_SECONDS, deadline.remaining))
        detailed = self._detailed(seen, details)
        yield _led(detailed, self._quorum.answer(details), metadata)

    def _metadata(self, deadline: Deadline) -> ClusterMetadata:
        try:
            return self.admin.list_topics(timeout=self._seconds / 2)
        except KafkaException:  # a paused broker keeps a request: the next one goes to another
            return self.admin.list_topics(timeout=max(0.1, deadline.remaining))

    def _detailed(self, seen: Snapshot, deadline: Deadline) -> Snapshot:
        self._coordinators.ask(seen.brokers)
        asked = [self._ask_offsets(seen.topics, spec()) for spec in (_EARLIEST, _LATEST)]
        configs = self._ask_configs([topic.name for topic in seen.topics])
        start, end = (_offsets(_answers(futures, deadline)) for futures in asked)
        self._learn(_answers(configs, deadline))
        topics = tuple(_measured(t, start, end, self._configs) for t in seen.topics)
        answers = self._coordinators.answers(deadline)
        groups = merged(answers, seen.groups, {b.id for b in seen.brokers}, topics)
        measured_ms = clock.now_ms() if end else seen.measured_ms
        return replace(seen, topics=topics, groups=groups, measured_ms=measured_ms)

    def _ask_offsets(
        self, topics: tuple[Topic, ...], spec: OffsetSpec
    ) -> dict[TopicPartition, "Future[ListOffsetsResultInfo]"]:
        # One request a leader: the answers to one request come together, after the slowest.
        by_leader = defaultdict(list)
        for topic in topics:
            for p in topic.partitions:
                if p.leader is not None:
                    by_leader[p.leader].append(TopicPartition(topic.name, p.id))
        asked: dict[TopicPartition, Future[ListOffsetsResultInfo]] = {}
        for pairs in by_leader.values():
            specs = dict.fromkeys(pairs, spec)
            asked |= self.admin.list_offsets(specs, request_timeout=_DETAIL_SECONDS)
        return asked

    def _ask_configs(
        self, names: list[str]
    ) -> dict[ConfigResource, "Future[dict[str, ConfigEntry]]"]:
        due = self._configs_due.expired
        if due:
            self._configs_due = Deadline(_CONFIG_SECONDS)
        wanted = [
            ConfigResource(ResourceType.TOPIC, n) for n in names if due or n not in self._configs
        ]
        if not wanted:
            return {}
        return self.admin.describe_configs(wanted, request_timeout=_DETAIL_SECONDS)

    def _learn(self, answers: Mapping[ConfigResource, dict[str, ConfigEntry]]) -> None:
        for resource, entries in answers.items():
            self._configs[resource.name] = {
                key: entries[key].value or "" for key in SHOWN_CONFIGS if key in entries
            }


def _answers(asked: Mapping[K, "Future[T]"], deadline: Deadline) -> dict[K, T]:
    """Return the answers that arrived before the deadline; the others are left out."""
    answers: dict[K, T] = {}
    for key, future in asked.items():
        try:
            answers[key] = future.result(deadline.remaining)
        except (KafkaException, FutureTimeout):
            continue
    return answers


def _offsets(answers: Mapping[TopicPartition, ListOffsetsResultInfo]) -> Offsets:
    return {(tp.topic, tp.partition): result.offset for tp, result in answers.items()}


def _seen(
    metadata: ClusterMetadata, previous: Snapshot | None, configs: Mapping[str, dict[str, str]]
) -> Snapshot:
    at_ms = clock.now_ms()
    found = {n: t for n, t in sorted(metadata.topics.items()) if t.error is None}
    start, end = _known_offsets(previous)
    brokers = tuple(
        Broker(b.id, b.host or "", b.port, True, seen_at_ms=at_ms)
        for b in sorted(metadata.brokers.values(), key=lambda broker: broker.id)
    )
    return Snapshot(
        at_ms,
        metadata.cluster_id or "",
        brokers,
        tuple(
            Topic(name, _partitions(name, topic, start, end), configs.get(name, {}))
            for name, topic in found.items()
        ),
        previous.groups if previous else (),
        previous.measured_ms if previous else None,
    )


def _led(snapshot: Snapshot, quorum: Quorum | None, metadata: ClusterMetadata) -> Snapshot:
    """Return `snapshot` with its controller; with none while it is not known who tells."""
    if quorum is None:
        return snapshot
    leader = metadata.controller_id if quorum.coordination == ZOOKEEPER else quorum.leader
    brokers = tuple(replace(b, controller=b.id == leader) for b in snapshot.brokers)
    return replace(snapshot, brokers=brokers, coordination=quorum.coordination)


def _partitions(
    name: str, topic: TopicMetadata, start: Offsets, end: Offsets
) -> tuple[Partition, ...]:
    return tuple(
        Partition(
            p.id,
            p.leader if p.leader >= 0 else None,
            tuple(p.replicas),
            tuple(p.isrs),
            start.get((name, p.id)),
            end.get((name, p.id)),
        )
        for _, p in sorted(topic.partitions.items())
    )


def _measured(
    topic: Topic, start: Offsets, end: Offsets, configs: Mapping[str, dict[str, str]]
) -> Topic:
    partitions = tuple(
        replace(
            p,
            start=start.get((topic.name, p.id), p.start),
            end=end.get((topic.name, p.id), p.end),
        )
        for p in topic.partitions
    )
    return replace(topic, partitions=partitions, config=configs.get(topic.name, topic.config))


def _known_offsets(snapshot: Snapshot | None) -> tuple[Offsets, Offsets]:
    topics: Iterable[Topic] = snapshot.topics if snapshot else ()
    known = {(topic.name, p.id): p for topic in topics for p in topic.partitions}
    return (
        {key: p.start for key, p in known.items() if p.start is not None},
        {key: p.end for key, p in known.items() if p.end is not None},
    )
