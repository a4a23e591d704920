"""The ledger as the console knows it: kept warm in a thread, shown by a page and by REST."""

import contextvars
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from kafka_workshop import clock
from kafka_workshop.clock import Deadline
from kafka_workshop.errors import Unavailable
from kafka_workshop.ledger.balance import Balance
from kafka_workshop.ledger.scan import Ledger
from kafka_workshop.logs import Logger

EVERY_SECONDS = 2.0
STALE_SECONDS = 8.0
# One look may take so long; a first one that needs more goes on where it was with the next.
_TAKE_SECONDS = 10.0
_STOP_SECONDS = 1.0


@dataclass(frozen=True)
class LedgerView:
    """The last balance, `None` before the first; since when no new one could be taken, and why.

    `taken` counts the balances, so that one can tell a new one from the last.
    """

    balance: Balance | None = None
    taken: int = 0
    failing_since_ms: int | None = None
    reason: str = ""
    fresh: Deadline = field(default_factory=lambda: Deadline(STALE_SECONDS))

    @property
    def stale(self) -> bool:
        """Whether what is shown is not the present any more."""
        return self.failing_since_ms is not None or self.fresh.expired


class LedgerState:
    """Holds the latest `LedgerView`; written by one thread, read by all."""

    def __init__(self) -> None:
        self.view = LedgerView()

    def succeeded(self, balance: Balance) -> None:
        """Take a new balance."""
        self.view = LedgerView(balance, self.view.taken + 1)

    def failed(self, reason: str, now_ms: int) -> None:
        """Keep what is known and say since when nothing new is."""
        view = self.view
        since = view.failing_since_ms or now_ms
        self.view = LedgerView(view.balance, view.taken, since, reason, view.fresh)


class LedgerKeeper:
    """Takes the ledger again and again in a thread of its own, from `start` to `stop`."""

    def __init__(self, state: LedgerState, book: Ledger, logger: Logger) -> None:
        self._state, self._book, self._logger = state, book, logger
        self._wake = threading.Event()
        self._asked = threading.Condition()
        self._begun = self._ended = 0
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin at once."""
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=run, args=(self._run,), name="ledger", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop; wait a second at most for a look that is under way."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)

    def refresh(self, seconds: float) -> bool:
        """Take it anew now; return whether one that began after this call ended in time."""
        with self._asked:
            wanted = self._begun + 1
            self._wake.set()
            self._asked.wait_for(lambda: self._ended >= wanted, seconds)
            return self._ended >= wanted and self._state.view.failing_since_ms is None

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            pause = Deadline(EVERY_SECONDS)
            self.look()
            if not self._stopping:
                self._wake.wait(pause.remaining)
        self._book.close()

    def look(self) -> None:
        """Take the ledger once."""
        with self._asked:
            self._begun += 1
            number = self._begun
        try:
            self._state.succeeded(self._book.take(Deadline(_TAKE_SECONDS)))
        except Unavailable as reason:
            self._state.failed(str(reason), clock.now_ms())
        except Exception as error:  # noqa: BLE001 - the keeper outlives what nobody foresaw, and says so
            self._logger.error("ledger_failed", error=repr(error))
            self._state.failed(repr(error), clock.now_ms())
        with self._asked:
            self._ended = number
            self._asked.notify_all()


Refresh = Callable[[float], bool]


def never_fresh(_seconds: float) -> bool:
    """Refresh nothing: there is no keeper."""
    return False
