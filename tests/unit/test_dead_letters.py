"""Dead letters: unchanged, with their context, confirmed before anything is committed."""

import pytest

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import DeliveryFailed, TooLarge, Undecodable
from kafka_workshop.messaging.client import Delivery, Headers, Message, OnDelivery, never
from kafka_workshop.messaging.dead_letters import DeadLetters

MESSAGE = Message("t", 3, 41, 1_000, b"key", b"\xffpoison", (("origin", b"1"),))
REASON = Undecodable("not-json", "not valid UTF-8")
Sent = tuple[str, bytes | None, bytes | None, Headers]


class MemoryProducer:
    """Keeps what is sent; answers at `flush` what `answer` says."""

    def __init__(self, limit: int = 10**9, silent: bool = False, failing: bool = False) -> None:
        self.sent: list[Sent] = []
        self._limit, self._silent, self._failing = limit, silent, failing
        self._waiting: list[tuple[OnDelivery, Delivery | DeliveryFailed]] = []

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
        on_delivery: OnDelivery | None = None,
        partition: int | None = None,
    ) -> None:
        assert on_delivery is not None
        assert partition is None
        self.sent.append((topic, key, value, headers))
        answer: Delivery | DeliveryFailed = Delivery(topic, 0, len(self.sent))
        if len(key or b"") + len(value or b"") > self._limit:
            answer = TooLarge("too large")
        elif self._failing:
            answer = DeliveryFailed("away")
        self._waiting.append((on_delivery, answer))

    def poll(self) -> None:
        self.flush(Deadline(0))

    @property
    def in_flight(self) -> int:
        return len(self._waiting)

    def flush(self, deadline: Deadline) -> int:
        assert deadline.seconds <= 1
        while self._waiting and not self._silent:
            on_delivery, answer = self._waiting.pop(0)
            on_delivery(answer)
        return len(self._waiting)

    def close(self) -> None:
        self._waiting.clear()


def test_key_value_and_headers_are_unchanged_and_the_context_follows() -> None:
    producer = MemoryProducer()
    letters = DeadLetters(producer, "t", never, clock_ms=lambda: 2_000)
    letters.send(MESSAGE, REASON)
    letters.confirm()
    assert letters.count == 1
    assert producer.sent == [
        (
            "t.dlq",
            b"key",
            b"\xffpoison",
            (
                ("origin", b"1"),
                ("dlq.topic", b"t"),
                ("dlq.partition", b"3"),
                ("dlq.offset", b"41"),
                ("dlq.timestamp", b"1000"),
                ("dlq.error.class", b"not-json"),
                ("dlq.error.reason", b"not valid UTF-8"),
                ("dlq.time", b"2000"),
            ),
        )
    ]


def test_what_no_topic_takes_goes_without_its_value_and_says_how_large_it_was() -> None:
    producer = MemoryProducer(limit=5)
    letters = DeadLetters(producer, "t", never)
    letters.send(MESSAGE, REASON)
    letters.confirm()
    (_, key, value, headers) = producer.sent[1]
    assert (key, value, headers[-1]) == (b"key", None, ("dlq.value.omitted.bytes", b"7"))
    assert (letters.count, len(producer.sent)) == (1, 2)


def test_what_is_too_large_even_without_its_value_goes_without_key_and_headers() -> None:
    producer = MemoryProducer(limit=2)
    letters = DeadLetters(producer, "t", never)
    letters.send(MESSAGE, REASON)
    letters.confirm()
    (_, key, value, headers) = producer.sent[2]
    assert (key, value, headers[0]) == (None, None, ("dlq.topic", b"t"))
    assert headers[-3:] == (
        ("dlq.value.omitted.bytes", b"7"),
        ("dlq.key.omitted.bytes", b"3"),
        ("dlq.headers.omitted", b"1"),
    )
    assert (letters.count, len(producer.sent)) == (1, 3)


def test_nothing_may_be_committed_after_one_that_failed() -> None:
    letters = DeadLetters(MemoryProducer(failing=True), "t", never)
    letters.send(MESSAGE, REASON)
    with pytest.raises(DeliveryFailed, match="away"):
        letters.confirm()
    with pytest.raises(DeliveryFailed, match="away"):
        letters.confirm()


def test_asked_to_stop_it_gives_up_on_silent_brokers_within_seconds() -> None:
    letters = DeadLetters(MemoryProducer(silent=True), "t", lambda: True)
    letters.send(MESSAGE, REASON)
    started = Deadline(60)
    with pytest.raises(DeliveryFailed):
        letters.confirm()
    assert 1 < started.elapsed < 6
