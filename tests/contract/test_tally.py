"""The consumer's book: the count that both libraries commit with each offset."""

from collections.abc import Callable

import pytest
from confluent_kafka import TopicPartition

from kafka_workshop.messaging.tally import Tally
from tests.contract.conftest import (
    Clients,
    as_group,
    commit_all,
    committed_tallies,
    process,
    random_name,
    read,
    send_all,
)

pytestmark = pytest.mark.cluster
Topics = Callable[[int], str]
RECORDS: list[tuple[bytes | None, bytes]] = [(b"k", b"%d" % n) for n in range(100)]


@pytest.fixture
def topic(clients: Clients, topics: Topics) -> str:
    """A topic of one partition with a hundred messages."""
    name = topics(1)
    send_all(clients.producer(), name, RECORDS)
    return name


def test_the_count_is_stored_with_the_offset_and_goes_on_after_a_restart(
    clients: Clients, topic: str, bootstrap_servers: tuple[str, ...]
) -> None:
    group = random_name("group")
    first = clients.consumer(topic, group)
    messages = read(first, 50)
    process(first, messages[:30])
    first.processed(messages[30], dead=True)
    commit_all(first)
    process(first, messages[31:])  # never committed: as if it had been killed here
    clients.close(first)
    assert committed_tallies(bootstrap_servers, topic, group) == {0: Tally(0, 30, 1)}
    second = clients.consumer(topic, group)
    rest = read(second, 69)
    assert rest[0].offset == 31
    process(second, rest)
    commit_all(second)
    assert committed_tallies(bootstrap_servers, topic, group) == {0: Tally(0, 99, 1)}


@pytest.mark.parametrize("metadata", ["", "somebody else's", '{"since":-1,"processed":1,"dead":0}'])
def test_a_group_that_committed_by_other_means_begins_to_count_there(
    clients: Clients, topic: str, bootstrap_servers: tuple[str, ...], metadata: str
) -> None:
    group = random_name("group")
    with as_group(bootstrap_servers, group) as client:
        client.commit(offsets=[TopicPartition(topic, 0, 60, metadata)], asynchronous=False)
    consumer = clients.consumer(topic, group)
    process(consumer, read(consumer, 40))
    commit_all(consumer)
    assert committed_tallies(bootstrap_servers, topic, group) == {0: Tally(60, 40)}


def test_a_message_that_is_processed_twice_counts_twice(
    clients: Clients, topic: str, bootstrap_servers: tuple[str, ...]
) -> None:
    group = random_name("group")
    consumer = clients.consumer(topic, group)
    messages = read(consumer, 10)
    process(consumer, [*messages[:4], messages[2], *messages[4:]])
    commit_all(consumer)
    assert committed_tallies(bootstrap_servers, topic, group) == {0: Tally(0, 11)}
