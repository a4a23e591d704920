"""Places where a stage kills its own process, for the proof that nothing depends on luck.

A developer's setting (`FAILPOINT`): `after_produce:3` is the third time that a transaction is
there. Nobody can catch SIGKILL, so nothing is cleaned up.
"""

import os
import signal
from collections.abc import Callable

from kafka_workshop.settings.parse import FAILPOINTS

BEFORE_PRODUCE, AFTER_PRODUCE, AFTER_OFFSETS, AFTER_COMMIT = FAILPOINTS


def kill_myself() -> None:
    """End this process at once, as a lost machine would."""
    os.kill(os.getpid(), signal.SIGKILL)


class Failpoint:
    """Kills the process when a place is reached for the `time`-th time; without a place, never."""

    def __init__(
        self, place: str = "", time: int = 1, kill: Callable[[], None] = kill_myself
    ) -> None:
        self.armed = bool(place)
        self._place = place
        self._left = time
        self._kill = kill

    def reach(self, place: str) -> None:
        """Note that a transaction is at `place`."""
        if place == self._place:
            self._left -= 1
            if self._left == 0:
                self._kill()
