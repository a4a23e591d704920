"""What the console keeps warm: looked at again and again in a thread, shown by pages and REST."""

import contextvars
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from kafka_workshop import clock
from kafka_workshop.clock import Deadline
from kafka_workshop.errors import Unavailable
from kafka_workshop.logs import Logger

T = TypeVar("T")
Stopping = Callable[[], bool]
STALE_SECONDS = 8.0
_STOP_SECONDS = 1.0


class Stopped(Exception):
    """A look was given up, because the keeper is to stop."""


@dataclass(frozen=True)
class Seen(Generic[T]):
    """The last value, `None` before the first; since when no new one could be had, and why.

    `at_ms` is when the value was taken; `taken` counts the values, so that one can tell a new one
    from the last.
    """

    value: T | None = None
    at_ms: int | None = None
    taken: int = 0
    failing_since_ms: int | None = None
    reason: str = ""
    fresh: Deadline = field(default_factory=lambda: Deadline(STALE_SECONDS))

    @property
    def stale(self) -> bool:
        """Whether what is shown is not the present any more."""
        return self.failing_since_ms is not None or self.fresh.expired

    @property
    def age_ms(self) -> int | None:
        """How long ago the value was taken."""
        return None if self.at_ms is None else max(0, clock.now_ms() - self.at_ms)


class Kept(Generic[T]):
    """Holds what was last `Seen`; written by one thread, read by all.

    A value is the present for `stale_seconds`, unless a look has failed since.
    """

    def __init__(self, stale_seconds: float = STALE_SECONDS) -> None:
        self._stale_seconds = stale_seconds
        self.seen: Seen[T] = Seen(fresh=Deadline(stale_seconds))

    def succeeded(self, value: T) -> None:
        """Take a new value."""
        fresh = Deadline(self._stale_seconds)
        self.seen = Seen(value, clock.now_ms(), self.seen.taken + 1, fresh=fresh)

    def failed(self, reason: str, now_ms: int) -> None:
        """Keep what is known and say since when nothing new is."""
        seen = self.seen
        since = seen.failing_since_ms or now_ms
        self.seen = Seen(seen.value, seen.at_ms, seen.taken, since, reason, seen.fresh)


@dataclass(frozen=True)
class Rhythm:
    """How often to look: every so many seconds, from begin to begin.

    After each look it pauses at least `rest` times as long as the look took, so that a look that
    takes ever longer never takes more than its share of the machine.
    """

    seconds: float
    rest: float = 0.0

    def pause(self, took: float) -> float:
        """Return how many seconds to pause after a look that took so many.

        >>> Rhythm(5.0).pause(1.0), Rhythm(5.0).pause(6.0), Rhythm(5.0, rest=9.0).pause(1.0)
        (4.0, 0.0, 9.0)
        """
        return max(0.0, self.seconds - took, took * self.rest)


def ignored(_seen: object) -> None:
    """Hear of a look and do nothing."""


def nothing() -> None:
    """Close nothing."""


class Keeper(Generic[T]):
    """Looks again and again in a thread of its own, from `start` to `halt`.

    Args:
        name: of the thread, and of what it logs.
        kept: where the values go.
        look: returns a new value. It may ask whether the keeper is stopping, and then raise
            `Stopped`; `Unavailable` says why there is no new value.
        rhythm: how often.
        logger: hears of what nobody foresaw.
        then: is handed what is known after each look, while nobody waits; it raises nothing.
        close: lets go of what the looks held, once there are no more.
    """

    def __init__(
        self,
        name: str,
        kept: Kept[T],
        look: Callable[[Stopping], T],
        rhythm: Rhythm,
        logger: Logger,
        then: Callable[[Seen[T]], None] = ignored,
        close: Callable[[], None] = nothing,
    ) -> None:
        self._name, self._kept, self._look, self._rhythm = name, kept, look, rhythm
        self._logger, self._then, self._close = logger, then, close
        self._wake = threading.Event()
        self._asked = threading.Condition()
        self._begun = self._ended = 0
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin at once."""
        # A daemon, because a request to a silent broker may outlive the wish to stop. It takes the
        # context along, so that what it says is in the language of the environment.
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=run, args=(self._run,), name=self._name, daemon=True)
        self._thread.start()

    def halt(self) -> None:
        """Look no more; the look that is under way may still go on."""
        self._stopping = True
        self._wake.set()

    def ended(self, seconds: float) -> bool:
        """Wait for the last look, and return whether it has ended in time."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def refresh(self, seconds: float) -> bool:
        """Look anew now; return whether a look begun after this call had a value in time."""
        with self._asked:
            wanted = self._begun + 1
            self._wake.set()
            self._asked.wait_for(lambda: self._ended >= wanted, seconds)
            return self._ended >= wanted and self._kept.seen.failing_since_ms is None

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            begun = time.monotonic()
            self.look()
            if not self._stopping:
                self._wake.wait(self._rhythm.pause(time.monotonic() - begun))
        self._close()

    def look(self) -> None:
        """Look once."""
        with self._asked:
            self._begun += 1
            number = self._begun
        try:
            self._kept.succeeded(self._look(lambda: self._stopping))
        except Stopped:
            pass
        except Unavailable as reason:
            self._kept.failed(str(reason), clock.now_ms())
        except Exception as error:  # noqa: BLE001 - the keeper outlives what nobody foresaw, and says so
            self._logger.error(f"{self._name}_failed", error=repr(error))
            self._kept.failed(repr(error), clock.now_ms())
        with self._asked:
            self._ended = number
            self._asked.notify_all()
        if not self._stopping:
            self._then(self._kept.seen)


def stop(*keepers: Keeper[Any]) -> None:
    """Stop them; wait a second at most, for all together, for looks that are under way."""
    for keeper in keepers:
        keeper.halt()
    left = Deadline(_STOP_SECONDS)
    for keeper in keepers:
        keeper.ended(left.remaining)


Refresh = Callable[[float], bool]


def never_fresh(_seconds: float) -> bool:
    """Refresh nothing: there is no keeper."""
    return False
