"""A log in memory, with a producer that can be killed: for properties over very many restarts.

What Kafka itself promises (order within a partition, answers after storing) is all that it keeps;
`tests/contract` has the same on the real cluster.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import NamedTuple

from kafka.partitioner import murmur2

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import DeliveryFailed
from kafka_workshop.ledger.reader import Place, Reader
from kafka_workshop.messaging.client import Delivery, Headers, Message, OnDelivery

PARTITIONS = 6
Refuse = Callable[[str, bytes | None], bool]


class Log:
    """Topics with their partitions, and every record in the order in which it was stored."""

    def __init__(self) -> None:
        self.partitions: defaultdict[Place, list[Message]] = defaultdict(list)
        self.stored: list[Message] = []

    def append(self, place: Place, key: bytes | None, value: bytes | None, h: Headers) -> Message:
        message = Message(*place, len(self.partitions[place]), 0, key, value, h)
        self.partitions[place].append(message)
        self.stored.append(message)
        return message

    def of(self, topic: str) -> list[Message]:
        return [message for message in self.stored if message.topic == topic]


class _Queued(NamedTuple):
    key: bytes | None
    value: bytes | None
    headers: Headers
    on_delivery: OnDelivery | None


class MemoryProducer:
    """`client.Producer` on a log; `refuse` says of a topic and key whether it fails this time."""

    def __init__(self, log: Log, refuse: Refuse = lambda _topic, _key: False) -> None:
        self._log, self._refuse = log, refuse
        self._queues: defaultdict[Place, deque[_Queued]] = defaultdict(deque)

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
        on_delivery: OnDelivery | None = None,
        partition: int | None = None,
    ) -> None:
        to = murmur2(key or b"") % 2**31 % PARTITIONS if partition is None else partition
        self._queues[topic, to].append(_Queued(key, value, headers, on_delivery))

    def poll(self) -> None:
        for place, queue in list(self._queues.items()):
            self._store(place, queue, len(queue))

    def some(self, random: Random) -> None:
        """Store and answer a part of what waits, of each partition its beginning."""
        for place, queue in list(self._queues.items()):
            self._store(place, queue, random.randint(0, len(queue)))

    def kill(self, random: Random) -> None:
        """Store a part of what waits, and answer nothing any more."""
        for place, queue in self._queues.items():
            for _ in range(random.randint(0, len(queue))):
                record = queue.popleft()
                self._log.append(place, record.key, record.value, record.headers)
        self._queues.clear()

    def _store(self, place: Place, queue: deque[_Queued], count: int) -> None:
        for _ in range(count):
            record = queue.popleft()
            answer: Delivery | DeliveryFailed = DeliveryFailed("refused")
            if not self._refuse(place[0], record.key):
                stored = self._log.append(place, record.key, record.value, record.headers)
                answer = Delivery(*place, stored.offset)
            if record.on_delivery is not None:
                record.on_delivery(answer)

    @property
    def in_flight(self) -> int:
        return sum(map(len, self._queues.values()))

    def flush(self, deadline: Deadline) -> int:
        assert not deadline.expired
        self.poll()
        return self.in_flight

    def close(self) -> None:
        self._queues.clear()


class MemoryReader(Reader):
    """`Reader` on a log; counts what it reads of each topic."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.counts: defaultdict[str, int] = defaultdict(int)

    def places(self, topics: Iterable[str], deadline: Deadline) -> list[Place]:
        assert not deadline.expired
        return [(topic, partition) for topic in topics for partition in range(PARTITIONS)]

    def starts(self, places: Iterable[Place], deadline: Deadline) -> dict[Place, int]:
        assert not deadline.expired
        return dict.fromkeys(places, 0)

    def ends(self, places: Iterable[Place], deadline: Deadline) -> dict[Place, int]:
        assert not deadline.expired
        return {place: len(self._log.partitions[place]) for place in places}

    def read(
        self,
        positions: dict[Place, int],
        ends: Mapping[Place, int],
        take: Callable[[Message], None],
        deadline: Deadline,
    ) -> None:
        assert not deadline.expired
        for place, end in ends.items():
            for message in self._log.partitions[place][positions[place] : end]:
                self.counts[place[0]] += 1
                take(message)
            positions[place] = end
