"""A producer and a group's member at work while something breaks, both recorded."""

import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from itertools import chain, pairwise

from confluent_kafka import Consumer as GroupConsumer
from confluent_kafka import KafkaError, TopicPartition
from confluent_kafka import Message as Record

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import DeliveryFailed
from kafka_workshop.messaging.admin import end_offsets
from kafka_workshop.messaging.client import Delivery, Message
from kafka_workshop.messaging.config import LIBRDKAFKA_LOG, confluent_consumer
from kafka_workshop.messaging.confluent import message_of
from kafka_workshop.messaging.factory import open_consumer, open_producer
from kafka_workshop.pace import Pacer
from kafka_workshop.settings import KafkaSettings
from tests.faults.commits import PARTITIONS, Commits
from tests.faults.history import Committed, Place, Read, Reading
from tests.support.waiting import wait_until

RATE = 1_000.0
KEYS = 97
# Longer than any fault may last: what is not answered by then is a failure of its own.
FLUSH_S, READ_S = 90.0, 90.0
_BATCH = 1_000
# One at a time: an older one that librdkafka defers would arrive after a newer one. Lost for good
# only after this long.
_AGAIN_S = 30.0


def numbered(number: int) -> bytes:
    """Return the default value: the number, and some weight."""
    return b"%08d" % number + b"." * 92


class Load:
    """Sends `RATE` messages a second from a thread of its own, and notes what became of each."""

    def __init__(self, settings: KafkaSettings, value: Callable[[int], bytes] = numbered) -> None:
        self.sent: list[bytes] = []
        self.acknowledged: dict[bytes, Place] = {}
        self.refused: list[DeliveryFailed] = []
        self._settings = settings
        self._value = value
        self._instants: defaultdict[int, list[float]] = defaultdict(list)
        self._stop = threading.Event()
        self._flush_s = FLUSH_S
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)

    def start(self) -> None:
        """Begin; return once every partition has acknowledged something."""
        self._thread.start()
        self.wait_for_each_partition(30)

    def wait_for_each_partition(self, seconds: float, more: int = 1) -> None:
        """Wait until each partition has acknowledged `more` messages from now on."""
        before = {p: len(self._instants[p]) for p in range(PARTITIONS)}
        wait_until(
            lambda: (
                self._failure or all(len(self._instants[p]) >= n + more for p, n in before.items())
            ),
            seconds,
            f"each partition acknowledges {more} more",
        )
        self._raise_failure()

    def longest_silence(self, since: float) -> float:
        """Return the longest time since `since` in which some partition acknowledged nothing."""
        return max(_longest_gap(instants, since) for instants in self._instants.values())

    def longest_silence_of_all(self, since: float) -> float:
        """Return the longest time since `since` in which no partition acknowledged anything."""
        return _longest_gap(sorted(chain(*self._instants.values())), since)

    def finish(self) -> None:
        """Stop sending and wait for every answer."""
        self._stop.set()
        self._thread.join(FLUSH_S + 30)
        assert not self._thread.is_alive(), "the load has not ended"
        self._raise_failure()

    def abandon(self) -> None:
        """End as soon as possible, whatever is unanswered; without effect on what has ended."""
        self._flush_s = 0.0
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(30)

    def _raise_failure(self) -> None:
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        try:
            self._send()
        except Exception as error:  # noqa: BLE001 - told to the test by `finish`
            self._failure = error

    def _send(self) -> None:
        producer = open_producer(self._settings, give_up=self._stop.is_set)
        pacer = Pacer(RATE)
        while not self._stop.is_set():
            producer.poll()
            if (due_in := pacer.due_in()) > 0:
                self._stop.wait(max(due_in, 0.005))
                continue
            pacer.take()
            number = len(self.sent)
            value = self._value(number)
            self.sent.append(value)
            key = b"%d" % (number % KEYS)
            producer.send(
                self._settings.topic, key, value, on_delivery=partial(self._answered, value)
            )
        missing = producer.flush(Deadline(self._flush_s))
        producer.close()
        assert not missing, f"{missing} messages without an answer after {self._flush_s:.0f} s"

    def _answered(self, value: bytes, answer: Delivery | DeliveryFailed) -> None:
        if isinstance(answer, DeliveryFailed):
            self.refused.append(answer)
            return
        self._instants[answer.partition].append(time.monotonic())
        self.acknowledged[value] = Place(answer.partition, answer.offset)


