"""How many records lie between two offsets: fewer than the difference where offsets have gaps.

Transactions leave markers in the log and aborted records that nobody reads; both take offsets.
"""

from bisect import bisect_left


class Extent:
    """What was read of one partition: from `start` to `end`, and the offsets without a record.

    >>> extent = Extent(10)
    >>> for offset in (10, 11, 14):
    ...     extent.take(offset)
    >>> extent.pass_to(17)
    >>> extent.records(10, 17), extent.records(11, 14)
    (3, 1)
    """

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start
        # Of each gap the offset after it, and how many offsets all gaps up to it have swallowed.
        self._after: list[int] = []
        self._swallowed: list[int] = [0]
        self._begins: list[int] = []

    def take(self, offset: int) -> None:
        """Note a record, and that there is none between it and the one before."""
        self.pass_to(offset)
        self.end = offset + 1

    def pass_to(self, offset: int) -> None:
        """Note that there is no record from where we are up to below `offset`."""
        if offset > self.end:
            self._begins.append(self.end)
            self._after.append(offset)
            self._swallowed.append(self._swallowed[-1] + offset - self.end)
            self.end = offset

    def forget_before(self, offset: int) -> None:
        """Count nothing below `offset` any more: retention has removed it."""
        self.start = max(self.start, min(offset, self.end))

    def records(self, first: int, until: int) -> int:
        """Return how many records there are in [first, until), as far as was read."""
        first, until = max(first, self.start), min(until, self.end)
        return self._below(until) - self._below(first) if first < until else 0

    def _below(self, offset: int) -> int:
        """Return `offset` less the gaps below it; only differences mean anything."""
        whole = bisect_left(self._after, offset)  # gaps that end before it
        within = 0
        if whole < len(self._begins) and self._begins[whole] < offset:
            within = offset - self._begins[whole]
        return offset - self._swallowed[whole] - within
