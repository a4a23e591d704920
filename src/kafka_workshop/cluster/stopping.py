"""The seconds for stopping everything, shared out among those that stop one after the other."""

import time
from collections.abc import Callable, Iterable

# From the order to the last process. A person is promised 15 s, and the command's own end needs
# a moment too.
STOP_S = 13.5
# Of its own time each rank keeps this share, however long those before it take.
_KEPT_SHARE = 0.3


class StopTime:
    """How long each rank may take at most, in the order in which they stop; all in seconds.

    Each has its own time as long as the others need less than theirs, as they do; only where
    several would be killed anyway do the later ones get less.

    >>> now = [0.0]
    >>> times = StopTime([4.0, 4.0, 6.0], seconds=9.0, clock=lambda: now[0])
    >>> times.next()
    4.0
    >>> now[0] = 4.0  # it took all of it
    >>> round(times.next(), 1)
    3.2

    Args:
        wanted: what each rank asks for.
        seconds: what all of them have together.
        clock: a clock that never goes back.
    """

    def __init__(
        self,
        wanted: Iterable[float],
        seconds: float = STOP_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wanted = list(wanted)
        self._clock = clock
        self._end = clock() + seconds

    def next(self) -> float:
        """Return the seconds of the rank that stops now."""
        own = self._wanted.pop(0)
        kept = _KEPT_SHARE * sum(self._wanted)
        return max(0.0, min(own, self._end - self._clock() - kept))
