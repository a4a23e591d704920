"""When a transaction is committed: one policy for every published figure."""

import time
from collections.abc import Callable

# Without a backlog an alert waits so long at most for its transaction to end.
CAUGHT_UP_S = 0.1
# In a backlog fewer, larger transactions: an account that moved often is written once.
BACKLOG_S = 1.0
# Whatever comes first: memory is bounded too.
MOST_MESSAGES, MOST_BYTES = 50_000, 8 * 2**20


class CommitPolicy:
    """Says when to commit; the clock is handed in, seconds that only grow.

    >>> now = 0.0
    >>> policy = CommitPolicy(lambda: now)
    >>> policy.began(); policy.due(caught_up=True, messages=1, size=0)
    False
    >>> now = 0.1
    >>> policy.due(caught_up=True, messages=1, size=0), policy.due(False, 1, 0)
    (True, False)
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None

    def began(self) -> None:
        """Note that there is something to commit."""
        if self._since is None:
            self._since = self._clock()

    def ended(self) -> None:
        """Note that there is nothing to commit any more."""
        self._since = None

    def due(self, caught_up: bool, messages: int, size: int) -> bool:
        """Return whether to commit now `messages` whose records have `size` bytes."""
        if self._since is None:
            return False
        if messages >= MOST_MESSAGES or size >= MOST_BYTES:
            return True
        return self._clock() - self._since >= (CAUGHT_UP_S if caught_up else BACKLOG_S)

    def wait(self, seconds: float) -> float:
        """Return for how many of `seconds` one may wait for messages, if there are none."""
        if self._since is None:
            return seconds
        return min(seconds, max(0.0, self._since + CAUGHT_UP_S - self._clock()))
