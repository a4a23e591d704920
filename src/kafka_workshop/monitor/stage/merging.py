"""The partitions that a member reads, merged into one stream in the order of sending.

Accounts of every partition meet again at a place (a terminal, a merchant), which stage merchant
judges in the order in which it is told. A client hands a backlog out a chunk of a partition at a
time: unmerged, a place would hear weeks of some accounts before the first day of others. So the
record that was sent first goes first, and a partition that has more to read is waited for, as Kafka
Streams does (KIP-353, KIP-695). It holds within one member; nobody waits for another member.
"""

import math
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from heapq import heapify, heappop, heapreplace

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka import Message as Record

from kafka_workshop.clock import Deadline
from kafka_workshop.messaging.stage_clients.contract import Reader
from kafka_workshop.monitor.stage.takeover import go_to

# One that has more and gives nothing (its broker may be dead) is waited for so long, then no more
# until it has caught up: alerts of the others shall not come much later for it.
PATIENCE_S = 5.0
# So many records are held at most; of partitions that hold some nothing more is read meanwhile.
MOST_HELD = 30_000


class _Lane:
    """A partition: the next offset to come, and what came and waits for its turn."""

    def __init__(self, place: TopicPartition) -> None:
        self.place = place
        self.next = place.offset
        # When the newest record was sent, ms UTC: no later one was sent before, as a rule.
        self.newest = -math.inf
        self.held: deque[tuple[float, Record]] = deque()
        self.patience: Deadline | None = None
        self.paused = False

    def add(self, record: Record) -> None:
        """Hold a record."""
        # A clock that was set back does not make a partition wait for its own past.
        self.newest = max(self.newest, record.timestamp()[1])
        self.held.append((self.newest, record))
        self.next = (record.offset() or 0) + 1
        if self.patience is not None and not self.patience.expired:
            self.patience = None


class Merging:
    """Holds records back until it is their turn; with `waits` off it hands out what comes."""

    def __init__(self, consumer: Reader, waits: bool, patience_s: float = PATIENCE_S) -> None:
        self._consumer = consumer
        self._waits = waits
        self._patience_s = patience_s
        self._lanes: dict[tuple[str | None, int | None], _Lane] = {}

    @property
    def held(self) -> int:
        """How many records wait for their turn."""
        return sum(len(lane.held) for lane in self._lanes.values())

    def go_to(self, place: TopicPartition) -> None:
        """Read on from a place of a partition that is ours; what is held of it is forgotten.

        Raises:
            ServiceFailed: that does not work.
        """
        go_to(self._consumer, place)
        self.begin(place)

    def begin(self, place: TopicPartition) -> None:
        """Expect records from a place on; what is held of the partition is forgotten."""
        before = self._lanes.get((place.topic, place.partition))
        if before is not None and before.paused:
            self._consumer.resume([place])
        self._lanes[place.topic, place.partition] = _Lane(place)

    def end(self, places: Iterable[TopicPartition]) -> None:
        """Expect nothing more of partitions, and forget what is held of them."""
        for place in places:
            self._lanes.pop((place.topic, place.partition), None)

    def turn(self, records: list[Record], most: int) -> list[Record]:
        """Take records that came; return up to `most` whose turn it is, of these or earlier ones.

        What came of a partition that has not begun is left out: it is not ours.
        """
        if not self._waits:
            return records
        for record in records:
            lane = self._lanes.get((record.topic(), record.partition()))
            if lane is not None:
                lane.add(record)
        found = self._merged(most)
        self._throttle()
        return found

    def _merged(self, most: int) -> list[Record]:
        found: list[Record] = []
        lanes = list(self._lanes.values())
        heads = [(lane.held[0][0], n) for n, lane in enumerate(lanes) if lane.held]
        if not heads:
            return found
        heapify(heads)
        until = min((self._floor(lane) for lane in lanes if not lane.held), default=math.inf)
        while heads and len(found) < most and heads[0][0] <= until:
            number = heads[0][1]
            held = lanes[number].held
            found.append(held.popleft()[1])
            if held:
                heapreplace(heads, (held[0][0], number))
            else:
                heappop(heads)
                until = min(until, self._floor(lanes[number]))
        return found

    def _floor(self, lane: _Lane) -> float:
        """Return when the next record of a partition was sent at the earliest, if it has any."""
        if self._at_end(lane):
            lane.patience = None
            return math.inf
        lane.patience = lane.patience or Deadline(self._patience_s)
        return math.inf if lane.patience.expired else lane.newest

    def _at_end(self, lane: _Lane) -> bool:
        # As of the last answer of its broker: that costs no request. At first nothing is known.
        with suppress(KafkaException):
            low, high = self._consumer.get_watermark_offsets(lane.place, cached=True)
            return 0 <= high <= max(lane.next, low)
        return False

    def _throttle(self) -> None:
        full = self.held >= MOST_HELD
        for lane in self._lanes.values():
            if full and lane.held and not lane.paused:
                self._consumer.pause([lane.place])
                lane.paused = True
            elif lane.paused and not lane.held:
                self._consumer.resume([lane.place])
                lane.paused = False
