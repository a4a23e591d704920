"""A fetch that was still under way when the consumer was closed ends without a word."""

from confluent_kafka import Consumer

from kafka_workshop.messaging.config import LIBRDKAFKA_LOG, confluent_consumer
from kafka_workshop.messaging.confluent import ConfluentConsumer
from tests.support.machine import free_ports


def test_a_fetch_after_the_close_finds_nothing() -> None:
    (port,) = free_ports(1)
    settings = confluent_consumer((f"127.0.0.1:{port}",), "closed")
    consumer = ConfluentConsumer(Consumer(settings, logger=LIBRDKAFKA_LOG), "nothing")
    consumer.close()
    assert consumer.fetch(1, 0.1) == []
