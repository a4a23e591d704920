"""Which partitions are ours, and which offsets are processed but not committed yet."""

from collections.abc import Iterable, Mapping

from kafka_workshop.messaging.client import Message


class Offsets:
    """The bookkeeping behind the offset contract of `client.Consumer`, for one topic.

    >>> offsets = Offsets()
    >>> offsets.own({0})
    >>> offsets.note(Message("t", 0, 41, 0, None, None)); offsets.uncommitted
    {0: 42}
    >>> offsets.give_away({0}); offsets.uncommitted
    {}
    """

    def __init__(self) -> None:
        self.owned: frozenset[int] = frozenset()
        self.joined = False
        self._next: dict[int, int] = {}
        self._committed: dict[int, int] = {}

    def own(self, partitions: Iterable[int]) -> None:
        """Add partitions that the group gave us."""
        self.joined = True
        self.owned |= frozenset(partitions)

    def give_away(self, partitions: Iterable[int]) -> None:
        """Remove partitions; what is uncommitted of them is their new owner's to read again."""
        gone = frozenset(partitions)
        self.owned -= gone
        for partition in gone:
            self._next.pop(partition, None)
            self._committed.pop(partition, None)

    def note(self, message: Message) -> None:
        """Note that `message` is processed, if its partition is still ours."""
        partition, following = message.partition, message.offset + 1
        if partition in self.owned and following > self._next.get(partition, 0):
            self._next[partition] = following

    @property
    def uncommitted(self) -> dict[int, int]:
        """For each partition with something to commit: the offset after the last processed."""
        # A copy first: a rebalance may be served on another thread meanwhile.
        return {p: at for p, at in list(self._next.items()) if self._committed.get(p) != at}

    def committed(self, offsets: Mapping[int, int]) -> None:
        """Note that the brokers stored these."""
        self._committed.update((p, at) for p, at in offsets.items() if p in self.owned)
