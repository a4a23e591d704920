"""A command in a terminal of its own: what it shows, Ctrl-C, a hang-up."""

import os
import pty
import signal
import subprocess
from contextlib import suppress
from typing import Self

from tests.support.checkout import Checkout
from tests.support.waiting import wait_until


class Terminal:
    """`./workshop VERB …` in a terminal of its own."""

    def __init__(self, checkout: Checkout, *verb: str) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            checkout.command(*verb),
            env=checkout.environment,
            cwd=checkout.folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        os.set_blocking(self._master, False)
        self.seen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing: end what still runs, close what is still open."""
        if self.process.poll() is None:
            self.interrupt()
            self.ended(30)  # reading meanwhile: a terminal that is full stops who writes to it
        with suppress(OSError):
            os.close(self._master)

    def read(self) -> str:
        try:
            while part := os.read(self._master, 65536):
                self.seen += part.decode(errors="replace")
        except OSError:
            pass
        return self.seen

    def shows(self, text: str, seconds: float) -> None:
        """Wait until `text` was shown; fail as soon as the command has ended without it."""
        wait_until(
            lambda: text in self.read() or self.process.poll() is not None,
            seconds,
            f"the terminal shows {text!r}",
        )
        assert text in self.read(), self.seen[-2_000:]

    def ended(self, seconds: float) -> int:
        def over() -> bool:
            self.read()
            return self.process.poll() is not None

        wait_until(over, seconds, "up has ended")
        return self.process.returncode

    def interrupt(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)

    def hang_up(self) -> None:
        os.close(self._master)
        os.killpg(self.process.pid, signal.SIGHUP)
