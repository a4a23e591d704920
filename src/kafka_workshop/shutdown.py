"""Ending cleanly: SIGTERM and SIGINT set a flag, and whoever waits wakes up at once."""

import os
import select
import signal
from types import FrameType, TracebackType
from typing import Self

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """A flag that a signal sets; inside `with`, SIGTERM and SIGINT do.

    A pipe rather than a `threading.Event`: a handler runs on the main thread, which may hold the
    event's lock at that moment, and would then wait for itself.
    """

    def __init__(self) -> None:
        self.requested = False
        self._read = self._write = -1
        self._previous: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        """Take over the two signals."""
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        for number in SIGNALS:
            self._previous[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type] # as signal() returned it
        os.close(self._read)
        os.close(self._write)

    def request(self) -> None:
        """Ask for the end; safe within a signal handler."""
        if not self.requested:
            self.requested = True
            os.write(self._write, b"!")

    def wait(self, seconds: float) -> bool:
        """Wait so many seconds, less if the end is asked for; return whether it is."""
        if not self.requested:
            select.select([self._read], [], [], max(0.0, seconds))
        return self.requested

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.request()
