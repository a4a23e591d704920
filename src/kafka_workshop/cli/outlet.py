"""A terminal's outlet: writes from a thread of its own, so that nobody waits for the terminal.

A terminal may take nothing for as long as it likes: Ctrl-S, a frozen window, a pipe whose reader
sleeps. Whoever supervises servers must not stand still for it.
"""

import contextvars
import os
import threading
from collections import deque
from typing import TextIO

from kafka_workshop.clock import Deadline
from kafka_workshop.language import tr

# So many pieces wait for a terminal that takes nothing; later ones are counted and left out.
_WAITING = 5_000


class Outlet:
    """A text file for `rich.console.Console`, as far as that needs one.

    Args:
        target: the terminal, pipe or file; it is written to through its descriptor, so that
            nothing is left in a buffer that the end of the program would have to flush.
    """

    def __init__(self, target: TextIO) -> None:
        target.flush()
        self._target = target
        self._descriptor = target.fileno()
        self._pieces: deque[bytes] = deque()
        self._left_out = 0
        self._some = threading.Condition()
        self._writing = False
        self.gone = False
        # In our context, for the language of what it has to say itself.
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(self._run,), name="outlet", daemon=True).start()

    @property
    def encoding(self) -> str:
        """The terminal's encoding."""
        return self._target.encoding

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return self._target.isatty()

    def fileno(self) -> int:
        """Return its descriptor."""
        return self._descriptor

    def write(self, text: str) -> int:
        """Queue text; never waits."""
        with self._some:
            if len(self._pieces) >= _WAITING:
                self._left_out += 1
            elif not self.gone:
                self._pieces.append(text.encode(self.encoding, errors="replace"))
            self._some.notify()
        return len(text)

    def flush(self) -> None:
        """Do nothing: the thread writes as fast as the terminal takes it."""

    def drain(self, seconds: float) -> bool:
        """Wait until all is written, `seconds` at most; return whether it is."""
        deadline = Deadline(seconds)
        with self._some:
            while (self._pieces or self._writing) and not (self.gone or deadline.expired):
                self._some.wait(min(0.05, deadline.remaining))
            return not (self._pieces or self._writing)

    def _run(self) -> None:
        while not self.gone:
            piece = self._next()
            try:
                self._write_whole(piece)
            except OSError:
                self.gone = True
            with self._some:
                self._writing = False

    def _next(self) -> bytes:
        with self._some:
            while not self._pieces:
                self._some.wait()
            self._writing = True
            piece = self._pieces.popleft()
            if not self._pieces and self._left_out:
                piece += self._omission().encode(self.encoding, errors="replace")
            return piece

    def _omission(self) -> str:
        count, self._left_out = self._left_out, 0
        return tr(
            "… {n} more were not shown: the terminal did not take them\n",
            "… mais {n} não foram mostradas: o terminal não as aceitou\n",
            n=count,
        )

    def _write_whole(self, piece: bytes) -> None:
        while piece:
            piece = piece[os.write(self._descriptor, piece) :]
