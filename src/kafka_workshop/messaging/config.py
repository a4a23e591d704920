"""The settings of both client libraries, rendered by pure functions: one promise, two dialects.

Producer: acknowledged by every in-sync replica, idempotent, lz4, batches of up to 20 ms, keys
spread with murmur2 as every Java client does (librdkafka's own default is CRC32). Consumer:
offsets are committed by hand, a new group starts at the beginning, aborted records are skipped,
and a rebalance moves only the partitions that must move.
"""

import logging
from collections.abc import Mapping

from kafka_workshop.messaging.topics import DEAD_LETTER_MAX_BYTES

ACKS = "all"
COMPRESSION = "lz4"
# librdkafka sends each partition in a request of its own: at 1,000 messages a second 5 ms made some
# 1,000 requests, which kept two cores busy, and every transaction waited 450 ms for its turn.
LINGER_MS = 20
# A record not acknowledged within this time has failed; longer than a whole cluster's restart.
DELIVERY_TIMEOUT_MS = 120_000
REQUEST_TIMEOUT_MS = 10_000
SESSION_TIMEOUT_MS = 10_000
HEARTBEAT_MS = 3_000
RECONNECT_MAX_MS = 1_000
# A transaction left open by a killed program holds up every reader for so long at most.
TRANSACTION_TIMEOUT_MS = 10_000
# kafka-python's `send` stands still so long for a topic that it finds nowhere.
TOPIC_UNKNOWN_MS = 3_000
# What a producer takes at most, uncompressed: what the dead-letter topic holds at least.
MAX_MESSAGE_BYTES = DEAD_LETTER_MAX_BYTES
# Both producers hold at most so much that is not acknowledged yet; `send` waits beyond it.
QUEUE_MESSAGES = 50_000
QUEUE_BYTES = 32 * 1024 * 1024
KAFKA_PYTHON_BATCH_BYTES = 128 * 1024
# Below the brokers' own limit: what a broker refuses for its size ends this producer for good.
KAFKA_PYTHON_MESSAGE_BYTES = 900_000
# A partition that is resumed waits for its broker's answer about the others; the default is 500.
KAFKA_PYTHON_WAIT_MS = 100
# The transaction before may be ending still when the next one begins: its coordinator says so.
KAFKA_PYTHON_AGAIN_MS = 20
# A topic that was made a moment ago is not known to every broker yet: ask again this soon.
METADATA_MS = 3_000

Config = dict[str, str | int | float | bool]
# Given to every librdkafka client, which would write to standard error otherwise, over the
# sentences that we print ourselves.
LIBRDKAFKA_LOG = logging.getLogger("librdkafka")
LIBRDKAFKA_LOG.addHandler(logging.NullHandler())


def confluent_common(servers: tuple[str, ...], client_id: str) -> Config:
    """Return what every librdkafka client gets.

    `broker.address.family` stays `any`: with `v4`, librdkafka resolves nothing, not even
    127.0.0.1, on a machine that has no network but its loopback (a laptop with its radio off).
    """
    return {
        "bootstrap.servers": ",".join(servers),
        "client.id": client_id,
        "reconnect.backoff.max.ms": RECONNECT_MAX_MS,
        "socket.timeout.ms": REQUEST_TIMEOUT_MS,
        "topic.metadata.refresh.interval.ms": METADATA_MS,
    }


def confluent_producer(servers: tuple[str, ...]) -> Config:
    """Return the producer's settings for confluent-kafka."""
    return confluent_common(servers, "producer") | {
        "acks": ACKS,
        "compression.type": COMPRESSION,
        "enable.idempotence": True,
        "linger.ms": LINGER_MS,
        "message.max.bytes": MAX_MESSAGE_BYTES,
        "message.timeout.ms": DELIVERY_TIMEOUT_MS,
        "partitioner": "murmur2_random",
        "queue.buffering.max.kbytes": QUEUE_BYTES // 1024,
        "queue.buffering.max.messages": QUEUE_MESSAGES,
    }


def confluent_transactional(servers: tuple[str, ...], transactional_id: str) -> Config:
    """Return the settings of a producer whose records count once their transaction commits.

    Whoever opens another one with the same `transactional_id` fences the one before.
    """
    return confluent_producer(servers) | {
        # A record must have failed while its transaction can still be aborted.
        "message.timeout.ms": TRANSACTION_TIMEOUT_MS - 1_000,
        "transaction.timeout.ms": TRANSACTION_TIMEOUT_MS,
        "transactional.id": transactional_id,
    }


def confluent_consumer(servers: tuple[str, ...], group: str) -> Config:
    """Return the consumer's settings for confluent-kafka."""
    return confluent_common(servers, "consumer") | {
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "group.id": group,
        "heartbeat.interval.ms": HEARTBEAT_MS,
        "isolation.level": "read_committed",
        "partition.assignment.strategy": "cooperative-sticky",
        "queued.max.messages.kbytes": QUEUE_BYTES // 1024,
        "session.timeout.ms": SESSION_TIMEOUT_MS,
    }


