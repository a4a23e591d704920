"""Dead letters for tests: hostile messages, planted letters, everything that a topic holds."""

import random
import secrets
from collections.abc import Iterable, Sequence
from functools import partial

from confluent_kafka import Consumer, KafkaError, TopicPartition

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import DeliveryFailed, Undecodable
from kafka_workshop.messaging import confluent
from kafka_workshop.messaging.admin import end_offsets
from kafka_workshop.messaging.client import Delivery, Headers, Message
from kafka_workshop.messaging.config import LIBRDKAFKA_LOG, confluent_consumer
from kafka_workshop.messaging.confluent import message_of
from tests.support.dead_letters import DeadLetters

Raw = tuple[bytes | None, bytes | None, Headers]
_WRONG_TYPES = (
    b'{"amount": "much"}',
    b'{"kind": 7}',
    b"[]",
    b"null",
    b"1e400",
    b'{"a": {"b": []}}',
)


def hostile(count: int, seed: int, valid: Sequence[bytes]) -> list[Raw]:
    """Return `count` messages of every bad kind, and as they are some of the `valid` payloads."""
    chance = random.Random(seed)
    return [(_key(chance), _value(chance, valid), _headers(chance)) for _ in range(count)]


def _key(chance: random.Random) -> bytes | None:
    return chance.choice([None, b"", b"account", b"\x1b[2J", chance.randbytes(20)])


def _value(chance: random.Random, valid: Sequence[bytes]) -> bytes | None:
    whole = chance.choice(valid)
    kinds = (
        whole,
        None,
        chance.randbytes(chance.randrange(400)),
        whole[: chance.randrange(len(whole))],
        chance.choice(_WRONG_TYPES),
        b'{"schema_version": 99}',
        whole[:-1] + b" " * chance.choice([2_000, 20_000]) + b"}",
    )
    return chance.choice(kinds)


def _headers(chance: random.Random) -> Headers:
    foreign = (
        ("a", None),
        ("a", b""),
        ("ação", b"\xff"),
        ("dlq.topic", b"x"),
        ("dlq.offset", b"9"),
    )
    return tuple(chance.sample(foreign, chance.randrange(len(foreign))))


def send(servers: tuple[str, ...], topic: str, records: Iterable[Raw]) -> list[Message]:
    """Send records and return them as they are stored, with partition and offset."""
    producer = confluent.open_producer(servers, 10.0)
    stored: list[Message] = []
    for raw in records:
        producer.send(topic, *raw, partial(_keep, stored, raw))
    assert producer.flush(Deadline(30)) == 0
    producer.close()
    return stored


def _keep(stored: list[Message], raw: Raw, answer: Delivery | DeliveryFailed) -> None:
    assert isinstance(answer, Delivery), answer
    key, value, headers = raw
    stored.append(Message(answer.topic, answer.partition, answer.offset, 0, key, value, headers))


def plant(
    servers: tuple[str, ...], topic: str, messages: Iterable[Message], error_class: str = "not-json"
) -> None:
    """Send the letters of messages of `topic`, as the consumer does."""
    producer = confluent.open_producer(servers, 10.0)
    letters = DeadLetters(producer, topic)
    for message in messages:
        letters.send(message, Undecodable(error_class, "planted"))
    letters.confirm()
    producer.close()


def everything(
    servers: tuple[str, ...], topic: str, isolation: str = "read_committed"
) -> list[Message]:
    """Read a topic from its beginning to its end, which transactions may have filled with gaps."""
    left = {p: end for p, end in end_offsets(servers, topic).items() if end}
    settings = confluent_consumer(servers, f"all-{secrets.token_hex(4)}") | {
        "enable.partition.eof": True,
        "fetch.wait.max.ms": 10,
        "isolation.level": isolation,
    }
    consumer, messages, deadline = Consumer(settings, logger=LIBRDKAFKA_LOG), [], Deadline(30)
    consumer.assign([TopicPartition(topic, p, 0) for p in left])
    while left:
        assert not deadline.expired, f"{topic}: not read to its ends {left}"
        for record in consumer.consume(500, 0.1):
            error, partition, offset = record.error(), record.partition() or 0, record.offset() or 0
            if error is None:
                messages.append(message_of(record))
            elif error.code() == KafkaError._PARTITION_EOF and offset >= left.get(partition, 0):
                left.pop(partition, None)
    consumer.close()
    return messages
