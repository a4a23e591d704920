"""Ends a process whose client library does not come back.

Each call into librdkafka is given a second or two and returns in time, whatever brokers do; the
commit of `at_least_once` alone has no time-out of its own. Once in many deaths of coordinators one
does not return: a thread that waits in C hears no signal, and the process would stand still until
somebody kills it. Its outcome is unknown, so a fresh start finds it out.
"""

import faulthandler
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kafka_workshop.language import tr
from kafka_workshop.messaging.client import GiveUp

LIMIT_S = 20.0
_TICK_S = 1.0
_EXIT_CODE = 1


class Watchdog:
    """Counts seconds while somebody is inside; not the seconds that the whole process is stopped.

    `limit_s` seconds without a `pet`, looked at every `tick_s`, end the process by `end` with code
    1, after a sentence and the place in the code.
    """

    def __init__(
        self,
        limit_s: float = LIMIT_S,
        tick_s: float = _TICK_S,
        end: Callable[[int], object] = os._exit,
    ) -> None:
        self._most = limit_s / tick_s
        self._tick_s = tick_s
        self._end = end
        self._ticks = self._inside = 0
        self._thread: threading.Thread | None = None

    def pet(self) -> None:
        """Say that calls come back."""
        self._ticks = 0

    def hears(self, give_up: GiveUp) -> GiveUp:
        """Return `give_up`, which is asked between any two calls, as a sign of life."""

        def asked() -> bool:
            self.pet()
            return give_up()

        return asked

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch over what is done inside; may be nested."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
            self._thread.start()
        self.pet()
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            self.pet()

    def _run(self) -> None:
        pause = threading.Event()
        while self._ticks < self._most:
            # Ticks, not the clock: whoever was suspended for an hour has lost one of them.
            pause.wait(self._tick_s)
            self._ticks = self._ticks + 1 if self._inside else 0
        faulthandler.dump_traceback(sys.stderr)
        sys.stderr.write(
            tr(
                "a call into the Kafka client has not returned; this process ends, a fresh start "
                "goes on after the last commit",
                "uma chamada ao cliente Kafka não retornou; este processo encerra e uma nova "
                "partida continua após o último commit",
            )
            + "\n"
        )
        sys.stderr.flush()
        self._end(_EXIT_CODE)
