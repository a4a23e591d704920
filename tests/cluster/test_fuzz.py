"""Messages that nobody meant to send: each is processed or a dead letter, none an end."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kafka_workshop.clock import Deadline
from kafka_workshop.messaging import confluent
from kafka_workshop.messaging.codec import encode
from tests.faults.forms import forms
from tests.support.programs import Programs
from tests.support.stages import PARTITIONS, Scene, history
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]
SEED = 20
DONE_S = 120.0
Mutation = Callable[[random.Random, bytes], bytes | None]
_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 2**63, -(2**70), 1e308, 0.1, "", "0", "\x00", "é" * 300, "A" * 5_000),
    *([], {}, [[[[]]]], {"amount": 1}, "9999-12-31T23:59:59Z", "NaN", "\ud800"),
)


def _field(chance: random.Random, value: bytes) -> bytes:
    fields = json.loads(value)
    fields[chance.choice(sorted(fields))] = chance.choice(_VALUES)
    return json.dumps(fields).encode()


def _missing(chance: random.Random, value: bytes) -> bytes:
    fields = json.loads(value)
    del fields[chance.choice(sorted(fields))]
    return json.dumps(fields).encode()


def _further(chance: random.Random, value: bytes) -> bytes:
    fields = json.loads(value) | {f"unknown_{chance.randrange(9)}": chance.choice(_VALUES)}
    return json.dumps(fields).encode()


def _flipped(chance: random.Random, value: bytes) -> bytes:
    flipped = bytearray(value)
    for _ in range(chance.randint(1, 4)):
        flipped[chance.randrange(len(value))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def _spliced(chance: random.Random, value: bytes) -> bytes:
    begin, end = sorted(chance.randrange(len(value)) for _ in range(2))
    return value[:begin] + value[end:]


MUTATIONS: tuple[Mutation, ...] = (
    _field,
    _missing,
    _further,
    _flipped,
    _spliced,
    lambda chance, value: value[: chance.randrange(len(value))],
    lambda _, value: value + value,
    lambda chance, _: chance.randbytes(chance.randrange(2_000)),
    lambda chance, _: b"[" * chance.randrange(20_000),
    lambda _, value: value.decode().encode("utf-16"),
    lambda _, value: b"\xef\xbb\xbf" + value,
    lambda chance, _: chance.choice((None, b"", b"null", b"{}", b"[]", b"1e999", b'"\\ud800"')),
    lambda _, value: value,
)


def fuzzed(count: int) -> Iterator[tuple[bytes | None, bytes | None]]:
    """Yield keys and values, the same for the same count."""
    chance = random.Random(SEED)
    plain = history(2_000)
    for number in range(count):
        transaction = plain[number % len(plain)]
        key = transaction.account_id.encode()
        keys = (key, key, key, None, b"", chance.randbytes(9))
        mutate = MUTATIONS[number % len(MUTATIONS)]
        yield chance.choice(keys), mutate(chance, encode(transaction))


@forms("count", short=1_000, long=10_000)
def test_fuzzed_messages_are_processed_or_dead_letters_and_never_an_end(
    count: int, scene: Scene, programs: Programs
) -> None:
    producer = confluent.open_producer(scene.servers, 10.0)
    for number, (key, value) in enumerate(fuzzed(count)):
        producer.send(scene.topic, key, value, partition=number % PARTITIONS)
    assert producer.flush(Deadline(30)) == 0
    producer.close()

    consumer = programs.start("consumer")
    wait_until(
        lambda: (
            consumer.process.poll() is not None or sum(t.count for t in scene.tallies()) == count
        ),
        DONE_S,
        "all are committed",
    )
    assert consumer.end() == 0, consumer.errors
    judged = scene.judged()
    assert judged.processed + judged.dead == count
    assert min(judged.processed, judged.dead) > count / 20, "one kind alone proves nothing"
    scene.assert_exactly_once(judged)
