"""When a transaction is committed: one policy for every published figure."""

import time
from collections.abc import Callable
from math import inf

# Without a backlog a message waits so long at most for its transaction to end, an alert less: there
# are few, and somebody waits for them. So alerts come early without twice as many transactions.
CAUGHT_UP_S, ALERT_S = 0.1, 0.01
# In a backlog fewer, larger transactions: an account that moved often is written once.
BACKLOG_S = 1.0
# Whatever comes first: memory is bounded too.
MOST_MESSAGES, MOST_BYTES = 100_000, 8 * 2**20


class CommitPolicy:
    """Says when to commit; the clock is handed in, seconds that only grow.

    >>> now = 0.0
    >>> policy = CommitPolicy(lambda: now)
    >>> policy.began(); policy.due(caught_up=True, messages=1, size=0)
    False
    >>> now = 0.1
    >>> policy.due(caught_up=True, messages=1, size=0), policy.due(False, 1, 0)
    (True, False)
    >>> policy.ended(); policy.began(alert=True)
    >>> now = 0.15
    >>> policy.due(caught_up=True, messages=1, size=0), policy.due(False, 1, 0)
    (True, False)
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._alerted: float | None = None

    def began(self, alert: bool = False) -> None:
        """Note that there is something to commit, or even an alert."""
        if self._since is None:
            self._since = self._clock()
        if alert and self._alerted is None:
            self._alerted = self._clock()

    def ended(self) -> None:
        """Note that there is nothing to commit any more."""
        self._since = self._alerted = None

    def due(self, caught_up: bool, messages: int, size: int) -> bool:
        """Return whether to commit now `messages` whose records have `size` bytes."""
        if self._since is None:
            return False
        if messages >= MOST_MESSAGES or size >= MOST_BYTES:
            return True
        now = self._clock()
        return now >= (self._at() if caught_up else self._since + BACKLOG_S)

    def wait(self, seconds: float) -> float:
        """Return for how many of `seconds` one may wait for messages, if there are none."""
        return min(seconds, max(0.0, self._at() - self._clock()))

    def _at(self) -> float:
        """Return when to commit without a backlog."""
        message = inf if self._since is None else self._since + CAUGHT_UP_S
        return message if self._alerted is None else min(message, self._alerted + ALERT_S)
