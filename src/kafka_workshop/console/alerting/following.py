"""Follows the topics of alerts and of decisions: the newest records, then each as it comes."""

from kafka_workshop.console.alerting.known import NEWEST, Alerts, Known
from kafka_workshop.console.following import Followed, Follower
from kafka_workshop.console.keeper import Stopping
from kafka_workshop.messaging.topics import MonitorTopics


class AlertFollower:
    """Follows the alerts of a group about a topic; from one thread."""

    def __init__(self, servers: tuple[str, ...], topic: str, group: str) -> None:
        names, known = MonitorTopics(topic, group), Known()
        self._topic, self._known = names.alerts, known
        self._follower = Follower(
            servers,
            Followed(names.alerts, known.add_alert, known.forget_alerts, NEWEST),
            Followed(names.triage, known.add_decision, known.forget_decisions),
        )
        self.close = self._follower.close

    def look(self, stopping: Stopping) -> Alerts:
        """Read what has come; at first all there is.

        Raises:
            Stopped: it was `stopping` meanwhile.
            Unavailable: no broker answered, or a partition has no leader now.
        """
        self._follower.read(stopping)
        self._known.say_missing(self._topic in self._follower.missing)
        return self._known.shown()
