"""What both libraries promise when they send."""

from collections.abc import Callable
from types import ModuleType

import pytest
from kafka.partitioner import murmur2

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import BrokersUnavailable, DeliveryFailed, ServiceFailed, TooLarge
from kafka_workshop.messaging import confluent, kafka_python
from tests.contract.conftest import Answers, Clients, random_name, read, send_all
from tests.support.machine import free_ports

pytestmark = pytest.mark.cluster
Topics = Callable[[int], str]


def test_every_delivery_names_topic_partition_and_offset(clients: Clients, topics: Topics) -> None:
    topic = topics(1)
    answers = send_all(clients.producer(), topic, [(b"k", b"%d" % n) for n in range(100)])
    assert [(d.topic, d.partition, d.offset) for d in answers.delivered] == [
        (topic, 0, offset) for offset in range(100)
    ]


def test_messages_of_a_key_keep_their_order(clients: Clients, topics: Topics) -> None:
    topic = topics(3)
    records: list[tuple[bytes | None, bytes]] = [
        (b"key-%d" % (n % 7), b"%d" % n) for n in range(2_000)
    ]
    send_all(clients.producer(), topic, records)
    messages = read(clients.consumer(topic, random_name("group")), len(records))
    for key in {key for key, _ in records}:
        sent = [value for k, value in records if k == key]
        assert [m.value for m in messages if m.key == key] == sent


def test_both_libraries_send_a_key_to_the_partition_that_java_would_choose(
    bootstrap_servers: tuple[str, ...], topics: Topics
) -> None:
    topic = topics(6)
    keys = [b"AC%06d" % n for n in range(300)] + ["conta-é-日本".encode(), b"", b"\xff\x00\x80"]
    expected = [(murmur2(key) & 0x7FFFFFFF) % 6 for key in keys]
    assert len(set(expected)) == 6
    for library in (confluent, kafka_python):
        producer = Clients(library, bootstrap_servers).producer()
        answers = send_all(producer, topic, [(key, b"v") for key in keys])
        # murmur2_random: like Java, an empty key of librdkafka counts as no key at all.
        pairs = zip(keys, answers.delivered, expected, strict=True)
        assert [p for k, d, p in pairs if k and d.partition != p] == []
        producer.close()


def test_a_record_goes_to_the_partition_that_is_named(clients: Clients, topics: Topics) -> None:
    topic, answers = topics(3), Answers()
    producer = clients.producer()
    for n in range(30):
        producer.send(topic, None, b"v", (), answers.at(n), n % 3)
    assert producer.flush(Deadline(20)) == 0
    assert [delivery.partition for delivery in answers.delivered] == [n % 3 for n in range(30)]


def test_murmur2_is_the_one_of_apache_kafka() -> None:
    # From Apache Kafka's own UtilsTest.testMurmur2, as unsigned numbers.
    known = {b"21": -973932308, b"foobar": -790332482, b"a-little-bit-long-string": -985981536}
    assert {key: murmur2(key) for key in known} == {k: v % 2**32 for k, v in known.items()}


def test_key_value_headers_and_time_travel_unchanged(clients: Clients, topics: Topics) -> None:
    topic = topics(1)
    producer = clients.producer()
    headers = (("a", b"1"), ("a", b"\x00\xff"), ("ação", "não".encode()))
    cases: list[tuple[bytes | None, bytes | None]] = [
        ("chave-ü".encode(), '{"nome":"João ☕"}'.encode()),
        (None, b"no key"),
        (b"no value", None),
        (b"empty", b""),
    ]
    for key, value in cases:
        producer.send(topic, key, value, headers)
    assert producer.flush(Deadline(20)) == 0
    messages = read(clients.consumer(topic, random_name("group")), len(cases))
    assert [(m.key, m.value) for m in messages] == cases
    assert {m.headers for m in messages} == {headers}
    assert all(m.timestamp_ms > 1_700_000_000_000 for m in messages)


@pytest.mark.parametrize(
    "library",
    [
        confluent,
        pytest.param(
            kafka_python,
            marks=pytest.mark.xfail(strict=True, reason="kafka-python can send neither"),
        ),
    ],
)
def test_a_record_of_nothing_but_nulls_travels_unchanged(clients: Clients, topics: Topics) -> None:
    topic = topics(1)
    producer = clients.producer()
    producer.send(topic, None, None, (("empty", None),))
    assert producer.flush(Deadline(20)) == 0
    (message,) = read(clients.consumer(topic, random_name("group")), 1)
    assert (message.key, message.value, message.headers) == (None, None, (("empty", None),))


def incompressible(size: int) -> bytes:
    return b"".join(murmur2(b"%d" % n).to_bytes(4, "big") for n in range(size // 4))


@pytest.mark.parametrize("size", [1_500_000, 3_000_000])
def test_a_message_too_large_is_answered_and_the_next_one_delivered(
    clients: Clients, topics: Topics, size: int
) -> None:
    topic, answers = topics(1), Answers()
    producer = clients.producer()
    producer.send(topic, b"k", incompressible(size), on_delivery=answers)
    producer.send(topic, b"k", b"small", on_delivery=answers)
    assert producer.flush(Deadline(30)) == 0
    assert [type(failure) for failure in answers.failed] == [TooLarge]
    assert [delivery.offset for delivery in answers.delivered] == [0]


def test_what_the_topic_finds_too_large_is_answered_so(
    clients: Clients, topics: Callable[..., str]
) -> None:
    topic, answers = topics(1, {"max.message.bytes": "1000"}), Answers()
    producer = clients.producer()
    producer.send(topic, b"k", incompressible(20_000), on_delivery=answers)
    assert producer.flush(Deadline(30)) == 0
    assert [type(failure) for failure in answers.failed] == [TooLarge]
    # librdkafka goes on; kafka-python's idempotent producer is done, and says so.
    try:
        producer.send(topic, b"k", b"small", on_delivery=answers)
    except ServiceFailed:
        assert clients.library is kafka_python
    else:
        assert producer.flush(Deadline(30)) == 0
        assert [delivery.offset for delivery in answers.delivered] == [0]


def test_a_topic_that_does_not_exist_is_answered_with_a_failure(clients: Clients) -> None:
    producer, answers = clients.producer(), Answers()
    producer.send(random_name("missing"), b"k", b"v", on_delivery=answers)
    producer.flush(Deadline(5))
    producer.close()
    assert [type(failure) for failure in answers.failed] == [DeliveryFailed]
    clients._open.clear()


def test_without_a_broker_opening_fails_fast_and_names_the_servers(library: ModuleType) -> None:
    (port,) = free_ports(1)
    servers = (f"127.0.0.1:{port}",)
    started = Deadline(60)
    with pytest.raises(BrokersUnavailable, match=f"127.0.0.1:{port}"):
        library.open_producer(servers, 1.0)
    with pytest.raises(BrokersUnavailable, match=f"127.0.0.1:{port}"):
        library.open_consumer(servers, "t", "g", 1.0)
    assert started.elapsed < 6


def test_in_flight_counts_what_is_not_answered(clients: Clients, topics: Topics) -> None:
    producer = clients.producer()
    topic = topics(1)
    assert producer.in_flight == 0
    for n in range(50):
        producer.send(topic, b"k", b"%d" % n)
    assert producer.in_flight == 50
    assert producer.flush(Deadline(20)) == 0
    assert producer.in_flight == 0
