"""One child process: started in a session of its own, signalled only while we hold it."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from kafka_workshop.cluster.identity import Identity, identify


@dataclass(frozen=True, slots=True)
class Command:
    """What to execute: arguments, the variables beyond the environment, and where."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: Path


class Child:
    """A running child and its process group; standard output and error go to one file."""

    def __init__(self, command: Command, log: Path) -> None:
        self._command = command
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._identity: Identity | None = None

    async def start(self) -> None:
        """Start it, in a session of its own so that the terminal's Ctrl-C does not reach it."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command.arguments,
                cwd=self._command.folder,
                env={**os.environ, **self._command.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._identity = identify(self._process.pid)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._held.pid

    @property
    def identity(self) -> Identity:
        """Its pid and birth: what recognises it when we have gone."""
        if self._identity is None:
            raise RuntimeError("the child was not started")
        return self._identity

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._process.returncode if self._process else None

    async def wait(self) -> int:
        """Wait for its end and return the exit code."""
        return await self._held.wait()

    async def stop(self, seconds: float) -> bool:
        """Send SIGTERM, after `seconds` SIGKILL; return whether it ended by itself."""
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)  # a paused one hears nothing
        try:
            await asyncio.wait_for(self.wait(), seconds)
        except TimeoutError:
            self.signal(signal.SIGKILL)
            await self.wait()
            return False
        return True

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its process group, if it still runs."""
        if self.running:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def memory(self) -> int:
        """Return the resident bytes of the child and its descendants."""
        return resident_bytes(self.pid)

    @property
    def _held(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError("the child was not started")
        return self._process


def resident_bytes(pid: int) -> int:
    """Return the resident bytes of a process and its descendants; 0 if it has ended."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(member.memory_info().rss for member in family)
    except psutil.Error:
        return 0
