"""The gateway, bounded reads, the tail and the actions, on the real cluster."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress

import pytest
from confluent_kafka import Consumer, Producer

from kafka_workshop import clock, logs
from kafka_workshop.clock import now_ms
from kafka_workshop.console.actions import MB, Actions, NotAllowed, Outgoing, Refused, TopicWish
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.model import KRAFT, ZOOKEEPER, Snapshot, Topic
from kafka_workshop.console.reading import Limits, Query, Reader
from kafka_workshop.messaging.admin import end_offsets
from kafka_workshop.messaging.dlq.transactions import Aborted, open_transactional
from kafka_workshop.settings import LogSettings
from tests.support.waiting import wait_until

pytestmark = pytest.mark.cluster
# An hour ago: what is older than the topic's retention may be gone at any moment.
BEGAN_MS = now_ms() - 3_600_000
LOGGER = logs.configure(LogSettings("ERROR", "json", 1), "test")


@pytest.fixture(scope="module")
def gateway(bootstrap_servers: tuple[str, ...]) -> ClusterGateway:
    return ClusterGateway(bootstrap_servers)


@pytest.fixture(scope="module")
def actions(gateway: ClusterGateway) -> Actions:
    return Actions(gateway, LOGGER)


@pytest.fixture
def topic(gateway: ClusterGateway, actions: Actions) -> Iterator[str]:
    """A topic with three partitions and 300 messages, 100 in each, a second apart."""
    name = f"console-{uuid.uuid4().hex[:8]}"
    actions.create_topic(TopicWish(name, 3, 3, 2, 100 * MB, 7))
    producer = Producer({"bootstrap.servers": ",".join(gateway.servers), "acks": "all"})
    for number in range(300):
        producer.produce(
            name, key=b"k", value=f"v{number}".encode(), partition=number % 3,
            timestamp=BEGAN_MS + number * 1000, headers={"n": str(number)},
        )  # fmt: skip
    assert producer.flush(20) == 0
    yield name
    actions.delete_topic(name, name)


def observe(gateway: ClusterGateway) -> Snapshot:
    """Everything that is seen of the cluster now."""
    *_, whole = gateway.observe(None)
    return whole


def observed(gateway: ClusterGateway, name: str) -> Topic | None:
    return observe(gateway).topic_by_name.get(name)


def test_three_brokers_one_controller_and_the_topics_partitions_are_seen(
    gateway: ClusterGateway, topic: str
) -> None:
    wait_until(lambda: observed(gateway, topic), 10, "the topic is seen")
    snapshot = observe(gateway)
    assert len(snapshot.brokers) == 3
    assert sum(b.controller for b in snapshot.brokers) == 1
    assert snapshot.coordination in {ZOOKEEPER, KRAFT}
    seen = snapshot.topic_by_name[topic]
    assert [p.count for p in seen.partitions] == [100, 100, 100]
    assert (seen.replication_factor, seen.under_replicated, seen.compacted) == (3, 0, False)
    assert seen.config["min.insync.replicas"] == "2"
    assert all(p.leader in p.isr for p in seen.partitions)


def test_the_newest_are_the_newest_of_all_partitions(gateway: ClusterGateway, topic: str) -> None:
    report = Reader(gateway.servers).read(Query(topic, count=10))
    assert [r.value for r in report.records] == [f"v{n}".encode() for n in range(290, 300)]
    assert (report.available, report.stopped) == (300, "end")
    assert report.records[-1].headers == (("n", b"299"),)


def test_the_newest_are_found_behind_the_gaps_that_transactions_leave(
    gateway: ClusterGateway, topic: str
) -> None:
    producer = open_transactional(gateway.servers, f"gaps-{topic}")
    for _ in range(20):
        producer.begin()
        with suppress(Aborted):  # which it is to be in any case
            producer.send(topic, 0, b"k", b"aborted", (), 0)
            producer.flush()
        producer.abort()
    producer.close()
    assert end_offsets(gateway.servers, topic)[0] > 120
    report = Reader(gateway.servers).read(Query(topic, partition=0, count=3))
    assert [r.value for r in report.records] == [b"v291", b"v294", b"v297"]
    assert report.stopped == "end"
    of_all = Reader(gateway.servers).read(Query(topic, count=10))
    assert [r.value for r in of_all.records] == [f"v{n}".encode() for n in range(290, 300)]
    onwards = Reader(gateway.servers).read(Query(topic, "offset", 0, start=98, count=50))
    assert [r.value for r in onwards.records] == [b"v294", b"v297"]
    assert onwards.stopped == "end"


def test_from_an_offset_of_one_partition_and_from_a_time(
    gateway: ClusterGateway, topic: str
) -> None:
    reader = Reader(gateway.servers)
    report = reader.read(Query(topic, "offset", partition=1, start=90, count=5))
    assert [r.offset for r in report.records] == [90, 91, 92, 93, 94]
    assert report.available == 10
    at_ms = BEGAN_MS + 250_000
    report = reader.read(Query(topic, "time", start=at_ms, count=20))
    assert [r.value for r in report.records] == [f"v{n}".encode() for n in range(250, 270)]
    assert reader.read(Query(topic, "time", start=clock.now_ms())).records == ()


def test_a_read_stops_at_its_limits_and_says_which(gateway: ClusterGateway, topic: str) -> None:
    def stopped(limits: Limits) -> str:
        return Reader(gateway.servers, limits).read(Query(topic, count=500)).stopped

    assert stopped(Limits(messages=20)) == "messages"
    assert stopped(Limits(bytes=50)) == "bytes"
    cancel = threading.Event()
    cancel.set()
    report = Reader(gateway.servers).read(Query(topic, count=500), cancel)
    assert (report.stopped, report.records) == ("cancelled", ())


def test_a_missing_topic_or_partition_is_one_sentence(gateway: ClusterGateway, topic: str) -> None:
    reader = Reader(gateway.servers)
    with pytest.raises(Refused, match="does not exist"):
        reader.read(Query(f"absent-{uuid.uuid4().hex}"))
    with pytest.raises(Refused, match="no such partition"):
        reader.read(Query(topic, partition=99))


def test_the_tail_shows_what_arrives_and_nothing_before(
    gateway: ClusterGateway, actions: Actions, topic: str
) -> None:
    tail = Reader(gateway.servers).tail(topic)
    tail.start()
    try:
        placed = actions.produce(Outgoing(topic, b"key", b"fresh", (("h", b"1"),), partition=2))
        assert (placed.partition, placed.offset) == (2, 100)
        records = wait_until(lambda: tail.poll().records, 15, "the message arrives")
        assert [(r.offset, r.value, r.headers) for r in records] == [
            (100, b"fresh", (("h", b"1"),))
        ]
    finally:
        tail.close()
    assert tail.poll().records == ()


def test_a_group_without_a_committed_offset_is_not_at_lag_zero(
    gateway: ClusterGateway, topic: str
) -> None:
    name = f"console-{uuid.uuid4().hex[:8]}"
    consumer = Consumer(
        {
            "bootstrap.servers": ",".join(gateway.servers),
            "group.id": name,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([topic])
    try:
        message = wait_until(lambda: consumer.poll(1.0), 30, "the group reads")
        assert message is not None
        assert message.error() is None
        consumer.commit(message=message, asynchronous=False)
        group = observe(gateway).group_by_id[name]
        assert (group.state, len(group.members), group.uncommitted) == ("Stable", 1, 2)
        assert group.lag == 99
        assert {p.member for p in group.partitions} == {group.members[0].id}
    finally:
        consumer.close()


def test_kafkas_refusals_are_sentences(actions: Actions, topic: str) -> None:
    with pytest.raises(Refused, match="exists already"):
        actions.create_topic(TopicWish(topic, 3, 3, 2, 100 * MB, 7))
    with pytest.raises(Refused, match="fewer brokers"):
        actions.create_topic(TopicWish(f"{topic}-wide", 3, 9, 2, 100 * MB, 7))
    with pytest.raises(NotAllowed, match="Type"):
        actions.delete_topic(topic, "something else")
    with pytest.raises(NotAllowed, match="internal"):
        actions.delete_topic("__consumer_offsets", "__consumer_offsets")
    with pytest.raises(NotAllowed, match="at most"):
        actions.produce(Outgoing(topic, None, b"x" * 1_000_001))
    with pytest.raises(Refused, match="no such partition"):
        actions.produce(Outgoing(topic, None, b"x", partition=99))
