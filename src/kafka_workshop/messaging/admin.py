"""Topics are made here, idempotently, and their ends are looked up; by librdkafka for everyone."""

import time
from collections.abc import Iterable
from contextlib import suppress
from itertools import count

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec
from confluent_kafka.admin._metadata import ClusterMetadata, PartitionMetadata
from confluent_kafka.cimpl import NewTopic

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import ServiceFailed, TimedOut, Unavailable
from kafka_workshop.language import tr
from kafka_workshop.messaging import config
from kafka_workshop.messaging.client import no_broker
from kafka_workshop.messaging.topics import TopicSpec

PROBE_S = 3.0
_PAUSE_S = 0.1
_EVERYWHERE_S, _ONE_S = 5.0, 1.0
# Leadership has just moved, and a broker learns a moment later what the controller has decided;
# the epochs are what it says if it, or the metadata that we asked with, is behind, and no offset is
# available while a new leader has not heard how far its followers are.
BETWEEN_LEADERS = {
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.OFFSET_NOT_AVAILABLE,
}
# What the library calls final and is not: too few brokers for the replication factor, until the
# others are up; a controller that was too busy to say in time that it has made the topic.
_NOT_YET = {
    KafkaError.INVALID_REPLICATION_FACTOR,
    KafkaError.REQUEST_TIMED_OUT,
    KafkaError._TIMED_OUT,
    KafkaError.NOT_CONTROLLER,
}


def create_topics(
    servers: tuple[str, ...], specs: Iterable[TopicSpec], timeout_s: float = 20.0
) -> list[str]:
    """Create the topics that don't exist yet and wait until they can be written to.

    Any number of programs may do this at the same time. Waits until every partition has a leader,
    and until those of the new topics have all their replicas in sync or the time is up.

    Returns:
        The names of the topics that this call created.

    Raises:
        BrokersUnavailable: no broker answered.
        Unavailable: there are fewer brokers than the replication factor.
        TimedOut: a partition had no leader within `timeout_s` seconds.
        ServiceFailed: the brokers refused a topic.
    """
    deadline = Deadline(timeout_s)
    wanted = tuple(specs)
    admin = _admin(servers)
    existing = _metadata(admin, servers).topics
    missing = [spec for spec in wanted if spec.name not in existing]
    created = _create(admin, missing, deadline) if missing else []
    _await_leaders(admin, servers, wanted, frozenset(created), deadline)
    return created


def reach(servers: tuple[str, ...], timeout_s: float = PROBE_S) -> None:
    """Return as soon as a broker answers.

    Raises:
        BrokersUnavailable: none did within `timeout_s` seconds.
    """
    _metadata(_admin(servers), servers, timeout_s)


def leaders(servers: tuple[str, ...], topic: str, timeout_s: float = PROBE_S) -> dict[int, int]:
    """Return partition -> the broker that leads it, -1 for none; empty if there is no such topic.

    Raises:
        BrokersUnavailable: no broker answered.
    """
    found = _metadata(_admin(servers), servers, timeout_s).topics.get(topic)
    return {number: p.leader for number, p in found.partitions.items()} if found else {}


def await_everywhere(
    servers: tuple[str, ...], topic: str, timeout_s: float = _EVERYWHERE_S
) -> None:
    """Wait until every broker has heard of a topic, or the time is up; before joining a group.

    A librdkafka that leads its group asks only the coordinator which partitions there are. One that
    has not heard of the topic yet makes it give out none of them, and so it stays: what it hears
    later is what it had known before it joined, no change that would make it share out anew.

    Raises:
        BrokersUnavailable: no broker answered.
    """
    deadline, asked = Deadline(timeout_s), servers
    found = _metadata(_admin(asked), asked)
    everybody = {f"{broker.host}:{broker.port}" for broker in found.brokers.values()}
    knowing: set[str] = set()
    for turn in count():
        left = sorted(everybody - knowing)
        if not left or deadline.expired:
            return
        # Whichever broker is asked for, it may be another that answers; the answer says which.
        asked = (left[turn % len(left)],)
        with suppress(Unavailable):  # one that is dying holds up nobody
            found = _metadata(_admin(asked), asked, _ONE_S)
            if topic in found.topics and found.topics[topic].partitions:
                knowing.add(str(found.orig_broker_name).rpartition("/")[0])
                continue
        time.sleep(_PAUSE_S)


