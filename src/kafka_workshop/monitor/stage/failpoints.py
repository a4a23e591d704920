"""Places where a stage kills its own process, for the proof that nothing depends on luck.

A developer's setting (`FAILPOINT`): `after_produce:3` is the third time that a transaction is
there. Nobody can catch SIGKILL, so nothing is cleaned up.
"""

import os
import signal
from collections.abc import Callable

from kafka_workshop.settings.parse import FAILPOINTS

BEFORE_PRODUCE, AFTER_PRODUCE, AFTER_OFFSETS, AFTER_COMMIT = FAILPOINTS


def _signal_myself(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


class Failpoint:
    """Kills the process when a place is reached for the `time`-th time; without a place, never.

    With `stop` it stands still instead, alive, until somebody sends SIGCONT.
    """

    def __init__(
        self,
        place: str = "",
        time: int = 1,
        stop: bool = False,
        send: Callable[[signal.Signals], None] = _signal_myself,
    ) -> None:
        self.armed = bool(place)
        self._place = place
        self._left = time
        self._signal = signal.SIGSTOP if stop else signal.SIGKILL
        self._send = send

    def reach(self, place: str) -> None:
        """Note that a transaction is at `place`."""
        if place == self._place:
            self._left -= 1
            if self._left == 0:
                self._send(self._signal)
