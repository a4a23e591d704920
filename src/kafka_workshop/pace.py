"""So many a second, without drift, and without a burst after a pause."""

import time
from collections.abc import Callable

from kafka_workshop.shutdown import Stop

# Who is late by more than this starts to count anew instead of catching up.
_FORGIVEN_S = 1.0
# At high rates what falls due within one such wait goes out together.
_SHORTEST_WAIT_S = 0.005
# While waiting, `idle` is called so often: deliveries are logged as they come.
_IDLE_EVERY_S = 0.05


class Pacer:
    """Gives out turns, `rate` a second: the n-th falls due `n / rate` seconds after the first."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._started = clock()
        self._taken = 0

    def due_in(self) -> float:
        """Return the seconds until the next turn, 0 or less if it is due."""
        due_in = self._started + self._taken / self._rate - self._clock()
        if due_in < -_FORGIVEN_S:
            self._started, self._taken, due_in = self._clock(), 0, 0.0
        return due_in

    def take(self) -> None:
        """Take the next turn."""
        self._taken += 1

    def wait(self, stop: Stop, idle: Callable[[], None]) -> bool:
        """Wait for the next turn and take it; return False at once if the end is asked for."""
        while (due_in := self.due_in()) > 0 and not stop.requested:
            idle()
            stop.wait(min(max(due_in, _SHORTEST_WAIT_S), _IDLE_EVERY_S))
        self.take()
        return not stop.requested