def end_offsets(servers: tuple[str, ...], topic: str, timeout_s: float = 10.0) -> dict[int, int]:
    """Return the offset after the newest record of each partition of `topic`.

    Raises:
        BrokersUnavailable: no broker answered.
        Unavailable: a partition has no leader now.
    """
    admin, deadline = _admin(servers), Deadline(timeout_s)
    while True:
        try:
            return _ends(admin, servers, topic, deadline)
        except KafkaException as error:
            if error.args[0].code() not in BETWEEN_LEADERS or deadline.expired:
                raise Unavailable(_reason(error)) from None
        time.sleep(_PAUSE_S)


def _ends(
    admin: AdminClient, servers: tuple[str, ...], topic: str, deadline: Deadline
) -> dict[int, int]:
    found = _metadata(admin, servers).topics.get(topic)
    partitions = [TopicPartition(topic, p) for p in found.partitions] if found else []
    latest: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
    asked = dict.fromkeys(partitions, latest)
    answers = admin.list_offsets(asked, request_timeout=max(1.0, deadline.remaining))
    return {p.partition: answer.result().offset for p, answer in answers.items()}


def _admin(servers: tuple[str, ...]) -> AdminClient:
    settings = config.confluent_common(servers, "admin")
    return AdminClient(settings, logger=config.LIBRDKAFKA_LOG)


def _metadata(
    admin: AdminClient, servers: tuple[str, ...], timeout_s: float = PROBE_S
) -> ClusterMetadata:
    try:
        return admin.list_topics(timeout=timeout_s)
    except KafkaException:
        raise no_broker(servers) from None


def _create(admin: AdminClient, specs: list[TopicSpec], deadline: Deadline) -> list[str]:
    topics = [
        NewTopic(s.name, s.partitions, s.replication_factor, config=dict(s.config)) for s in specs
    ]
    answers = admin.create_topics(topics, request_timeout=max(1.0, deadline.remaining))
    created = []
    for name, answer in answers.items():
        try:
            answer.result()
            created.append(name)
        except KafkaException as error:
            _check_refusal(name, error)
    return created


def _check_refusal(name: str, error: KafkaException) -> None:
    code = error.args[0].code()
    if code == KafkaError.TOPIC_ALREADY_EXISTS:
        return
    sentence = tr(
        "topic {name} can't be created: {reason}",
        "o tópico {name} não pode ser criado: {reason}",
        name=name,
        reason=_reason(error),
    )
    passing = code in _NOT_YET or error.args[0].retriable()
    raise (Unavailable if passing else ServiceFailed)(sentence)


def _await_leaders(
    admin: AdminClient,
    servers: tuple[str, ...],
    specs: tuple[TopicSpec, ...],
    created: frozenset[str],
    deadline: Deadline,
) -> None:
    while True:
        topics = _metadata(admin, servers).topics
        partitions = {
            spec.name: list(topics[spec.name].partitions.values()) if spec.name in topics else []
            for spec in specs
        }
        headless = [n for n, ps in partitions.items() if not ps or any(p.leader < 0 for p in ps)]
        lagging = [n for n, ps in partitions.items() if n in created and not _all_in_sync(ps)]
        if not headless and (not lagging or deadline.expired):
            return
        if deadline.expired:
            raise _no_leader(headless)
        time.sleep(_PAUSE_S)


def _all_in_sync(partitions: list[PartitionMetadata]) -> bool:
    return all(len(p.isrs) == len(p.replicas) for p in partitions)


def _no_leader(topics: list[str]) -> TimedOut:
    return TimedOut(
        tr(
            "no leader yet for every partition of {topics}",
            "ainda sem líder para todas as partições de {topics}",
            topics=", ".join(topics),
        )
    )


def _reason(error: KafkaException) -> str:
    reason: KafkaError = error.args[0]
    return reason.str()
