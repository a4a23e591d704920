"""How often somebody may be wrong about a password."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

WINDOW_SECONDS = 60.0
FAILURES_PER_NAME, FAILURES_IN_ALL = 5, 50
_NAMES = 1_000


class Failures:
    """The failed attempts of the last minute, of each name and of all together.

    >>> failures = Failures(lambda: 0.0)
    >>> for _ in range(5): failures.add("ana")
    >>> failures.wait_seconds("ana"), failures.wait_seconds("olga")
    (60, 0)
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._lock = now, threading.Lock()
        self._all: deque[float] = deque(maxlen=FAILURES_IN_ALL)
        self._names: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_seconds(self, name: str) -> int:
        """Return how long until another attempt is heard; 0 for at once."""
        with self._lock:
            of_name = self._names.get(name, deque(maxlen=FAILURES_PER_NAME))
            return max(self._left(of_name), self._left(self._all))

    def add(self, name: str) -> None:
        """Count a failure."""
        with self._lock:
            now = self._now()
            self._all.append(now)
            self._names.setdefault(name, deque(maxlen=FAILURES_PER_NAME)).append(now)
            self._names.move_to_end(name)
            while len(self._names) > _NAMES:
                self._names.popitem(last=False)

    def _left(self, times: deque[float]) -> int:
        if len(times) < (times.maxlen or 0):
            return 0
        left = times[0] + WINDOW_SECONDS - self._now()
        return max(0, int(left) + (left > int(left)))
