"""A stage's clients by confluent-kafka: librdkafka's own, as they are."""

from confluent_kafka import Consumer, KafkaException, Producer

from kafka_workshop.messaging import config
from kafka_workshop.messaging.admin import PROBE_S
from kafka_workshop.messaging.client import no_broker
from kafka_workshop.messaging.stage_clients.contract import Reader, Writer


def open_reader(servers: tuple[str, ...], group: str, instance: str) -> Reader:
    """Return a reader that has reached a broker and will join a group, as `instance` if any.

    Raises:
        BrokersUnavailable: none answered in time.
    """
    settings = config.stage_consumer(servers, group, instance)
    consumer = Consumer(settings, logger=config.LIBRDKAFKA_LOG)
    try:
        consumer.list_topics(timeout=PROBE_S)
    except KafkaException:
        consumer.close()
        raise no_broker(servers) from None
    return consumer


def open_writer(servers: tuple[str, ...], transactional_id: str) -> Writer:
    """Return a writer, of transactions if it has an id."""
    settings = (
        config.confluent_transactional(servers, transactional_id)
        if transactional_id
        else config.confluent_producer(servers)
    )
    return Producer(settings, logger=config.LIBRDKAFKA_LOG)
