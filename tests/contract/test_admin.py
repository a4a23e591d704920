"""Topics are made once, whoever asks, and the newest records are found wherever they stand."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._metadata import TopicMetadata
from confluent_kafka.cimpl import NewTopic

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import BrokersUnavailable, ServiceFailed, Unavailable
from kafka_workshop.messaging import confluent
from kafka_workshop.messaging.admin import await_everywhere, create_topics, end_offsets
from kafka_workshop.messaging.config import LIBRDKAFKA_LOG
from kafka_workshop.messaging.newest import newest_where
from kafka_workshop.messaging.topics import TopicSpec
from tests.contract.conftest import random_name, send_all
from tests.support.machine import free_ports
from tests.support.waiting import wait_until

pytestmark = pytest.mark.cluster
Topics = Callable[..., str]


def test_programs_that_race_to_create_all_succeed_and_one_did_it(
    bootstrap_servers: tuple[str, ...],
) -> None:
    specs = [TopicSpec(random_name("race"), 3, 3, {}) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        racing = [pool.submit(create_topics, bootstrap_servers, specs) for _ in range(4)]
        created = [name for each in racing for name in each.result()]
    admin = AdminClient({"bootstrap.servers": ",".join(bootstrap_servers)}, logger=LIBRDKAFKA_LOG)
    # Any broker may answer, also one that has not heard of them yet.
    topics = wait_until(lambda: all_known(admin, specs), 20, "a broker knows both topics")
    for deleted in admin.delete_topics([spec.name for spec in specs]).values():
        deleted.result()
    assert sorted(created) == sorted(spec.name for spec in specs)
    for spec in specs:
        partitions = topics[spec.name].partitions.values()
        assert len(partitions) == 3
        assert all(len(p.isrs) == 3 and p.leader in p.isrs for p in partitions)


def all_known(admin: AdminClient, specs: list[TopicSpec]) -> dict[str, TopicMetadata]:
    topics = admin.list_topics(timeout=10).topics
    return topics if all(spec.name in topics for spec in specs) else {}


def test_a_topic_that_exists_is_left_as_it_is(
    bootstrap_servers: tuple[str, ...], topics: Topics
) -> None:
    topic = topics(2)
    assert create_topics(bootstrap_servers, [TopicSpec(topic, 5, 3, {})]) == []
    assert end_offsets(bootstrap_servers, topic) == {0: 0, 1: 0}


def test_no_broker_is_left_that_has_not_heard_of_a_topic_that_was_just_made(
    bootstrap_servers: tuple[str, ...],
) -> None:
    maker = AdminClient({"bootstrap.servers": ",".join(bootstrap_servers)}, logger=LIBRDKAFKA_LOG)
    names = [random_name("everywhere") for _ in range(5)]
    for name in names:
        maker.create_topics([NewTopic(name, 6, 3)])[name].result(20)
        await_everywhere(bootstrap_servers, name)
        assert told_by(bootstrap_servers, name) == {True}
    for deleted in maker.delete_topics(names).values():
        deleted.result(20)


def told_by(servers: tuple[str, ...], topic: str) -> set[bool]:
    """Return what brokers say to the question whether they know a topic, each of them once."""
    said: dict[str, bool] = {}
    wait_until(lambda: (said.update([ask(servers, topic)]), len(said))[1] >= 3, 20, "all answered")
    return set(said.values())


def ask(servers: tuple[str, ...], topic: str) -> tuple[str, bool]:
    """Return which broker answered, and whether it knows the topic."""
    found = AdminClient(
        {"bootstrap.servers": ",".join(servers)}, logger=LIBRDKAFKA_LOG
    ).list_topics(timeout=10)
    return str(found.orig_broker_name).rpartition("/")[0], topic in found.topics


def test_a_topic_that_nobody_makes_is_waited_for_no_longer_than_asked(
    bootstrap_servers: tuple[str, ...],
) -> None:
    started = Deadline(60)
    await_everywhere(bootstrap_servers, random_name("nowhere"), timeout_s=0.5)
    assert 0.5 <= started.elapsed < 5


def test_more_replicas_than_brokers_is_something_to_wait_for(
    bootstrap_servers: tuple[str, ...],
) -> None:
    name = random_name("replicas")
    with pytest.raises(Unavailable, match=name):
        create_topics(bootstrap_servers, [TopicSpec(name, 1, 9, {})])


def test_a_setting_that_kafka_does_not_know_is_refused_by_name(
    bootstrap_servers: tuple[str, ...],
) -> None:
    name = random_name("refused")
    with pytest.raises(ServiceFailed, match=name):
        create_topics(bootstrap_servers, [TopicSpec(name, 1, 3, {"retention.ms": "soon"})])


def test_without_brokers_the_error_names_the_servers() -> None:
    (port,) = free_ports(1)
    with pytest.raises(BrokersUnavailable, match=f"127.0.0.1:{port}"):
        create_topics((f"127.0.0.1:{port}",), [])


def test_the_newest_wanted_record_is_found_behind_any_number_of_others(
    bootstrap_servers: tuple[str, ...], topics: Topics
) -> None:
    topic = topics(1)
    producer = confluent.open_producer(bootstrap_servers, 10.0)
    old = [(b"k", b"wanted-%d" % n) for n in range(5)]
    send_all(producer, topic, [*old, *((b"k", secrets.token_bytes(8)) for _ in range(3_000))])
    producer.close()
    wanted = newest_where(bootstrap_servers, topic, lambda m: (m.value or b"").startswith(b"want"))
    assert [(m.offset, m.value) for m in wanted] == [(4, b"wanted-4")]
    assert newest_where(bootstrap_servers, topic, lambda m: m.value == b"never") == []
    newest = newest_where(bootstrap_servers, topic, lambda _: True)
    assert [m.offset for m in newest] == [3_004]


def test_a_topic_that_is_empty_or_missing_has_no_newest_records(
    bootstrap_servers: tuple[str, ...], topics: Topics
) -> None:
    assert newest_where(bootstrap_servers, topics(3), lambda _: True) == []
    assert newest_where(bootstrap_servers, random_name("missing"), lambda _: True) == []
    assert end_offsets(bootstrap_servers, random_name("missing")) == {}
