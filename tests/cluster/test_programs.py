"""The two programs a student opens, run as `ACTION=… ./run.sh` against the real cluster."""

import secrets
import signal
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from confluent_kafka import Producer

from kafka_workshop.clock import Deadline, now_ms
from kafka_workshop.messaging import confluent
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.codec import decode
from kafka_workshop.messaging.config import LIBRDKAFKA_LOG, confluent_producer
from kafka_workshop.messaging.newest import newest_where
from kafka_workshop.messaging.topics import dead_letter_topic
from tests.support.machine import free_ports
from tests.support.programs import END_S, Program, Programs
from tests.support.topics import delete_topics
from tests.support.waiting import wait_until

pytestmark = pytest.mark.cluster
CLIENTS = pytest.mark.parametrize("client", ["confluent-kafka", "kafka-python"])
ACKNOWLEDGED, CONSUMED = "transaction acknowledged", "transaction consumed"
PRODUCER_ENDED, CONSUMER_ENDED = "producer ended", "consumer ended"
HISTORY = {"HISTORY_TRANSACTIONS": "300", "ACCOUNTS": "50"}


@pytest.fixture
def topic(bootstrap_servers: tuple[str, ...]) -> Iterator[str]:
    name = f"programs-{secrets.token_hex(4)}"
    yield name
    delete_topics(bootstrap_servers, name)


@pytest.fixture
def programs(tmp_path: Path, bootstrap_servers: tuple[str, ...], topic: str) -> Iterator[Programs]:
    settings = {
        "BOOTSTRAP_SERVERS": ",".join(bootstrap_servers),
        "TOPIC": topic,
        "CONSUMER_GROUP": f"group-{secrets.token_hex(4)}",
        **HISTORY,
    }
    started = Programs.beside(tmp_path / "project", settings)
    yield started
    started.kill()


def everything(servers: tuple[str, ...], topic: str) -> list[Message]:
    """Read a topic from its beginning to its end, or what a killed producer left on its way."""
    newest = {m.partition: m.offset for m in newest_where(servers, topic, lambda _: True)}
    consumer = confluent.open_consumer(servers, topic, f"all-{secrets.token_hex(4)}", 10.0)
    deadline, messages, reached = Deadline(30), list[Message](), dict[int, int]()
    # Not counted: transactions leave gaps in the offsets.
    while any(reached.get(p, -1) < at for p, at in newest.items()) and not deadline.expired:
        messages += consumer.fetch(1_000, 0.1)
        reached.update((m.partition, m.offset) for m in messages)
    consumer.close()
    assert not deadline.expired, f"read up to {reached} of {newest}"
    return messages


def ids(program: Program, event: str) -> list[str]:
    return [line["transaction_id"] for line in program.named(event)]


def summary(program: Program, event: str) -> dict[str, object]:
    (line,) = program.named(event)
    return line


@CLIENTS
def test_what_the_producer_sent_is_what_the_consumer_processed(
    programs: Programs, bootstrap_servers: tuple[str, ...], topic: str, client: str
) -> None:
    started = now_ms()
    producer = programs.start("producer", KAFKA_CLIENT=client, MAX_MESSAGES="350", RATE="200")
    assert producer.result() == 0, producer.errors
    told = summary(producer, PRODUCER_ENDED)
    assert (told["sent"], told["acknowledged"], told["failed"]) == (350, 350, 0)

    consumer = programs.start("consumer", KAFKA_CLIENT=client, MAX_MESSAGES="350")
    assert consumer.result() == 0, consumer.errors
    told = summary(consumer, CONSUMER_ENDED)
    assert (told["processed"], told["dead_lettered"], told["uncommitted"]) == (350, 0, 0)
    assert Counter(ids(consumer, CONSUMED)) == Counter(ids(producer, ACKNOWLEDGED))
    assert sum(int(part.split("=")[1]) for part in str(told["by_kind"]).split()) == 350
    assert sum(int(part.split("=")[1]) for part in str(told["by_uf"]).split()) == 350

    stored = everything(bootstrap_servers, topic)
    acknowledged = {
        line["transaction_id"]: (line["partition"], line["offset"])
        for line in producer.named(ACKNOWLEDGED)
    }
    assert {decode(m.value).transaction_id: (m.partition, m.offset) for m in stored} == acknowledged
    assert all(m.key == decode(m.value).account_id.encode() for m in stored)
    occurred = sorted(decode(m.value).occurred_at for m in stored)
    # 120 days of history, then live at wall time.
    assert started - occurred[0] == pytest.approx(120 * 86_400_000, rel=0.05)
    assert sum(at >= started for at in occurred) >= 50
    assert occurred[-1] <= now_ms()
    assert all(started <= m.timestamp_ms <= now_ms() for m in stored)


