"""What both clients' consumers share: the book of a group's member, and when it is written."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from kafka_workshop.clock import Deadline
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.offsets import Offsets, Position
from kafka_workshop.messaging.tally import Tally

_COMMIT_S = 1.5


class GroupMember(ABC):
    """The half of `client.Consumer` that is bookkeeping; a library does the reading and writing."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._offsets = Offsets()

    def processed(self, message: Message, dead: bool = False) -> None:
        """See `client.Consumer.processed`."""
        self._offsets.note(message, dead)

    def commit(self) -> int:
        """See `client.Consumer.commit`."""
        deadline = Deadline(_COMMIT_S)
        unknown = self._offsets.unknown
        if unknown:
            self._offsets.restore(self._read_tallies(unknown, deadline))
        wanted = self._offsets.pending
        if wanted:
            stored = self._store(wanted, deadline)
            self._offsets.committed({p: wanted[p].offset for p in stored})
        return len(self._offsets.uncommitted)

    @abstractmethod
    def _read_tallies(
        self, partitions: frozenset[int], deadline: Deadline
    ) -> Mapping[int, Tally | None]:
        """Return what is committed with our group's offsets, where it can be read in time.

        `None` for a partition on which the group has never committed.
        """

    @abstractmethod
    def _store(self, positions: Mapping[int, Position], deadline: Deadline) -> frozenset[int]:
        """Commit offsets, each with its tally; return the partitions where it is known to be."""

    @property
    def joined(self) -> bool:
        """See `client.Consumer.joined`."""
        return self._offsets.joined

    def assignment(self) -> frozenset[int]:
        """See `client.Consumer.assignment`."""
        return self._offsets.owned
