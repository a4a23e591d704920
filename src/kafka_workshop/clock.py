"""Time in one place: UTC for what is told, monotonic for what is waited for."""

import time
from dataclasses import dataclass, field


def now_ms() -> int:
    """Return the wall clock as integer milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Deadline:
    """One time budget, in seconds, shared by several steps."""

    seconds: float
    _started: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        """Seconds since the deadline was set."""
        return time.monotonic() - self._started

    @property
    def remaining(self) -> float:
        """Seconds that are left, never negative."""
        return max(0.0, self.seconds - self.elapsed)

    @property
    def expired(self) -> bool:
        """Whether the budget is used up."""
        return self.remaining == 0.0