def stage_consumer(servers: tuple[str, ...], group: str, instance: str) -> Config:
    """Return the settings of a stage's member, which says itself where it begins.

    An offset that the topic does not have is an error, never a silent jump. A member with an
    `instance` is a static one: started again within its session it has its partitions at once.
    """
    settings = confluent_consumer(servers, group) | {"auto.offset.reset": "error"}
    return settings | ({"group.instance.id": instance} if instance else {})


def kafka_python_common(
    servers: tuple[str, ...], client_id: str, timeout_s: float
) -> dict[str, object]:
    """Return what every kafka-python client gets; `timeout_s` to find a broker at first."""
    return {
        "allow_auto_create_topics": False,
        "bootstrap_servers": list(servers),
        "bootstrap_timeout_ms": int(timeout_s * 1000),
        "client_id": client_id,
        "metadata_max_age_ms": METADATA_MS,
        "metrics_enabled": False,
        "reconnect_backoff_max_ms": RECONNECT_MAX_MS,
        "request_timeout_ms": REQUEST_TIMEOUT_MS,
    }


def kafka_python_producer(servers: tuple[str, ...], timeout_s: float) -> dict[str, object]:
    """Return the producer's settings for kafka-python, whose default partitioner is murmur2."""
    return kafka_python_common(servers, "producer", timeout_s) | {
        "acks": ACKS,
        "batch_size": KAFKA_PYTHON_BATCH_BYTES,
        "compression_type": COMPRESSION,
        "delivery_timeout_ms": DELIVERY_TIMEOUT_MS,
        "enable_idempotence": True,
        "linger_ms": LINGER_MS,
        "max_block_ms": TOPIC_UNKNOWN_MS,
        "max_request_size": KAFKA_PYTHON_MESSAGE_BYTES,
    }


def kafka_python_consumer(
    servers: tuple[str, ...], group: str, timeout_s: float, assignors: tuple[type, ...]
) -> dict[str, object]:
    """Return the consumer's settings for kafka-python; `assignors` as classes, as it wants them."""
    return kafka_python_common(servers, "consumer", timeout_s) | {
        "auto_offset_reset": "earliest",
        "enable_auto_commit": False,
        "group_id": group,
        "heartbeat_interval_ms": HEARTBEAT_MS,
        "isolation_level": "read_committed",
        "partition_assignment_strategy": assignors,
        "session_timeout_ms": SESSION_TIMEOUT_MS,
    }


def kafka_python_stage_member(
    servers: tuple[str, ...],
    group: str,
    instance: str,
    timeout_s: float,
    assignors: tuple[type, ...],
) -> dict[str, object]:
    """Return the settings of a stage's membership in its group, by a consumer that reads nothing.

    A member with an `instance` is a static one.
    """
    settings = kafka_python_consumer(servers, group, timeout_s, assignors)
    return settings | ({"group_instance_id": instance} if instance else {})


def kafka_python_stage_reader(
    servers: tuple[str, ...], timeout_s: float, assignors: tuple[type, ...]
) -> dict[str, object]:
    """Return the settings of a stage's reading, which says itself what it reads and from where.

    An offset that the topic does not have is an error, never a silent jump.
    """
    return kafka_python_consumer(servers, "", timeout_s, assignors) | {
        "auto_offset_reset": "none",
        "fetch_max_wait_ms": KAFKA_PYTHON_WAIT_MS,
        "group_id": None,
    }


def kafka_python_stage_writer(
    servers: tuple[str, ...], transactional_id: str, timeout_s: float
) -> dict[str, object]:
    """Return the settings of a stage's producer, of transactions if it has an id.

    It takes what librdkafka's takes: its dead letters are as large, and their topic takes them.
    """
    settings = kafka_python_producer(servers, timeout_s) | {"max_request_size": MAX_MESSAGE_BYTES}
    if not transactional_id:
        return settings
    return settings | {
        "delivery_timeout_ms": TRANSACTION_TIMEOUT_MS - 1_000,
        # Together with the lingering less than that, which the library insists on.
        "request_timeout_ms": TRANSACTION_TIMEOUT_MS // 2,
        "retry_backoff_ms": KAFKA_PYTHON_AGAIN_MS,
        "transaction_timeout_ms": TRANSACTION_TIMEOUT_MS,
        "transactional_id": transactional_id,
    }


def shown(config: Mapping[str, object]) -> str:
    """Return settings as sorted `name=value` lines, for logs and tests."""
    return "\n".join(f"{name}={config[name]}" for name in sorted(config))
