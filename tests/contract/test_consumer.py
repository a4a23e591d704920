"""What both libraries promise when they read: the offset contract of `messaging.client`."""

from collections import Counter
from collections.abc import Callable

import pytest
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor

from kafka_workshop.clock import Deadline
from kafka_workshop.messaging import kafka_python
from kafka_workshop.messaging.client import Consumer, Message
from tests.contract.conftest import (
    Clients,
    commit_all,
    committed_tallies,
    process,
    random_name,
    read,
    send_all,
)
from tests.support.waiting import wait_until

pytestmark = pytest.mark.cluster
Topics = Callable[[int], str]


def numbered(count: int) -> list[tuple[bytes | None, bytes]]:
    return [(b"key-%d" % (n % 50), b"%d" % n) for n in range(count)]


def values(messages: list[Message]) -> list[int]:
    return sorted(int(m.value or b"-1") for m in messages)


def read_to_the_end(consumer: Consumer, quiet_s: float = 1.5) -> list[Message]:
    """Fetch until nothing has come for a while after the group gave us our partitions."""
    messages: list[Message] = []
    quiet, patience = Deadline(quiet_s), Deadline(30)
    while not (consumer.joined and quiet.expired) and not patience.expired:
        batch = consumer.fetch(500, 0.1)
        messages += batch
        if batch or not consumer.joined:
            quiet = Deadline(quiet_s)
    assert consumer.joined
    return messages


def test_offsets_come_in_order_without_gap_or_repetition(clients: Clients, topics: Topics) -> None:
    topic = topics(3)
    send_all(clients.producer(), topic, numbered(3_000))
    messages = read(clients.consumer(topic, random_name("group")), 3_000)
    for partition in range(3):
        offsets = [m.offset for m in messages if m.partition == partition]
        assert offsets == list(range(len(offsets)))


def test_a_group_resumes_exactly_after_what_was_committed(clients: Clients, topics: Topics) -> None:
    topic, group = topics(3), random_name("group")
    send_all(clients.producer(), topic, numbered(1_000))
    first = clients.consumer(topic, group)
    read_first = read(first, 400)
    process(first, read_first)
    commit_all(first)
    clients.close(first)
    rest = read_to_the_end(clients.consumer(topic, group))
    assert values(read_first + rest) == list(range(1_000))


def test_only_processed_messages_are_committed(clients: Clients, topics: Topics) -> None:
    topic, group = topics(1), random_name("group")
    send_all(clients.producer(), topic, numbered(100))
    first = clients.consumer(topic, group)
    messages = read(first, 100)
    process(first, messages[:30])
    commit_all(first)
    clients.close(first)
    second = clients.consumer(topic, group)
    assert [m.offset for m in read_to_the_end(second)] == list(range(30, 100))


def test_closing_without_commit_reads_everything_again(clients: Clients, topics: Topics) -> None:
    topic, group = topics(1), random_name("group")
    send_all(clients.producer(), topic, numbered(100))
    first = clients.consumer(topic, group)
    process(first, read(first, 100))
    clients.close(first)
    assert values(read_to_the_end(clients.consumer(topic, group))) == list(range(100))


def test_fetch_commits_what_the_caller_processed_and_forgot(
    clients: Clients, topics: Topics
) -> None:
    topic, group = topics(1), random_name("group")
    send_all(clients.producer(), topic, numbered(100))
    first = clients.consumer(topic, group)
    process(first, read(first, 60))
    first.fetch(1, 0.1)
    clients.close(first)
    second = clients.consumer(topic, group)
    assert [m.offset for m in read_to_the_end(second)] == list(range(60, 100))


def test_fetch_returns_soon_when_there_is_nothing(clients: Clients, topics: Topics) -> None:
    consumer = clients.consumer(topics(1), random_name("group"))
    assert read_to_the_end(consumer, quiet_s=0.5) == []
    started = Deadline(60)
    assert consumer.fetch(500, 0.2) == []
    assert started.elapsed < 1.5


