"""Reads what a score needs from its topics, on from where it stopped; commits nothing.

Where a topic ends before what was read of it, somebody has made it anew: then all is read again.

The labels are read before the alerts, so that an alert about what a label speaks of is not missed
for having come a moment later.
"""

from collections.abc import Callable

from kafka_workshop.domain.label import CompleteUntil, Label, LabelRecord
from kafka_workshop.errors import Undecodable
from kafka_workshop.messaging.admin import end_offsets
from kafka_workshop.messaging.alert_codec import decode_alert
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.codec import decode
from kafka_workshop.messaging.committed import Read, ignored, read
from kafka_workshop.messaging.label_codec import decode_label
from kafka_workshop.messaging.topics import MonitorTopics, labels_topic
from kafka_workshop.monitor.score.known import Known

Take = Callable[[Message], None]


class Topics:
    """The alerts of a group about a topic, and the topic's labels.

    Attributes:
        known: all that was read so far.
        missing: names of those of the topics that did not exist at the last reading.
        undecodable: records that are no alert or label.
    """

    def __init__(self, servers: tuple[str, ...], topic: str, group: str) -> None:
        self.known = Known()
        self.missing: list[str] = []
        self.undecodable = 0
        self.labels = labels_topic(topic)
        self.alerts = MonitorTopics(topic, group).alerts
        self._servers, self._topic = servers, topic
        self._positions: dict[str, dict[int, int]] = {}
        # By partition, because each one says for itself how far its labels are complete.
        self._complete: dict[int, int] = {}

    def read_on(self, on_read: Read = ignored) -> Known:
        """Read what is new and return all that is known.

        Raises:
            BrokersUnavailable: no broker answered.
            Unavailable: a partition has no leader now, or nothing came for half a minute.
            Exception: `on_read` raised it; what was read before is kept for the next time.
        """
        while not self._read_all(on_read):
            self._forget()
        self.known.complete_until = min(self._complete.values(), default=0)
        return self.known

    def _read_all(self, on_read: Read) -> bool:
        """Read to the ends of now; return whether the topics are still those we know."""
        self.missing = []
        if self.known.since is None:
            self.known.since = self._first_event(on_read)
        topics = ((self.labels, self._label), (self.alerts, self._alert))
        return all(self._read(topic, take, on_read) for topic, take in topics)

    def _forget(self) -> None:
        self.known, self.undecodable = Known(), 0
        self._positions.clear()
        self._complete.clear()

    def _read(self, topic: str, take: Take, on_read: Read) -> bool:
        ends = end_offsets(self._servers, topic)
        if not ends:
            self.missing.append(topic)
            return True
        positions = self._positions.setdefault(topic, {})
        if any(at > ends.get(p, 0) for p, at in positions.items()):
            return False  # made anew, as by `monitor reset`
        positions.update((p, 0) for p in ends if p not in positions)
        if topic == self.labels:
            self._complete.update((p, 0) for p in ends if p not in self._complete)
        for record in read(self._servers, topic, positions, on_read=on_read, ends=ends):
            positions[record.partition] = record.offset + 1
            try:
                take(record)
            except Undecodable:
                self.undecodable += 1
        return True

    def _label(self, record: Message) -> None:
        said: LabelRecord = decode_label(record.value)
        if isinstance(said, Label):
            self.known.add_label(said)
        elif isinstance(said, CompleteUntil):
            until = max(self._complete[record.partition], said.until)
            self._complete[record.partition] = until

    def _alert(self, record: Message) -> None:
        self.known.add_alert(decode_alert(record.value))

    def _first_event(self, on_read: Read) -> int | None:
        """Return when the oldest transaction of the log occurred; None if there is none."""
        found: list[int] = []
        for partition in end_offsets(self._servers, self._topic):
            for record in read(self._servers, self._topic, {partition: 0}, on_read=on_read):
                try:
                    found.append(decode(record.value).occurred_at)
                except Undecodable:
                    continue
                break
        return min(found, default=None)
