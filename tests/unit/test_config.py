"""Both libraries are set to keep the same promises."""

import pytest
from confluent_kafka import Consumer, Producer

from kafka_workshop.messaging import config
from kafka_workshop.messaging.topics import DEAD_LETTER_MAX_BYTES

SERVERS = ("broker-1:9091", "broker-2:9092")


def test_the_librdkafka_producer_waits_for_all_replicas_and_sends_nothing_twice() -> None:
    assert config.shown(config.confluent_producer(SERVERS)) == (
        "acks=all\n"
        "bootstrap.servers=broker-1:9091,broker-2:9092\n"
        "client.id=producer\n"
        "compression.type=lz4\n"
        "enable.idempotence=True\n"
        "linger.ms=20\n"
        "message.max.bytes=2097176\n"
        "message.timeout.ms=120000\n"
        "partitioner=murmur2_random\n"
        "queue.buffering.max.kbytes=32768\n"
        "queue.buffering.max.messages=50000\n"
        "reconnect.backoff.max.ms=1000\n"
        "socket.timeout.ms=10000\n"
        "topic.metadata.refresh.interval.ms=3000"
    )


def test_the_librdkafka_consumer_commits_by_hand_and_reads_only_what_is_committed() -> None:
    assert config.shown(config.confluent_consumer(SERVERS, "g")) == (
        "auto.offset.reset=earliest\n"
        "bootstrap.servers=broker-1:9091,broker-2:9092\n"
        "client.id=consumer\n"
        "enable.auto.commit=False\n"
        "enable.auto.offset.store=False\n"
        "group.id=g\n"
        "heartbeat.interval.ms=3000\n"
        "isolation.level=read_committed\n"
        "partition.assignment.strategy=cooperative-sticky\n"
        "queued.max.messages.kbytes=32768\n"
        "reconnect.backoff.max.ms=1000\n"
        "session.timeout.ms=10000\n"
        "socket.timeout.ms=10000\n"
        "topic.metadata.refresh.interval.ms=3000"
    )


# One promise, as librdkafka and as kafka-python spell it.
PRODUCER = {
    "acks": "acks",
    "enable.idempotence": "enable_idempotence",
    "compression.type": "compression_type",
    "linger.ms": "linger_ms",
    "message.timeout.ms": "delivery_timeout_ms",
    "reconnect.backoff.max.ms": "reconnect_backoff_max_ms",
    "socket.timeout.ms": "request_timeout_ms",
    "topic.metadata.refresh.interval.ms": "metadata_max_age_ms",
}
CONSUMER = {
    "auto.offset.reset": "auto_offset_reset",
    "enable.auto.commit": "enable_auto_commit",
    "group.id": "group_id",
    "isolation.level": "isolation_level",
    "session.timeout.ms": "session_timeout_ms",
    "heartbeat.interval.ms": "heartbeat_interval_ms",
}


@pytest.mark.parametrize(("rdkafka", "python"), PRODUCER.items())
def test_both_producers_promise_the_same(rdkafka: str, python: str) -> None:
    ours, theirs = config.confluent_producer(SERVERS), config.kafka_python_producer(SERVERS, 1.0)
    assert ours[rdkafka] == theirs[python]


@pytest.mark.parametrize(("rdkafka", "python"), CONSUMER.items())
def test_both_consumers_promise_the_same(rdkafka: str, python: str) -> None:
    ours = config.confluent_consumer(SERVERS, "g")
    assert ours[rdkafka] == config.kafka_python_consumer(SERVERS, "g", 1.0, (object,))[python]


def test_neither_library_may_create_topics_by_touching_them() -> None:
    assert config.kafka_python_producer(SERVERS, 1.0)["allow_auto_create_topics"] is False
    assert "allow.auto.create.topics" not in config.confluent_consumer(SERVERS, "g")


def test_librdkafka_itself_knows_every_name_and_value() -> None:
    Producer(config.confluent_producer(SERVERS), logger=config.LIBRDKAFKA_LOG).flush(0)
    Consumer(config.confluent_consumer(SERVERS, "g"), logger=config.LIBRDKAFKA_LOG).close()


def test_what_a_producer_takes_fits_the_dead_letter_topic() -> None:
    assert config.MAX_MESSAGE_BYTES <= DEAD_LETTER_MAX_BYTES
    assert config.KAFKA_PYTHON_MESSAGE_BYTES < 1_048_588, "beyond it a refusal ends the producer"
