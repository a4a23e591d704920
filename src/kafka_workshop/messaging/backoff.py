"""How long to wait before trying again."""

import random


class Backoff:
    """Waits that double up to a cap, each shortened at random so that clients don't march in step.

    Each wait is between half and all of `first * 2**n`, at most `cap`; all in seconds.

    >>> backoff = Backoff(first=0.5, cap=4.0, generator=random.Random(1))
    >>> [round(backoff.next(), 1) for _ in range(5)]
    [0.3, 0.9, 1.8, 2.5, 3.0]
    """

    def __init__(
        self, first: float = 0.5, cap: float = 8.0, generator: random.Random | None = None
    ) -> None:
        self._first = first
        self._cap = cap
        self._ceiling = first
        # Jitter has nothing to hide: it only spreads retries.
        self._generator = generator or random.Random()  # noqa: S311

    def next(self) -> float:
        """Return how many seconds to wait this time."""
        ceiling, self._ceiling = self._ceiling, min(self._cap, self._ceiling * 2)
        return ceiling * self._generator.uniform(0.5, 1.0)

    def reset(self) -> None:
        """Start again from the first, shortest wait: something worked."""
        self._ceiling = self._first
