"""The console as a process of its own, as a person starts it."""

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.waiting import wait_until

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class RunningConsole:
    """A console that serves: its address, process and what it logged."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Return status and body of a GET."""
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(servers: tuple[str, ...], port: int, **more: str) -> dict[str, str]:
    """Return what a console is told."""
    # NiceGUI takes these for a sign that it runs inside the test.
    outside = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return outside | {
        "PYTHONPATH": str(PROJECT / "src"),
        "BOOTSTRAP_SERVERS": ",".join(servers),
        "CONSOLE_PORT": str(port),
        "LOG_FORMAT": "json",
        **more,
    }


@contextmanager
def console(servers: tuple[str, ...], folder: Path, **more: str) -> Iterator[RunningConsole]:
    """A console on a free port, started in `folder`; it ends with the block."""
    port, log = free_port(), folder / "console.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "kafka_workshop.console"],
            env=environment(servers, port, WORKSHOP_DATA=str(folder), **more),
            cwd=folder,
            stdout=output,
            stderr=output,
        )
        running = RunningConsole(port, process, log)
        try:
            wait_until(lambda: serves(running), 30, "the console serves")
            yield running
        finally:
            process.terminate()
            process.wait(10)


def serves(running: RunningConsole) -> bool:
    """Return whether the console answers; fail at once if it has ended."""
    assert running.process.poll() is None, running.log.read_text()
    try:
        return running.get("/livez")[0] == 200
    except OSError:
        return False
