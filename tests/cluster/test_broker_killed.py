"""A broker killed under load: what was acknowledged is there, once, in order."""

import os
import signal
import threading
from collections import Counter
from functools import partial
from uuid import uuid4

import pytest

from kafka_workshop.clock import Deadline
from kafka_workshop.cluster.supervised import READY
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.client import Delivery, Message
from kafka_workshop.messaging.factory import open_consumer, open_producer
from kafka_workshop.messaging.topics import bounded
from kafka_workshop.settings import KafkaSettings
from tests.support.cluster import RealCluster
from tests.support.waiting import wait_until

pytestmark = pytest.mark.cluster

BEFORE, TOTAL = 3_000, 30_000


def test_nothing_acknowledged_is_lost_when_a_broker_is_killed_under_load(
    cluster: RealCluster,
) -> None:
    topic = f"killed-{uuid4().hex[:8]}"
    servers = cluster.settings.bootstrap_servers
    create_topics(servers, [bounded(topic, 6, 500_000_000, 3_600_000)], 30)
    settings = KafkaSettings(topic, servers, "confluent-kafka")
    load = Load(settings)
    load.start()
    wait_until(lambda: len(load.acknowledged) >= BEFORE, 60, "the load is under way")
    victim = cluster.statuses()["broker-2"]
    assert victim.pid
    os.kill(victim.pid, signal.SIGKILL)
    load.finish()
    assert load.refused == []
    assert len(load.acknowledged) == TOTAL

    read = read_all(settings, TOTAL)
    times = Counter(message.value for message in read)
    assert set(load.acknowledged) <= set(times)
    assert max(times.values()) == 1
    where = {message.value: (message.partition, message.offset) for message in read}
    assert all(where[value] == place for value, place in load.acknowledged.items())

    wait_until(
        lambda: cluster.statuses()["broker-2"].state == READY, 60, "the supervisor brought it back"
    )
    assert cluster.statuses()["broker-2"].restarts == victim.restarts + 1


class Load:
    """Sends numbered messages from a thread and notes where each was acknowledged."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._thread = threading.Thread(target=self._send_all)
        self.acknowledged: dict[bytes | None, tuple[int, int]] = {}
        self.refused: list[Exception] = []

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        self._thread.join(120)
        assert not self._thread.is_alive(), "the load has not ended after 120 s"

    def _send_all(self) -> None:
        producer = open_producer(self._settings)
        for number in range(TOTAL):
            value = b"%08d" % number
            producer.send(
                self._settings.topic,
                b"%d" % (number % 97),
                value,
                on_delivery=partial(self._note, value),
            )
        producer.flush(Deadline(90))
        producer.close()

    def _note(self, value: bytes, outcome: Delivery | Exception) -> None:
        if isinstance(outcome, Exception):
            self.refused.append(outcome)
        else:
            self.acknowledged[value] = (outcome.partition, outcome.offset)


def read_all(settings: KafkaSettings, count: int) -> list[Message]:
    consumer = open_consumer(settings, f"reader-{uuid4().hex[:8]}")
    read: list[Message] = []
    deadline = Deadline(60)
    try:
        while len(read) < count and not deadline.expired:
            read += consumer.fetch(1_000, 0.5)
        # Whatever stands behind the last would be a duplicate.
        read += consumer.fetch(1_000, 2.0)
    finally:
        consumer.close()
    return read