def _longest_gap(instants: list[float], since: float) -> float:
    """Return the longest pause from `since` to now between two instants, which are ascending."""
    around = [since, *instants[bisect_left(instants, since) :], time.monotonic()]
    return max(after - before for before, after in pairwise(around))


class Member:
    """The one member of a group, in a thread: reads, and commits what it has read.

    It never waits for an answer: only what brokers say that they have stored counts as committed.
    """

    def __init__(self, settings: KafkaSettings, group: str) -> None:
        self.events: list[Read | Committed] = []
        self._settings = settings
        self._group = group
        self._stop = threading.Event()
        # Read and not known to be committed; when a commit is sent again.
        self._following: dict[int, int] = {}
        self._unanswered = Deadline(0)
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="member", daemon=True)

    def start(self) -> None:
        """Join the group; return once something was read."""
        self._thread.start()
        wait_until(lambda: self.events or self._failure, 30, "the member reads")

    def reading(self, ends: Mapping[int, int]) -> Reading:
        """Return what it did, once its group has committed everything before `ends`."""
        commits = Commits(self._settings, self._group)
        try:
            wait_until(
                lambda: self._failure or commits.now() == ends, READ_S, f"commits up to {ends}"
            )
        except AssertionError as error:
            raise AssertionError(f"{error}; committed {commits.now()}, {self._state()}") from None
        finally:
            self.stop()
            commits.close()
        if self._failure:
            raise self._failure
        return Reading("member", self.events, dict(ends))

    def _state(self) -> str:
        reached = {e.place.partition: e.place.offset for e in self.events if isinstance(e, Read)}
        return f"read up to {reached}, alive: {self._thread.is_alive()}"

    def stop(self) -> None:
        """Leave the group."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(30)

    def _run(self) -> None:
        config = confluent_consumer(self._settings.bootstrap_servers, self._group)
        member = GroupConsumer(config | {"on_commit": self._committed}, logger=LIBRDKAFKA_LOG)
        try:
            member.subscribe([self._settings.topic], on_assign=lambda *_: self._following.clear())
            while not self._stop.is_set():
                self._process(member, member.consume(_BATCH, 0.1))
        except Exception as error:  # noqa: BLE001 - told to the test by `reading`
            self._failure = error
        finally:
            member.close()

    def _process(self, member: GroupConsumer, batch: list[Record]) -> None:
        for record in batch:
            if record.error() is None:
                message = message_of(record)
                self.events.append(_read(message))
                self._following[message.partition] = message.offset + 1
        if self._following and self._unanswered.expired:
            self._unanswered = Deadline(_AGAIN_S)
            topic = self._settings.topic
            member.commit(
                offsets=[TopicPartition(topic, *each) for each in self._following.items()]
            )

    def _committed(self, error: KafkaError | None, answers: list[TopicPartition]) -> None:
        """Note what brokers have stored, once they say so; what they refuse is sent again."""
        self._unanswered = Deadline(0)
        for at in answers:
            if error is None and at.error is None:
                self.events.append(Committed(at.partition, at.offset))
                if self._following.get(at.partition) == at.offset:
                    del self._following[at.partition]


def read_all(settings: KafkaSettings, group: str) -> Reading:
    """Read the topic from its beginning to its end, by a group of its own that never commits."""
    ends = end_offsets(settings.bootstrap_servers, settings.topic)
    consumer = open_consumer(settings, group)
    events: list[Read | Committed] = []
    reached: dict[int, int] = {}

    def at_the_end() -> bool:
        batch = consumer.fetch(_BATCH, 0.2)
        events.extend(_read(message) for message in batch)
        reached.update((message.partition, message.offset + 1) for message in batch)
        return all(reached.get(partition, 0) >= end for partition, end in ends.items())

    try:
        wait_until(at_the_end, READ_S, f"everything up to {ends} is read")
    finally:
        consumer.close()
    return Reading(group, events, reached)


def _read(message: Message) -> Read:
    return Read(message.value or b"", Place(message.partition, message.offset))
