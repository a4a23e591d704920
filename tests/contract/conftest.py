"""Both client libraries, topics and groups of their own, on the real cluster."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType

import pytest
from confluent_kafka import Consumer as ConfluentConsumer
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import DeliveryFailed
from kafka_workshop.messaging import confluent, kafka_python
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.client import (
    Consumer,
    Delivery,
    Message,
    OnDelivery,
    Producer,
)
from kafka_workshop.messaging.config import LIBRDKAFKA_LOG, confluent_consumer
from kafka_workshop.messaging.tally import Tally, tally_of
from kafka_workshop.messaging.topics import TopicSpec
from tests.support.scenes import kafka_client, scene
from tests.support.waiting import wait_until

__all__ = ["kafka_client", "scene"]  # fixtures too
LIBRARIES = {"confluent-kafka": confluent, "kafka-python": kafka_python}
OPEN_S = 10.0


def random_name(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> ModuleType:
    """The module under test; each test that asks for it runs once with each."""
    return LIBRARIES[request.param]


@pytest.fixture
def topics(bootstrap_servers: tuple[str, ...]) -> Iterator[Callable[..., str]]:
    """Creates topics with so many partitions; they are deleted afterwards."""
    made: list[str] = []

    def make(partitions: int = 3, config: dict[str, str] | None = None) -> str:
        name = random_name("contract")
        create_topics(bootstrap_servers, [TopicSpec(name, partitions, 3, config or {})])
        made.append(name)
        return name

    yield make
    admin = AdminClient({"bootstrap.servers": ",".join(bootstrap_servers)}, logger=LIBRDKAFKA_LOG)
    for deleted in admin.delete_topics(made).values() if made else ():
        deleted.result()


@dataclass
class Clients:
    """Opens producers and consumers of one library and closes them after the test."""

    library: ModuleType
    servers: tuple[str, ...]
    _open: list[Producer | Consumer] = field(default_factory=list)

    def producer(self) -> Producer:
        producer: Producer = self.library.open_producer(self.servers, OPEN_S)
        self._open.append(producer)
        return producer

    def consumer(self, topic: str, group: str) -> Consumer:
        consumer: Consumer = self.library.open_consumer(self.servers, topic, group, OPEN_S)
        self._open.append(consumer)
        return consumer

    def close(self, *clients: Producer | Consumer) -> None:
        for client in clients or tuple(self._open):
            self._open.remove(client)
            client.close()


@pytest.fixture
def clients(library: ModuleType, bootstrap_servers: tuple[str, ...]) -> Iterator[Clients]:
    opened = Clients(library, bootstrap_servers)
    yield opened
    opened.close()


@dataclass
class Answers:
    """Collects what producers answer."""

    delivered: list[Delivery] = field(default_factory=list)
    failed: list[DeliveryFailed] = field(default_factory=list)

    def __call__(self, answer: Delivery | DeliveryFailed) -> None:
        if isinstance(answer, DeliveryFailed):
            self.failed.append(answer)
        else:
            self.delivered.append(answer)

    def at(self, index: int) -> OnDelivery:
        """Return a callback that keeps the delivery at its place in the order of sending."""

        def keep(answer: Delivery | DeliveryFailed) -> None:
            assert isinstance(answer, Delivery), answer
            self.delivered += [answer] * (index + 1 - len(self.delivered))
            self.delivered[index] = answer

        return keep


def send_all(producer: Producer, topic: str, records: list[tuple[bytes | None, bytes]]) -> Answers:
    """Send records, wait for every answer, and return the answers in the order of sending."""
    answers = Answers()
    for index, (key, value) in enumerate(records):
        producer.send(topic, key, value, on_delivery=answers.at(index))
    assert producer.flush(Deadline(20)) == 0
    assert len(answers.delivered) == len(records)
    return answers


def read(consumer: Consumer, count: int, seconds: float = 20.0) -> list[Message]:
    """Fetch until `count` messages came; marks none as processed."""
    deadline = Deadline(seconds)
    messages: list[Message] = []
    while len(messages) < count and not deadline.expired:
        messages += consumer.fetch(count - len(messages), 0.1)
    assert len(messages) == count, f"{len(messages)} of {count} within {seconds:.0f} s"
    return messages


def process(consumer: Consumer, messages: list[Message]) -> None:
    for message in messages:
        consumer.processed(message)


@contextmanager
def as_group(servers: tuple[str, ...], group: str) -> Iterator[ConfluentConsumer]:
    """A client that reads and writes a group's offsets without being a member."""
    client = ConfluentConsumer(confluent_consumer(servers, group), logger=LIBRDKAFKA_LOG)
    yield client
    client.close()


def committed_tallies(servers: tuple[str, ...], topic: str, group: str) -> dict[int, Tally]:
    """Return the tallies that a group committed, by partition."""
    with as_group(servers, group) as client:
        partitions = client.list_topics(topic, timeout=10).topics[topic].partitions
        found = client.committed([TopicPartition(topic, p) for p in partitions], timeout=10)
    tallies = {each.partition: tally_of(confluent.metadata_of(each)) for each in found}
    return {partition: tally for partition, tally in tallies.items() if tally is not None}


def commit_all(consumer: Consumer) -> None:
    """Commit what is processed; a commit that brokers answer too late is tried again."""
    wait_until(lambda: consumer.commit() == 0, 20, "everything processed is committed")
