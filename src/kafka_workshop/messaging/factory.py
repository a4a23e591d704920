"""Opens the client library that the settings name, on topics that exist."""

from types import ModuleType

from kafka_workshop.messaging import confluent, kafka_python
from kafka_workshop.messaging.admin import PROBE_S, create_topics
from kafka_workshop.messaging.client import Consumer, GiveUp, Producer, never
from kafka_workshop.messaging.stage_clients import kafka_python as stage_kafka_python
from kafka_workshop.messaging.stage_clients import librdkafka
from kafka_workshop.messaging.stage_clients.contract import Reader, Writer
from kafka_workshop.messaging.topics import workshop_topics
from kafka_workshop.settings import KafkaSettings

_OPENERS: dict[str, ModuleType] = {"confluent-kafka": confluent, "kafka-python": kafka_python}
_STAGE_OPENERS: dict[str, ModuleType] = {
    "confluent-kafka": librdkafka,
    "kafka-python": stage_kafka_python,
}


def open_producer(settings: KafkaSettings, give_up: GiveUp = never) -> Producer:
    """Return a producer that has reached a broker; its topics exist.

    `give_up` is asked while `send` waits for room in the local queue.

    Raises:
        Unavailable: not now (`BrokersUnavailable`: no broker answered); try again later.
    """
    ensure_topics(settings)
    producer: Producer = _OPENERS[settings.client].open_producer(
        settings.bootstrap_servers, PROBE_S, give_up
    )
    return producer


def open_consumer(settings: KafkaSettings, group: str) -> Consumer:
    """Return a consumer of `settings.topic` that has reached a broker and joins `group`.

    Raises:
        Unavailable: not now (`BrokersUnavailable`: no broker answered); try again later.
    """
    ensure_topics(settings)
    consumer: Consumer = _OPENERS[settings.client].open_consumer(
        settings.bootstrap_servers, settings.topic, group, PROBE_S
    )
    return consumer


def open_stage_reader(settings: KafkaSettings, group: str, instance: str) -> Reader:
    """Return a stage's reader that has reached a broker; it joins `group` as `instance`, if any.

    Raises:
        BrokersUnavailable: no broker answered.
    """
    reader: Reader = _STAGE_OPENERS[settings.client].open_reader(
        settings.bootstrap_servers, group, instance
    )
    return reader


def open_stage_writer(settings: KafkaSettings, transactional_id: str) -> Writer:
    """Return a stage's writer, of transactions if it has an id.

    Raises:
        BrokersUnavailable: no broker answered.
    """
    writer: Writer = _STAGE_OPENERS[settings.client].open_writer(
        settings.bootstrap_servers, transactional_id
    )
    return writer


def ensure_topics(settings: KafkaSettings) -> list[str]:
    """Create the topic and its dead-letter topic where they don't exist; return which.

    Raises:
        Unavailable: not now; try again later.
    """
    topics = workshop_topics(settings.storage, settings.topic)
    return create_topics(settings.bootstrap_servers, topics)
