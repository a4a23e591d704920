"""What any broker can tell of the whole cluster: metadata, configs, offsets. Through librdkafka."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

# The package's own index does not export these to type checkers.
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._listoffsets import LatestSpec, MaxTimestampSpec, OffsetSpec
from confluent_kafka.admin._metadata import ClusterMetadata
from confluent_kafka.admin._resource import ResourceType

from kafka_workshop.clock import Deadline
from kafka_workshop.doctor.collecting import collected
from kafka_workshop.doctor.facts import Broker, Cluster, Partition, Place
from kafka_workshop.messaging import config
from kafka_workshop.messaging.client import no_broker

_METADATA_S, _OFFSETS_S, _REST_S = 3.0, 2.0, 1.0
_LATEST: Callable[[], OffsetSpec] = LatestSpec
_MAX_TIMESTAMP: Callable[[], OffsetSpec] = MaxTimestampSpec


def admin_client(servers: tuple[str, ...]) -> AdminClient:
    """Return a client that keeps its lines about lost connections to itself."""
    settings = config.confluent_common(servers, "doctor")
    return AdminClient(settings, logger=config.LIBRDKAFKA_LOG)


def ask_metadata(admin: AdminClient, servers: tuple[str, ...]) -> Cluster:
    """Return brokers, controller and partitions.

    Raises:
        BrokersUnavailable: no broker answered.
    """
    return _cluster(_metadata(admin, servers))


def _metadata(admin: AdminClient, servers: tuple[str, ...]) -> ClusterMetadata:
    for _ in range(2):  # a paused broker keeps a request: the next one goes to another
        try:
            return admin.list_topics(timeout=_METADATA_S)
        except KafkaException:
            continue
    raise no_broker(servers)


def _cluster(metadata: ClusterMetadata) -> Cluster:
    brokers = sorted(metadata.brokers.values(), key=lambda broker: broker.id)
    topics = [topic for topic in metadata.topics.values() if topic.error is None]
    return Cluster(
        tuple(Broker(b.id, b.host or "", b.port) for b in brokers),
        metadata.controller_id if metadata.controller_id >= 0 else None,
        tuple(
            Partition(
                topic.topic or "",
                p.id,
                p.leader if p.leader >= 0 else None,
                tuple(p.replicas),
                tuple(p.isrs),
            )
            for topic in topics
            for p in topic.partitions.values()
        ),
    )


def ask_measures(servers: tuple[str, ...], admin: AdminClient, cluster: Cluster) -> Cluster:
    """Return the cluster with the configs and the offsets that were told in time."""
    # On connections of their own: brokers whose ZooKeeper is silent keep this question, and
    # everything that waits behind it. The client must live until the answers have come.
    for_configs = admin_client(servers)
    configs = _ask_configs(for_configs, cluster)
    newest = _ask_offsets(admin, cluster, _MAX_TIMESTAMP())
    high = _offsets(_ask_offsets(admin, cluster, _LATEST()))
    stable = _offsets(_ask_offsets(admin, cluster, _LATEST(), IsolationLevel.READ_COMMITTED))
    rest = Deadline(_REST_S)
    times = {place: info.timestamp for place, info in collected(newest, rest).items()}
    partitions = (
        replace(p, high=high.get(p.place), stable=stable.get(p.place), newest_ms=times.get(p.place))
        for p in cluster.partitions
    )
    return replace(
        cluster,
        partitions=tuple(partitions),
        configs={
            name: {key: entry.value or "" for key, entry in entries.items()}
            for name, entries in collected(configs, rest).items()
        },
    )


def _ask_configs(admin: AdminClient, cluster: Cluster) -> dict[str, "Future[Any]"]:
    resources = [ConfigResource(ResourceType.TOPIC, name) for name, _ in cluster.topics()]
    if not resources:
        return {}
    asked = admin.describe_configs(resources, request_timeout=_OFFSETS_S)
    return {resource.name: future for resource, future in asked.items()}


def _ask_offsets(
    admin: AdminClient,
    cluster: Cluster,
    spec: OffsetSpec,
    isolation: IsolationLevel = IsolationLevel.READ_UNCOMMITTED,
) -> dict[Place, "Future[Any]"]:
    # One request a leader: the answers to one request come together, after the slowest.
    by_leader = defaultdict(list)
    for p in cluster.partitions:
        if p.leader is not None:
            by_leader[p.leader].append(TopicPartition(p.topic, p.id))
    asked: dict[Place, Future[Any]] = {}
    for pairs in by_leader.values():
        answers = admin.list_offsets(
            dict.fromkeys(pairs, spec), isolation_level=isolation, request_timeout=_OFFSETS_S
        )
        asked |= {(tp.topic, tp.partition): future for tp, future in answers.items()}
    return asked


def _offsets(asked: Mapping[Place, "Future[Any]"]) -> dict[Place, int]:
    answers = collected(asked, Deadline(_OFFSETS_S))
    return {place: info.offset for place, info in answers.items()}