@pytest.mark.parametrize(
    ("client", "how"),
    [
        ("confluent-kafka", signal.SIGTERM),
        ("confluent-kafka", signal.SIGKILL),
        ("kafka-python", signal.SIGINT),
        ("kafka-python", signal.SIGKILL),
    ],
)
def test_a_restarted_producer_goes_on_and_repeats_no_id(
    programs: Programs,
    bootstrap_servers: tuple[str, ...],
    topic: str,
    client: str,
    how: signal.Signals,
) -> None:
    for _ in range(3):
        producer = programs.start("producer", KAFKA_CLIENT=client, RATE="500")
        producer.wait_for(ACKNOWLEDGED, 400)
        assert producer.end(how) == (-how if how == signal.SIGKILL else 0), producer.errors
    stored = [decode(m.value) for m in everything(bootstrap_servers, topic)]
    counts = Counter(t.transaction_id for t in stored)
    assert [i for i, count in counts.items() if count > 1] == []
    assert len(counts) >= 1_200
    hour_ago = now_ms() - 3_600_000
    assert sum(t.occurred_at < hour_ago for t in stored) <= 300, "one history, not one a start"


def test_a_history_that_was_cut_short_is_continued(
    programs: Programs, bootstrap_servers: tuple[str, ...], topic: str
) -> None:
    started = now_ms()
    first = programs.start("producer", HISTORY_TRANSACTIONS="1000", MAX_MESSAGES="400")
    assert first.result() == 0, first.errors
    second = programs.start(
        "producer", HISTORY_TRANSACTIONS="1000", MAX_MESSAGES="620", RATE="1000"
    )
    assert second.result() == 0, second.errors
    stored = [decode(m.value) for m in everything(bootstrap_servers, topic)]
    occurred = [t.occurred_at for t in sorted(stored, key=lambda t: t.transaction_id)]
    assert len({t.transaction_id for t in stored}) == 1_020
    assert occurred == sorted(occurred), "event time goes on where it stopped"
    assert sum(at < started for at in occurred) >= 1_000
    largest_gap = max(b - a for a, b in pairwise(occurred))
    assert largest_gap < 5 * 86_400_000, "no hole between the two parts of the history"


def test_foreign_records_at_the_end_of_the_topic_do_not_confuse_the_producer(
    programs: Programs, bootstrap_servers: tuple[str, ...], topic: str
) -> None:
    assert programs.start("producer", MAX_MESSAGES="310", RATE="1000").result() == 0
    assert programs.start("producer", MAX_MESSAGES="310", RATE="1000", SEED="8").result() == 0
    send_raw(bootstrap_servers, topic, [(b"%d" % n, b"rubbish") for n in range(200)])
    again = programs.start("producer", MAX_MESSAGES="50", RATE="1000")
    assert again.result() == 0, again.errors
    decodable = [m for m in everything(bootstrap_servers, topic) if m.value != b"rubbish"]
    counts = Counter(decode(m.value).transaction_id for m in decodable)
    assert set(counts.values()) == {1}
    assert len(counts) == 670


def send_raw(
    servers: tuple[str, ...], topic: str, records: list[tuple[bytes | None, bytes | None]]
) -> None:
    producer = confluent.open_producer(servers, 10.0)
    for key, value in records:
        producer.send(topic, key, value, (("origin", b"\x00test"),))
    assert producer.flush(Deadline(20)) == 0
    producer.close()


def test_poison_goes_to_the_dead_letters_and_the_loop_goes_on(
    programs: Programs, bootstrap_servers: tuple[str, ...], topic: str
) -> None:
    assert programs.start("producer", MAX_MESSAGES="20").result() == 0
    poison: list[tuple[bytes | None, bytes | None]] = [
        (b"k1", b"\xff\xfe\x00"),
        (b"k2", b'{"schema_version": 99}'),
        (None, b"{}"),
        (b"k4", None),
        (b"k5", bytes(800_000)),
    ]
    send_raw(bootstrap_servers, topic, poison)
    assert programs.start("producer", MAX_MESSAGES="20").result() == 0

    consumer = programs.start("consumer", MAX_MESSAGES="45")
    assert consumer.result() == 0, consumer.errors
    told = summary(consumer, CONSUMER_ENDED)
    assert (told["processed"], told["dead_lettered"]) == (45, 5)
    assert len(consumer.named(CONSUMED)) == 40

    dead = {m.key: m for m in everything(bootstrap_servers, dead_letter_topic(topic))}
    assert {key: m.value for key, m in dead.items()} == dict(poison)
    sources = {
        (m.partition, m.offset): m.value for m in everything(bootstrap_servers, topic) if m.headers
    }
    for message in dead.values():
        assert message.headers[0] == ("origin", b"\x00test"), "the original headers come first"
        context = {name: value.decode() for name, value in message.headers[1:] if value}
        place = int(context["dlq.partition"]), int(context["dlq.offset"])
        assert sources[place] == message.value
        assert context["dlq.topic"] == topic
        assert context["dlq.error.class"] in {
            "not-json",
            "unknown-schema-version",
            "wrong-shape",
            "null-value",
            "oversize",
        }
        assert context["dlq.error.reason"]
        assert abs(int(context["dlq.time"]) - now_ms()) < 120_000