def test_fetch_returns_no_more_than_asked_for(clients: Clients, topics: Topics) -> None:
    topic = topics(3)
    send_all(clients.producer(), topic, numbered(300))
    consumer = clients.consumer(topic, random_name("group"))
    sizes = [len(consumer.fetch(7, 0.1)) for _ in range(60)]
    assert max(sizes) == 7


def test_leaving_gives_the_partitions_to_others_at_once(clients: Clients, topics: Topics) -> None:
    topic, group = topics(2), random_name("group")
    first = clients.consumer(topic, group)
    until_both_are_its(first, 30)
    clients.close(first)
    second = clients.consumer(topic, group)
    until_both_are_its(second, 9.0)  # the session of the first would end after ten


def until_both_are_its(member: Consumer, seconds: float) -> None:
    wait_until(
        lambda: (member.fetch(1, 0.1), member.assignment())[1] == {0, 1}, seconds, "it has both"
    )


def test_members_coming_and_going_process_everything_exactly_once(
    clients: Clients, topics: Topics, bootstrap_servers: tuple[str, ...]
) -> None:
    topic, group, count = topics(6), random_name("group"), 12_000
    send_all(clients.producer(), topic, numbered(count))
    processed: list[Message] = []

    def step(members: list[Consumer]) -> None:
        for member in members:
            batch = member.fetch(20, 0.05)
            assert {m.partition for m in batch} <= member.assignment()
            process(member, batch)
            processed.extend(batch)
            # Every other batch is left to `fetch`, which must commit it before a rebalance.
            if len(processed) % 2:
                member.commit()

    def run(members: list[Consumer], until: Callable[[], bool]) -> None:
        deadline = Deadline(45)
        while not until() and not deadline.expired:
            step(members)
        assert until(), (len(processed), [sorted(m.assignment()) for m in members])

    first = clients.consumer(topic, group)
    run([first], lambda: len(processed) > 1_000)
    second = clients.consumer(topic, group)
    run([first, second], lambda: len(second.assignment()) == 3)
    before = len(processed)
    run([first, second], lambda: len(processed) > before + 500)
    commit_all(first)
    clients.close(first)
    run([second], lambda: len(second.assignment()) == 6)
    run([second], lambda: len(processed) >= count)
    counts = Counter(Counter(values(processed)).values())
    assert counts == {1: count}
    assert before + 500 < count, "the rebalances came after the work: the test shows nothing"
    commit_all(second)
    tallies = committed_tallies(bootstrap_servers, topic, group)
    assert {t.since for t in tallies.values()} == {0}
    assert sum(t.processed for t in tallies.values()) == count


def test_a_member_that_was_left_out_joins_again(
    bootstrap_servers: tuple[str, ...], topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kafka-python's leader gives everybody nothing while it doesn't know the topic's partitions.

    It is kept from knowing them until it has stopped to share out by itself.
    """
    shared_out: list[object] = []
    knows: list[bool] = []
    assign = CooperativeStickyAssignor.assign

    def share_out(self: object, cluster: object, members: object) -> object:
        shared_out.append(members)
        return assign(self, cluster if knows else NoPartitions(), members)

    monkeypatch.setattr(CooperativeStickyAssignor, "assign", share_out)
    monkeypatch.setattr(kafka_python, "LEFT_OUT_S", 2.0)
    clients = Clients(kafka_python, bootstrap_servers)
    consumer = clients.consumer(topics(2), random_name("group"))
    quiet, patience, so_far = Deadline(1.0), Deadline(20), 0
    while not (so_far and quiet.expired) and not patience.expired:
        consumer.fetch(1, 0.1)
        if len(shared_out) > so_far:
            quiet, so_far = Deadline(1.0), len(shared_out)
    assert (so_far > 0, consumer.assignment()) == (True, frozenset())
    knows.append(True)
    while consumer.assignment() != {0, 1} and not patience.expired:
        consumer.fetch(1, 0.1)
    assert consumer.assignment() == {0, 1}
    clients.close()


class NoPartitions:
    """What kafka-python knows of a cluster before its first metadata arrived."""

    def topics(self) -> set[str]:
        return set()

    def partitions_for_topic(self, _: str) -> None:
        return None
