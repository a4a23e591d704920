"""`ACTION=… ./run.sh` as a subprocess, beside nothing but the project's own files."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafka_workshop.settings import PROJECT_FOLDER
from tests.support.waiting import wait_until

END_S = 10.0


@dataclass
class Program:
    """One run of the producer or the consumer, its lines in JSON."""

    process: "subprocess.Popen[str]"
    out: Path
    err: Path

    @property
    def events(self) -> list[dict[str, Any]]:
        """The log lines so far, as values."""
        lines = self.out.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def named(self, event: str) -> list[dict[str, Any]]:
        """The lines that say `event`."""
        return [line for line in self.events if line["event"] == event]

    @property
    def errors(self) -> str:
        """What stands on standard error."""
        return self.err.read_text()

    def wait_for(self, event: str, count: int = 1, seconds: float = 30.0) -> None:
        """Wait until `event` was logged so many times."""
        wait_until(
            lambda: len(self.named(event)) >= count or self.process.poll() is not None,
            seconds,
            f"{count} x {event!r}",
        )
        assert len(self.named(event)) >= count, (self.process.poll(), self.errors, self.events[-5:])

    def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = END_S) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.result(seconds)

    def result(self, seconds: float = 60.0) -> int:
        """Wait for the end and return the exit code."""
        return self.process.wait(seconds)


@dataclass
class Programs:
    """Starts programs; whatever still runs at the end is killed."""

    folder: Path
    settings: dict[str, str]
    _started: list[Program]

    @classmethod
    def beside(cls, folder: Path, settings: dict[str, str]) -> "Programs":
        """Prepare `folder`: the files that a student opens, and a `python3` that is ours."""
        folder.mkdir()
        shutil.copy2(PROJECT_FOLDER / "run.sh", folder / "run.sh")
        for name in ("produce.py", "consume.py"):
            (folder / name).symlink_to(PROJECT_FOLDER / name)
        python = folder / "bin" / "python3"
        python.parent.mkdir()
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        return cls(folder, settings, [])

    def start(self, action: str, **settings: str) -> Program:
        """Run `ACTION=action ./run.sh` with further settings."""
        number = len(self._started)
        out, err = self.folder / f"{number}.out", self.folder / f"{number}.err"
        with out.open("w") as to_out, err.open("w") as to_err:
            process = subprocess.Popen(
                [str(self.folder / "run.sh")],
                env=self._environment({"ACTION": action, **settings}),
                cwd="/",
                stdout=to_out,
                stderr=to_err,
                text=True,
            )
        self._started.append(Program(process, out, err))
        return self._started[-1]

    def _environment(self, settings: dict[str, str]) -> dict[str, str]:
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        kept = {"PATH": path, "HOME": os.environ["HOME"], "LANG": "C.UTF-8"}
        return kept | {"LOG_FORMAT": "json", "LOG_LINES": "100000"} | self.settings | settings

    def kill(self) -> None:
        """Kill what still runs."""
        for program in self._started:
            if program.process.poll() is None:
                program.process.kill()
                program.process.wait(10)


def sequence(transaction_id: str) -> str:
    """Return the part of a transaction's id that counts up."""
    found = re.fullmatch(r"[0-9a-z]+-([0-9a-z]+)", transaction_id)
    assert found, transaction_id
    return found[1]