def test_a_record_far_beyond_every_limit_once_unpacked_does_not_stop_the_loop(
    programs: Programs, bootstrap_servers: tuple[str, ...], topic: str
) -> None:
    assert programs.start("producer", MAX_MESSAGES="10").result() == 0
    settings = confluent_producer(bootstrap_servers) | {
        "compression.type": "gzip",
        "message.max.bytes": 10_000_000,
    }
    bomb = Producer(settings, logger=LIBRDKAFKA_LOG)
    bomb.produce(topic, bytes(5_000_000), b"bomb")
    assert bomb.flush(20) == 0
    consumer = programs.start("consumer", MAX_MESSAGES="11")
    assert consumer.result() == 0, consumer.errors
    (letter,) = everything(bootstrap_servers, dead_letter_topic(topic))
    assert (letter.key, letter.value) == (b"bomb", None)
    assert dict(letter.headers)["dlq.value.omitted.bytes"] == b"5000000"
    assert dict(letter.headers)["dlq.error.class"] == b"oversize"


@pytest.mark.parametrize(
    ("client", "number"), [("confluent-kafka", signal.SIGTERM), ("kafka-python", signal.SIGINT)]
)
def test_a_signal_ends_both_cleanly_and_nothing_is_processed_twice(
    programs: Programs, client: str, number: signal.Signals, tmp_path: Path
) -> None:
    ready = {action: tmp_path / action for action in ("producer", "consumer")}
    producer = programs.start(
        "producer", KAFKA_CLIENT=client, RATE="300", READY_FILE=str(ready["producer"])
    )
    producer.wait_for(ACKNOWLEDGED, 350)
    processed: list[str] = []
    for _ in range(2):
        consumer = programs.start(
            "consumer", KAFKA_CLIENT=client, READY_FILE=str(ready["consumer"])
        )
        consumer.wait_for(CONSUMED, 200)
        # Its messages are logged while they are processed, the file is made after their commit.
        wait_until(lambda: all(p.exists() for p in ready.values()), 20, "both say they work")
        started = Deadline(60)
        assert consumer.end(number) == 0, consumer.errors
        assert started.elapsed < END_S
        assert summary(consumer, CONSUMER_ENDED)["uncommitted"] == 0
        assert not ready["consumer"].exists()
        processed += ids(consumer, CONSUMED)
    assert producer.end(number) == 0, producer.errors
    assert not ready["producer"].exists()
    told = summary(producer, PRODUCER_ENDED)
    assert told["sent"] == told["acknowledged"] == len(ids(producer, ACKNOWLEDGED))

    left = int(str(told["sent"])) - len(processed)
    if left:
        rest = programs.start("consumer", KAFKA_CLIENT=client, MAX_MESSAGES=str(left))
        assert rest.result() == 0, rest.errors
        processed += ids(rest, CONSUMED)
    assert Counter(processed) == Counter(ids(producer, ACKNOWLEDGED))


def test_at_a_high_rate_lines_are_sampled_and_the_rest_is_counted(programs: Programs) -> None:
    settings = {"MAX_MESSAGES": "3300", "RATE": "1500", "LOG_LINES": "10"}
    producer = programs.start("producer", **settings)
    assert producer.result() == 0, producer.errors
    shown, rest = (
        producer.named(ACKNOWLEDGED),
        producer.named("more acknowledged, not shown one by one"),
    )
    assert len(shown) < 100
    assert len(rest) >= 2, "about once a second"
    assert len(shown) + sum(line["count"] for line in rest) == 3_300
    consumer = programs.start("consumer", **settings)
    assert consumer.result() == 0, consumer.errors
    shown, rest = consumer.named(CONSUMED), consumer.named("more consumed, not shown one by one")
    assert len(shown) + sum(line["count"] for line in rest) == 3_300


@CLIENTS
@pytest.mark.parametrize("action", ["producer", "consumer"])
def test_without_brokers_it_waits_says_for_what_and_stops_at_once(
    programs: Programs, client: str, action: str
) -> None:
    (port,) = free_ports(1)
    servers = f"127.0.0.1:{port}"
    program = programs.start(action, KAFKA_CLIENT=client, BOOTSTRAP_SERVERS=servers)
    waiting = f"waiting: no broker answers at {servers}"
    program.wait_for(waiting, 2)
    started = Deadline(60)
    assert program.end() == 0
    assert started.elapsed < 5
    assert program.errors == ""


def test_two_programs_that_start_on_a_fresh_cluster_both_work(programs: Programs) -> None:
    consumer = programs.start("consumer", MAX_MESSAGES="310")
    producer = programs.start("producer", MAX_MESSAGES="310", RATE="1000")
    assert producer.result() == 0, producer.errors
    assert consumer.result() == 0, consumer.errors
    assert Counter(ids(consumer, CONSUMED)) == Counter(ids(producer, ACKNOWLEDGED))
