"""Settings, partitions, a purge and a reset on the real cluster, as pages ask for them."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from kafka_workshop import logs
from kafka_workshop.console.actions import MB, Actions, NotAllowed, Refused, TopicWish
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.managing.bounds import Bounds
from kafka_workshop.console.managing.inspector import Inspector
from kafka_workshop.console.managing.purging import plan
from kafka_workshop.console.managing.resetting import Target
from kafka_workshop.console.managing.rules import Change
from kafka_workshop.console.managing.settings import Setting
from kafka_workshop.settings import LogSettings
from tests.support.waiting import wait_until

pytestmark = pytest.mark.cluster
LOGGER = logs.configure(LogSettings("ERROR", "json", 1), "test")
# How long the cleaner of logs sleeps when there is nothing to clean: nobody notices.
HARMLESS = "log.cleaner.backoff.ms"


@pytest.fixture(scope="module")
def gateway(bootstrap_servers: tuple[str, ...]) -> ClusterGateway:
    return ClusterGateway(bootstrap_servers)


@pytest.fixture(scope="module")
def actions(gateway: ClusterGateway) -> Actions:
    return Actions(gateway, LOGGER)


@pytest.fixture(scope="module")
def inspector(gateway: ClusterGateway) -> Inspector:
    return Inspector(gateway)


@pytest.fixture
def topic(gateway: ClusterGateway, actions: Actions) -> Iterator[str]:
    """A topic with three partitions and 100 messages in each."""
    name = f"managing-{uuid.uuid4().hex[:8]}"
    actions.create_topic(TopicWish(name, 3, 3, 2, 100 * MB, 7))
    producer = Producer({"bootstrap.servers": ",".join(gateway.servers), "acks": "all"})
    for number in range(300):
        producer.produce(name, value=b"v", partition=number % 3)
    assert producer.flush(20) == 0
    yield name
    actions.delete_topic(name, name)


def setting(settings: tuple[Setting, ...], name: str) -> Setting:
    (found,) = (each for each in settings if each.name == name)
    return found


def bounds_if_led(inspector: Inspector, topic: str) -> Bounds:
    try:
        return inspector.bounds(topic)
    except Refused:
        return {}


def test_a_topic_is_set_grown_and_purged_and_says_what_it_would_be_otherwise(
    actions: Actions, inspector: Inspector, topic: str
) -> None:
    def now(name: str) -> Setting:
        return setting(inspector.topic_settings(topic, 1), name)

    week = now("retention.ms")
    assert (week.source, week.value, week.type) == ("topic", str(7 * 24 * 3_600_000), "LONG")
    assert week.otherwise_from in {"file", "default"}
    assert (week.otherwise or "").lstrip("-").isdigit()
    before = now("compression.type")
    actions.alter_setting(Change("topic", topic, "compression.type", "zstd", 3))
    wait_until(lambda: now("compression.type").own, 10, "it is set")
    changed = now("compression.type")
    assert (changed.value, changed.otherwise) == ("zstd", before.value)
    actions.alter_setting(Change("topic", topic, "compression.type", None))
    wait_until(lambda: now("compression.type") == before, 10, "it is as before")
    with pytest.raises(NotAllowed, match=r"from 1 to 3"):
        actions.alter_setting(Change("topic", topic, "min.insync.replicas", "4", 3))
    throttled = "follower.replication.throttled.replicas"
    with pytest.raises(Refused, match="Kafka refused"):
        actions.alter_setting(Change("topic", topic, throttled, "no partition", 3))

    actions.add_partitions(topic, 5)
    wait_until(
        lambda: len(bounds_if_led(inspector, topic)) == 5, 15, "five partitions have leaders"
    )
    known = inspector.bounds(topic)
    assert known == {0: (0, 100), 1: (0, 100), 2: (0, 100), 3: (0, 0), 4: (0, 0)}
    with pytest.raises(NotAllowed, match="6 to 100"):
        actions.add_partitions(topic, 5)

    actions.purge(plan(topic, known, {0: 40, 1: 100}), topic)
    assert inspector.bounds(topic) | {3: (0, 0)} == known | {0: (40, 100), 1: (100, 100)}
    actions.alter_setting(Change("topic", topic, "cleanup.policy", "compact", 3))
    wait_until(lambda: now("cleanup.policy").value == "compact", 10, "it is only compacted")
    with pytest.raises(NotAllowed, match="only compacted"):
        actions.purge(plan(topic, known, {2: 10}), topic)


def test_a_brokers_settings_are_read_and_a_dynamic_one_is_set_and_taken_away(
    actions: Actions, inspector: Inspector
) -> None:
    def now() -> Setting:
        return setting(inspector.broker_settings(2), HARMLESS)

    settings = inspector.broker_settings(2)
    identity = setting(settings, "log.dirs")
    assert (identity.read_only, identity.source) == (True, "file")
    assert all(s.value is None for s in settings if s.sensitive)
    actions.alter_setting(Change("broker", "2", HARMLESS, "16000"))
    wait_until(lambda: now().own, 10, "it is set")
    actions.alter_setting(Change("broker", "2", HARMLESS, None))
    wait_until(lambda: not now().own, 10, "it is taken away")
    with pytest.raises(NotAllowed, match="not changed here"):
        actions.alter_setting(Change("broker", "2", "log.dirs", "/elsewhere"))


@contextmanager
def consumer(servers: tuple[str, ...], group: str) -> Iterator[Consumer]:
    joined = Consumer({"bootstrap.servers": ",".join(servers), "group.id": group})
    try:
        yield joined
    finally:
        joined.close()


def test_a_groups_offsets_are_reset_as_previewed_and_only_while_it_is_empty(
    actions: Actions, inspector: Inspector, gateway: ClusterGateway, topic: str
) -> None:
    group = f"managing-{uuid.uuid4().hex[:8]}"
    with pytest.raises(Refused, match="no such group"):
        inspector.reset(group, topic, Target("earliest"), None)
    with consumer(gateway.servers, group) as outside:
        offsets = [TopicPartition(topic, p, 60) for p in (0, 1)]
        outside.commit(offsets=offsets, asynchronous=False)
    planned = inspector.reset(group, topic, Target("shift", -20), None)
    moves = [(m.partition, m.before, m.after) for m in planned.moves]
    assert moves == [(0, 60, 40), (1, 60, 40)]

    with consumer(gateway.servers, group) as member:
        member.subscribe([topic])
        assigned = wait_until(lambda: member.poll(0.1) or member.assignment(), 30, "it has joined")
        assert assigned
        with pytest.raises(Refused, match="has members"):
            actions.reset_offsets(planned)
        with pytest.raises(Refused, match="has members"):
            actions.delete_group(group, group)
        member.unsubscribe()
    actions.reset_offsets(inspector.reset(group, topic, Target("offset", 7), 2))
    with pytest.raises(NotAllowed, match="Type"):
        actions.delete_group(group, "another")
    again = inspector.reset(group, topic, Target("earliest"), None)
    assert {m.partition: m.before for m in again.moves}[2] == 7
    actions.reset_offsets(again)
    with pytest.raises(NotAllowed, match="Nothing would change"):
        inspector.reset(group, topic, Target("earliest"), None)
    by_time = inspector.reset(group, topic, Target("time", 2**41), None)
    assert [m.after for m in by_time.moves] == [100, 100, 100]
    actions.delete_group(group, group)
    with pytest.raises(Refused, match="no such group"):
        actions.delete_group(group, group)
