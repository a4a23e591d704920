"""A reader without Kafka: it serves a list of records the way the real one does."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from kafka_workshop import logs
from kafka_workshop.console.access.hiding import hidden_now
from kafka_workshop.console.actions import Acknowledged, Actions
from kafka_workshop.console.frame import Console
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.managing.bounds import Bounds
from kafka_workshop.console.managing.inspector import Inspector
from kafka_workshop.console.managing.settings import Setting
from kafka_workshop.console.model import Broker, Partition, Snapshot, Topic
from kafka_workshop.console.outgoing import Numbered, Outgoing
from kafka_workshop.console.reading import Query, Reader, Report
from kafka_workshop.console.records import Record, seen
from kafka_workshop.console.searching import Search
from kafka_workshop.console.sending import Progress
from kafka_workshop.console.spans import Remaining
from kafka_workshop.console.tail import Arrival, Tail
from tests.console.visiting import LOG, SETTINGS

NOON = 1_767_268_800_000  # 2026-01-01T12:00:00Z
TOPIC = "orders"


def record(
    offset: int,
    value: bytes | None,
    key: bytes | None = b"k",
    headers: tuple[tuple[str, bytes | None], ...] = (),
    partition: int = 0,
) -> Record:
    """A record; each offset is a second after the one before."""
    size = len(key or b"") + len(value or b"")
    return Record(partition, offset, NOON + offset * 1000, key, value, headers, size)


class PlantedTail(Tail):
    """A tail that brings what a test put into `coming`."""

    def __init__(self) -> None:
        super().__init__((), TOPIC, None, threading.BoundedSemaphore())
        self.coming: list[Record] = []
        self.open = False

    def start(self) -> None:
        self.open = True

    def poll(self, wanted: Callable[[Record], bool] = lambda _: True) -> Arrival:
        arrived, self.coming = self.coming, []
        return Arrival(tuple(r for r in arrived if wanted(r)), 0, len(arrived))

    def close(self) -> None:
        self.open = False


class PlantedReader(Reader):
    """Reads `records` (by offset, of partition 0); one go of a search reads `at_once` of them."""

    def __init__(self, records: Sequence[Record], at_once: int = 1_000) -> None:
        super().__init__(SETTINGS.bootstrap_servers)
        # As the real one makes them: masked for whoever asks.
        records = [seen(record, hidden_now()) for record in records]
        self.records, self._at_once = list(records), at_once
        self.live = PlantedTail()
        self.asked: list[object] = []

    def tail(self, topic: str, partition: int | None = None) -> Tail:
        self.asked.append((topic, partition))
        return self.live

    def read(self, query: Query, cancel: threading.Event | None = None) -> Report:
        self.asked.append((query, cancel))
        newest = self.records[-query.count :]
        size = sum(r.size for r in newest)
        return Report(tuple(newest), len(newest), size, len(self.records), "end")

    def search(self, search: Search, query: Query, cancel: threading.Event | None = None) -> None:
        self.asked.append((query, cancel))
        if search.left is None:
            search.begin({0: (0, len(self.records))})
        assert search.left is not None
        ((_, (low, high)),) = search.left.piece(self._at_once, backwards=True).items()
        for each in self.records[low:high]:
            search.take(each)
        search.left = Remaining(search.left.without({0: (low, high)}).spans)
        search.stopped = "messages" if search.left.spans else "end"


class PlantedActions(Actions):
    """Writes nothing, and remembers what it was asked to write."""

    def __init__(self) -> None:
        super().__init__(ClusterGateway(SETTINGS.bootstrap_servers), logs.configure(LOG, "test"))
        self.written: list[Outgoing] = []

    def produce(self, outgoing: Outgoing) -> Acknowledged:
        self.written.append(outgoing)
        return Acknowledged(outgoing.partition or 0, len(self.written) - 1)

    def import_messages(
        self, topic: str, messages: Sequence[Numbered], progress: Progress
    ) -> Progress:
        assert {message.outgoing.topic for message in messages} == {topic}
        self.written += [message.outgoing for message in messages]
        progress.acknowledged = len(messages)
        return progress


class PlantedInspector(Inspector):
    """Tells what a test has planted."""

    def __init__(
        self,
        topic: tuple[Setting, ...] = (),
        broker: tuple[Setting, ...] = (),
        bounds: Bounds | None = None,
    ) -> None:
        super().__init__(ClusterGateway(SETTINGS.bootstrap_servers))
        self._topic, self._broker, self._bounds = topic, broker, bounds or {}

    def bounds(self, topic: str) -> Bounds:
        assert topic == TOPIC
        return self._bounds

    def topic_settings(self, topic: str, broker: int | None) -> tuple[Setting, ...]:
        assert (topic, broker) == (TOPIC, 1)
        return self._topic

    def broker_settings(self, broker: int) -> tuple[Setting, ...]:
        assert broker == 1
        return self._broker


def snapshot(topics: Sequence[str] = (TOPIC,), count: int = 0) -> Snapshot:
    """A cluster of one broker with these topics, `count` offsets in each."""
    broker = Broker(1, "broker-1", 9091, controller=True)
    known = tuple(Topic(n, (Partition(0, 1, (1,), (1,), 0, count),)) for n in topics)
    return Snapshot(NOON, "id", (broker,), known, ())


def planted(
    reader: Reader, actions: Actions | None = None, topics: Sequence[str] = (TOPIC,)
) -> Callable[[Console], Console]:
    """Return what gives a console another reader, other actions, and topics that it knows."""

    def prepared(console: Console) -> Console:
        console.state.succeeded(snapshot(topics))
        return replace(console, reader=reader, actions=actions or console.actions)

    return prepared
