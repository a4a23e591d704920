"""How often a service that ends by itself is started again, and after which delay."""

from collections import deque

RESTARTS, WINDOW_S, LONGEST_DELAY_S = 5, 60.0, 15.0


class RestartBudget:
    """At most `RESTARTS` restarts in `WINDOW_S` seconds of work, each after a longer delay.

    Work is the time for which it was ready. Waits and starts do not count: a broker's take longer
    than any such window, and one that dies as soon as it is ready would never be given up.
    """

    def __init__(self, first_delay: float) -> None:
        self._first_delay = first_delay
        self._times: deque[float] = deque()

    def take(self, worked: float) -> float | None:
        """Return the seconds to wait before a restart; None if the budget is used up.

        `worked` is how long the service has worked until now, all its lives together, in seconds.
        """
        while self._times and worked - self._times[0] > WINDOW_S:
            self._times.popleft()
        if len(self._times) >= RESTARTS:
            return None
        self._times.append(worked)
        return float(min(LONGEST_DELAY_S, self._first_delay * 2 ** (len(self._times) - 1)))
