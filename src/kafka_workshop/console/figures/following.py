"""Follows the topic of KPIs: what covers the last minute, then each record as it comes."""

from kafka_workshop import clock
from kafka_workshop.console.figures.known import Figures, Known
from kafka_workshop.console.following import Followed, Follower
from kafka_workshop.console.keeper import Stopping
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.topics import MonitorTopics

# A stage commits ten times a second; then each of six partitions has a record, and each commit a
# marker.
_NEWEST = 8_000


class FigureFollower:
    """Follows the KPIs of a group about a topic; from one thread."""

    def __init__(self, servers: tuple[str, ...], topic: str, group: str) -> None:
        self._topic, self._known = MonitorTopics(topic, group).kpis, Known()
        kpis = Followed(self._topic, self._add, self._known.forget, _NEWEST)
        self._follower = Follower(servers, kpis)
        self.close = self._follower.close

    def look(self, stopping: Stopping) -> Figures:
        """Read what has come; at first what covers the last minute.

        Raises:
            Stopped: it was `stopping` meanwhile.
            Unavailable: no broker answered, or a partition has no leader now.
        """
        self._follower.read(stopping)
        self._known.say_missing(self._topic in self._follower.missing)
        return self._known.shown(clock.now_ms())

    def _add(self, record: Message) -> None:
        self._known.add(record, clock.now_ms())
