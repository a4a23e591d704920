"""The native system as `./workshop up` starts it, with this Python, on ports of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kafka_workshop.settings import PROJECT_FOLDER, cluster_settings
from tests.support.cluster import chosen_coordination, free_port_settings, test_settings


@dataclass(frozen=True)
class Native:
    """A system that runs: the address of its console, and its brokers."""

    url: str
    bootstrap_servers: tuple[str, ...]
    environment: dict[str, str]


@contextmanager
def native(folder: Path, **settings: str) -> Iterator[Native]:
    """A whole system with its data in `folder`; it ends with the block."""
    kept = {n: v for n, v in os.environ.items() if "PYTEST" not in n}
    environment = {
        **kept,
        "PYTHONPATH": str(PROJECT_FOLDER / "src"),
        "WORKSHOP_DATA": str(folder / "data"),
        "WORKSHOP_CACHE": str(test_settings(folder).cache),
        "COORDINATION": chosen_coordination(),
        **free_port_settings(),
        **settings,
    }
    read = cluster_settings(environment)
    _workshop(environment, "up", "-d")
    try:
        yield Native(f"http://localhost:{read.console_port}", read.bootstrap_servers, environment)
    finally:
        _workshop(environment, "down")


def _workshop(environment: dict[str, str], *verb: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kafka_workshop", *verb],
        env=environment,
        cwd=PROJECT_FOLDER,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
