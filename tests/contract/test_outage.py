"""Both libraries while every broker is away: nothing blocks for long, nothing is lost silently.

For confluent-kafka the brokers are librdkafka's own in-process ones, which a test can end at any
moment. kafka-python can't speak to those: it talks to the real cluster through a proxy that the
test pulls. What happens when brokers come back is proved on the real cluster, in `tests/cluster`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType

import confluent_kafka
import pytest

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import DeliveryFailed
from kafka_workshop.messaging import config
from kafka_workshop.messaging.client import Consumer, GiveUp, Producer, never
from tests.contract.conftest import (
    LIBRARIES,
    Answers,
    commit_all,
    process,
    random_name,
    read,
    send_all,
)
from tests.support.cable import Cable

pytestmark = pytest.mark.cluster


@dataclass
class Brokers:
    """Brokers that can go away: how to open clients, and how to end them."""

    library: ModuleType
    servers: tuple[str, ...]
    topic: str
    end: Callable[[], None]

    def producer(self, give_up: GiveUp = never) -> Producer:
        producer: Producer = self.library.open_producer(self.servers, 10.0, give_up)
        return producer

    def consumer(self) -> Consumer:
        group = random_name("group")
        consumer: Consumer = self.library.open_consumer(self.servers, self.topic, group, 10.0)
        return consumer


@pytest.fixture(params=LIBRARIES)
def brokers(request: pytest.FixtureRequest) -> Brokers:
    name = "_in_process" if request.param == "confluent-kafka" else "_behind_a_cable"
    opened: Brokers = request.getfixturevalue(name)
    return opened


@pytest.fixture
def _in_process() -> Iterator[Brokers]:
    host = [confluent_kafka.Producer({"test.mock.num.brokers": 3, "log_level": 0})]
    found = host[0].list_topics(timeout=10).brokers.values()
    servers = tuple(f"{broker.host}:{broker.port}" for broker in found)
    yield Brokers(LIBRARIES["confluent-kafka"], servers, random_name("outage"), host.clear)
    host.clear()


@pytest.fixture
def _behind_a_cable(
    bootstrap_servers: tuple[str, ...],
    topics: Callable[[int], str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Brokers]:
    with Cable() as cable:
        common = config.kafka_python_common

        def through_the_cable(*arguments: object) -> dict[str, object]:
            return common(*arguments) | {"proxy_url": cable.url}  # type: ignore[arg-type]

        monkeypatch.setattr(config, "kafka_python_common", through_the_cable)
        yield Brokers(LIBRARIES["kafka-python"], bootstrap_servers, topics(4), cable.pull)


def test_flush_and_close_are_bounded_and_nothing_counts_as_delivered(brokers: Brokers) -> None:
    producer = brokers.producer()
    send_all(producer, brokers.topic, [(b"k", b"before")])
    brokers.end()
    answers = Answers()
    for n in range(100):
        producer.send(brokers.topic, b"k", b"%d" % n, (), answers)
    started = Deadline(60)
    assert producer.flush(Deadline(1.0)) == 100
    producer.close()
    assert started.elapsed < 6
    assert answers.delivered == []


def test_a_full_queue_makes_send_wait_until_it_is_told_to_give_up(brokers: Brokers) -> None:
    asked: list[int] = []

    def after_a_while() -> bool:
        asked.append(1)
        return len(asked) > 3

    producer = brokers.producer(after_a_while)
    send_all(producer, brokers.topic, [(b"k", b"before")])
    brokers.end()
    answers, sent, value = Answers(), 0, bytes(100_000)
    while not answers.failed and sent < 1_000:
        producer.send(brokers.topic, b"k", value, (), answers)
        sent += 1
    assert isinstance(answers.failed[0], DeliveryFailed)
    assert len(asked) == 4
    assert config.QUEUE_BYTES * 0.9 < sent * len(value) < config.QUEUE_BYTES * 1.1
    producer.close()


def test_reading_committing_and_leaving_are_bounded(brokers: Brokers) -> None:
    producer = brokers.producer()
    send_all(producer, brokers.topic, [(b"k", b"%d" % n) for n in range(10)])
    producer.close()
    consumer = brokers.consumer()
    messages = read(consumer, 10)
    process(consumer, messages[:5])
    commit_all(consumer)
    process(consumer, messages[5:])
    brokers.end()
    started = Deadline(60)
    assert consumer.commit() == 1, "nobody stored it"
    assert consumer.fetch(10, 0.1) == []
    assert consumer.commit() == 1, "and it isn't forgotten"
    consumer.close()
    assert started.elapsed < 9


def test_nothing_is_committed_while_the_count_so_far_cannot_be_read(brokers: Brokers) -> None:
    producer = brokers.producer()
    send_all(producer, brokers.topic, [(b"k", b"%d" % n) for n in range(10)])
    producer.close()
    consumer = brokers.consumer()
    process(consumer, read(consumer, 10))
    brokers.end()
    started = Deadline(60)
    assert consumer.commit() == 1
    assert started.elapsed < 2.5
    consumer.close()
