"""Calls into client libraries that may block for as long as brokers are away."""

import threading
from collections.abc import Callable

from kafka_workshop.clock import Deadline


class OneAtATime:
    """Runs calls on a thread, one after another, and waits for each only so long.

    While one is still stuck no other starts, so an old one can't overtake a newer one. The
    threads are daemons: the end of the program doesn't wait for them.
    """

    def __init__(self) -> None:
        self._stuck: threading.Thread | None = None

    def run(self, call: Callable[[], None], seconds: float) -> bool:
        """Run `call`, wait at most `seconds`, return whether it ended in time."""
        deadline = Deadline(seconds)
        if self._stuck is not None and not self._ended(self._stuck, deadline):
            return False
        thread = threading.Thread(target=call, daemon=True)
        thread.start()
        return self._ended(thread, deadline)

    def idle(self, seconds: float) -> bool:
        """Wait at most `seconds` for a call that is stuck; return whether none is."""
        return self._stuck is None or self._ended(self._stuck, Deadline(seconds))

    def _ended(self, thread: threading.Thread, deadline: Deadline) -> bool:
        thread.join(deadline.remaining)
        self._stuck = thread if thread.is_alive() else None
        return self._stuck is None
