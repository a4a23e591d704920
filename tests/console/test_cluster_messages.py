"""Searching a topic with gaps, and a round trip of export and import, on the real cluster."""

import uuid
from collections.abc import Iterator
from contextlib import suppress

import pytest
from confluent_kafka import Producer

from kafka_workshop import logs
from kafka_workshop.clock import now_ms
from kafka_workshop.console.actions import MB, Actions, TopicWish
from kafka_workshop.console.exporting import as_jsonl
from kafka_workshop.console.filtering import Matcher, parse
from kafka_workshop.console.importing import Target, check
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.reading import Query, Reader
from kafka_workshop.console.records import Record
from kafka_workshop.console.searching import Search, SearchLimits
from kafka_workshop.console.sending import Progress
from kafka_workshop.messaging.dlq.transactions import Aborted, open_transactional
from kafka_workshop.settings import LogSettings

pytestmark = pytest.mark.cluster
COUNT = 6_000
# An hour ago: what is older than the topic's retention may be gone at any moment.
BEGAN_MS = now_ms() - 3_600_000


@pytest.fixture(scope="module")
def actions(bootstrap_servers: tuple[str, ...]) -> Actions:
    logger = logs.configure(LogSettings("ERROR", "json", 1), "test")
    return Actions(ClusterGateway(bootstrap_servers), logger)


@pytest.fixture
def topics(actions: Actions) -> Iterator[tuple[str, str]]:
    """Two empty topics with three partitions."""
    names = tuple(f"messages-{uuid.uuid4().hex[:8]}" for _ in range(2))
    for name in names:
        actions.create_topic(TopicWish(name, 3, 3, 2, 100 * MB, 7))
    yield names[0], names[1]
    for name in names:
        actions.delete_topic(name, name)


def fill(servers: tuple[str, ...], topic: str, count: int) -> None:
    producer = Producer({"bootstrap.servers": ",".join(servers), "acks": "all"})
    for n in range(count):
        producer.produce(
            topic, key=f"k{n}".encode(), value=f'{{"n": {n}}}'.encode(), partition=n % 3,
            timestamp=BEGAN_MS + n, headers=[("a", b"1"), ("a", None), ("b", b"\xff")],
        )  # fmt: skip
        producer.poll(0)
    assert producer.flush(30) == 0


def leave_gaps(servers: tuple[str, ...], topic: str) -> None:
    producer = open_transactional(servers, f"gaps-{topic}")
    for _ in range(5):
        producer.begin()
        with suppress(Aborted):  # which it is to be in any case
            producer.send(topic, 0, b"k", b'{"n": 0}', (), 0)
            producer.flush()
        producer.abort()
    producer.close()


def numbers(records: list[Record]) -> list[int]:
    return sorted(int((r.value or b"").split(b": ")[1][:-1]) for r in records)


@pytest.mark.parametrize("mode", ["newest", "offset"])
def test_a_search_in_many_goes_finds_each_message_once_and_counts_what_it_read(
    bootstrap_servers: tuple[str, ...], topics: tuple[str, str], mode: str
) -> None:
    topic, backwards = topics[0], mode == "newest"
    fill(bootstrap_servers, topic, COUNT)
    leave_gaps(bootstrap_servers, topic)
    reader = Reader(bootstrap_servers, search_limits=SearchLimits(messages=1_500))
    query = Query(topic, "newest" if backwards else "offset")
    matcher = Matcher(parse("value.n >= 1000 and value.n < 1007 or value.n = 0"))
    search = Search(topic, matcher, 50, backwards)
    stops: list[str | None] = []
    while not stops or stops[-1] != "end":
        reader.search(search, query)
        stops.append(search.stopped)
        assert len(stops) < 10, search
    assert numbers(search.found) == [0, *range(1000, 1007)]
    assert (search.read, search.gaps) == (COUNT, True)
    assert stops == ["messages"] * (len(stops) - 1) + ["end"]
    assert len(stops) >= COUNT // 1_500


def exported(servers: tuple[str, ...], topic: str) -> bytes:
    search = Search(topic, Matcher(parse("size > 0")), 500, backwards=False)
    Reader(servers).search(search, Query(topic, "offset"))
    return as_jsonl(search.found)


def without_offsets(file: bytes) -> list[bytes]:
    return [b"".join(line.split(b",", 2)[::2]) for line in file.splitlines()]


def test_an_export_that_is_imported_and_exported_is_the_same_but_for_offsets(
    bootstrap_servers: tuple[str, ...], topics: tuple[str, str], actions: Actions
) -> None:
    source, target = topics
    fill(bootstrap_servers, source, 300)
    first = exported(bootstrap_servers, source)
    checked = check(first, Target(target, range(3)))
    assert (len(checked.messages), checked.refused) == (300, ())
    progress = actions.import_messages(target, checked.messages, Progress(300))
    assert (progress.acknowledged, progress.failed) == (300, [])
    second = exported(bootstrap_servers, target)
    assert without_offsets(second) == without_offsets(first)
