"""How fast counters grow: of each, over the last few seconds in which it was read."""

from collections import deque
from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
RATE_WINDOW_MS = 12_000


class Meter(Generic[K]):
    """Keeps what counters stood at, for a window, and reckons how much they grow a second.

    >>> meter = Meter[str]()
    >>> meter.take(1_000, {"a": 10}), meter.take(3_000, {"a": 30, "b": 5})
    ({}, {'a': 10.0})
    """

    def __init__(self) -> None:
        self._history: deque[tuple[int, Mapping[K, int]]] = deque()

    def take(self, now_ms: int, counts: Mapping[K, int]) -> dict[K, float]:
        """Take what was read at `now_ms`; return the rates of what was read before, too."""
        self._history.append((now_ms, counts))
        while now_ms - self._history[0][0] > RATE_WINDOW_MS:
            self._history.popleft()
        found = {key: self._rate(key, count, now_ms) for key, count in counts.items()}
        return {key: rate for key, rate in found.items() if rate is not None}

    def forget(self) -> None:
        """Begin anew: a rate across a gap would be a guess."""
        self._history.clear()

    def _rate(self, key: K, count: int, now_ms: int) -> float | None:
        then_ms, before = next((at, counts[key]) for at, counts in self._history if key in counts)
        if now_ms <= then_ms:
            return None
        # What was deleted and made again starts at 0: a negative rate is no rate.
        return max(0, count - before) * 1000 / (now_ms - then_ms)
