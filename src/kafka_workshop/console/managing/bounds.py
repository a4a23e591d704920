"""From which to which offset the partitions of a topic go now, and where a moment is in them."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future

from confluent_kafka import KafkaError as ClientError
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin._listoffsets import (
    EarliestSpec,
    LatestSpec,
    ListOffsetsResultInfo,
    OffsetSpec,
    TimestampSpec,
)

from kafka_workshop.clock import Deadline
from kafka_workshop.console.diagnosis import kafka_error, refusal, unread
from kafka_workshop.console.kafka import ClusterGateway

# By partition: the first offset, and the one after the last.
Bounds = dict[int, tuple[int, int]]
_SECONDS = 6.0
_EARLIEST: Callable[[], OffsetSpec] = EarliestSpec
_LATEST: Callable[[], OffsetSpec] = LatestSpec
_AT: Callable[[int], OffsetSpec] = TimestampSpec


def topic_names(gateway: ClusterGateway) -> frozenset[str]:
    """Return the names of all topics.

    Raises:
        Refused: no broker answered in time.
    """
    try:
        return frozenset(gateway.admin.list_topics(timeout=_SECONDS).topics)
    except KafkaException as error:
        raise unread(kafka_error(error)) from None


def partitions_of(gateway: ClusterGateway, topic: str) -> tuple[int, ...]:
    """Return the partitions of a topic.

    Raises:
        Refused: there is no such topic, one has no leader, or no broker answered in time.
    """
    try:
        found = gateway.admin.list_topics(topic, timeout=_SECONDS).topics[topic]
    except KafkaException as error:
        raise unread(kafka_error(error)) from None
    if found.error is not None:
        raise refusal(found.error)
    if any(p.leader < 0 for p in found.partitions.values()):
        raise refusal(ClientError(ClientError.LEADER_NOT_AVAILABLE))
    return tuple(sorted(found.partitions))


def bounds(gateway: ClusterGateway, topic: str) -> Bounds:
    """Return from where to where each partition goes.

    Raises:
        Refused: as for `partitions_of`.
    """
    partitions = partitions_of(gateway, topic)
    starts = _offsets(gateway, topic, dict.fromkeys(partitions, _EARLIEST()))
    ends = _offsets(gateway, topic, dict.fromkeys(partitions, _LATEST()))
    return {p: (starts[p], ends[p]) for p in partitions}


def offsets_at(gateway: ClusterGateway, topic: str, known: Bounds, at_ms: int) -> dict[int, int]:
    """Return the first offset of each partition at or after `at_ms`; its end if there is none.

    Raises:
        Refused: as for `partitions_of`.
    """
    found = _offsets(gateway, topic, dict.fromkeys(known, _AT(at_ms)))
    return {p: offset if offset >= 0 else known[p][1] for p, offset in found.items()}


def _offsets(
    gateway: ClusterGateway, topic: str, wanted: Mapping[int, OffsetSpec]
) -> dict[int, int]:
    asked = {TopicPartition(topic, p): spec for p, spec in wanted.items()}
    futures = gateway.admin.list_offsets(asked, request_timeout=_SECONDS)
    deadline = Deadline(_SECONDS)
    return {tp.partition: _offset(future, deadline) for tp, future in futures.items()}


def _offset(future: "Future[ListOffsetsResultInfo]", deadline: Deadline) -> int:
    try:
        return future.result(deadline.remaining).offset
    except KafkaException as error:
        raise unread(kafka_error(error)) from None
    except TimeoutError:
        raise unread(ClientError(ClientError._TIMED_OUT)) from None
