"""Who the controller is: with KRaft the brokers' metadata names any broker, the quorum its leader.

Each broker of a KRaft cluster passes the question on to the active controller; one that has
ZooKeeper does not know the question.
"""

from dataclasses import dataclass
from typing import Any

from kafka.errors import IncompatibleBrokerVersion

from kafka_workshop.clock import Deadline
from kafka_workshop.console.coordination import Line
from kafka_workshop.console.model import KRAFT, ZOOKEEPER


@dataclass(frozen=True)
class Quorum:
    """How the brokers coordinate; with KRaft, the id of the node that leads."""

    coordination: str
    leader: int | None = None


class QuorumWatch:
    """Asks `servers` again and again who leads, and keeps the last answer."""

    def __init__(self, servers: tuple[str, ...]) -> None:
        self._line: Line[Quorum] = Line("quorum", servers, _quorum)
        self.known: Quorum | None = None

    def ask(self) -> None:
        """Ask, unless an answer is awaited already; return at once."""
        self._line.ask()

    def answer(self, deadline: Deadline) -> Quorum | None:
        """Return the newest answer; the one before if none came in time."""
        self.known = self._line.answer(deadline) or self.known
        return self.known


def _quorum(admin: Any) -> Quorum:
    try:
        described = admin.describe_metadata_quorum()
    except IncompatibleBrokerVersion:
        return Quorum(ZOOKEEPER)
    leader = described["topics"][0]["partitions"][0]["leader_id"]
    return Quorum(KRAFT, leader if leader >= 0 else None)
