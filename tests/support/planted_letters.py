"""Dead letters as records of their topic, without a cluster."""

from kafka_workshop.messaging.client import Headers, Message
from kafka_workshop.messaging.dlq.letter import Source, context, letter_of, redriven_headers
from tests.support.judged import MINUTE, NOON

TOPIC = "transactions"


def letter(
    source: str,
    error_class: str = "not-json",
    reason: str = "no JSON",
    *,
    value: bytes | None = b"{",
    headers: Headers = (("trace", b"7"),),
    number: int = 0,
    topic: str = TOPIC,
) -> Message:
    """The record of a letter; `number` is its offset, each a minute after the one before."""
    place = Source.parse(source)
    assert place is not None
    message = Message(topic, place.partition, place.offset, NOON, b"A1", value, headers)
    told = context(message, error_class, reason, NOON + number * MINUTE)
    at = NOON + number * MINUTE
    return Message(f"{topic}.dlq", 0, number, at, b"A1", value, headers + told)


def came_back(source: str, of: str, number: int) -> Message:
    """The record of a letter whose message was redriven before, from `of`."""
    first = letter_of(letter(of), TOPIC)
    assert first is not None
    return letter(source, headers=redriven_headers(first, ()), number=number)


def marker(source: str, topic: str = TOPIC) -> Message:
    """The record that says that a letter was redriven."""
    return Message(f"{topic}.dlq.redriven", 0, 0, NOON + 99 * MINUTE, source.encode(), b"")
