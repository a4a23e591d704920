"""A copy of the project as a fresh clone has it, with a HOME and ports of its own."""

import json
import os
import re
import shutil
import subprocess
import venv
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from kafka_workshop.settings import PROJECT_FOLDER, ZOOKEEPER, cluster_settings
from tests.support.cluster import chosen_coordination, free_port_settings, test_settings
from tests.support.machine import listening_ports, processes_naming

BROKERS = ("broker-1", "broker-2", "broker-3")
SERVICES = ("zookeeper", *BROKERS, "kafka-ui", "producer", "consumer", "consumer-merchant")


@dataclass(frozen=True)
class Checkout:
    """A fresh copy and the environment in which its commands run."""

    folder: Path
    environment: dict[str, str]
    console_port: int
    broker_ports: tuple[int, ...]
    coordination: str
    coordination_ports: tuple[int, ...]

    @property
    def data(self) -> Path:
        """Where its cluster keeps data and logs."""
        return self.folder / ".workshop"

    @property
    def services(self) -> list[str]:
        """The names of its services, in the order of their start."""
        return [name for name in SERVICES if name != ZOOKEEPER or self.coordination == ZOOKEEPER]

    @property
    def bootstrap_servers(self) -> str:
        """Its brokers."""
        return ",".join(f"127.0.0.1:{port}" for port in self.broker_ports)

    def command(self, *verb: str) -> list[str]:
        """Return `./workshop VERB …`."""
        return [str(self.folder / "workshop"), *verb]

    def run(
        self, *verb: str, seconds: float = 240.0, settings: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run `./workshop VERB …` to its end, with further variables in `settings`."""
        return subprocess.run(
            self.command(*verb),
            env={**self.environment, **(settings or {})},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def ps(self) -> list[dict[str, Any]]:
        """Return what `./workshop ps --json` says."""
        answer = self.run("ps", "--json", seconds=60)
        assert answer.returncode == 0, answer.stderr
        statuses: list[dict[str, Any]] = json.loads(answer.stdout)
        return statuses

    def log(self, service: str) -> str:
        """Return a service's log so far."""
        path = self.data / "logs" / f"{service}.log"
        return path.read_text(errors="replace") if path.exists() else ""


def fresh_copy(folder: Path, **settings: str) -> Checkout:
    """Copy what git would commit into a folder as a desktop has it; HOME is another, empty."""
    clone, home = folder / "Área de Trabalho" / "clone", folder / "joão"
    home.mkdir(parents=True)
    for name in _project_files():
        target = clone / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT_FOLDER / name, target)
    ports = free_port_settings()
    # NiceGUI takes PYTEST_CURRENT_TEST for a sign that it runs inside the test.
    kept = {n: v for n, v in os.environ.items() if n not in _OURS and "PYTEST" not in n}
    environment = {
        **kept,
        "HOME": str(home),
        "COORDINATION": chosen_coordination(),
        **ports,
        **settings,
    }
    read = cluster_settings(environment)
    # Both, because a test may choose the other one for a single `up`.
    coordinating = (read.zookeeper_port, *read.controller_ports)
    return Checkout(
        clone, environment, read.console_port, read.broker_ports, read.coordination, coordinating
    )


def equipped_copy(folder: Path, **settings: str) -> Checkout:
    """A fresh copy as its first start leaves it, without the minute of installing.

    It has the packages of its lock and no other, linked from here, and the jars of all tests.
    """
    made = fresh_copy(folder, WORKSHOP_CACHE=str(test_settings(folder).cache), **settings)
    environment, lock = made.folder / ".venv", made.folder / "requirements-cluster.lock"
    venv.create(environment, symlinks=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    for source in _locked_packages(lock):
        (packages / source.name).symlink_to(source)
    (packages / "kafka_workshop.pth").write_text(str(made.folder / "src"))
    with lock.open("rb") as read:
        checksum = subprocess.check_output(["cksum"], stdin=read, text=True)
    (environment / ".stamp").write_text(f"{made.folder.resolve()} {checksum}")
    return made


def _locked_packages(lock: Path) -> set[Path]:
    """Return what stands in the folder of packages for a lock: their folders, modules, metadata."""
    names = re.findall(r"^([\w.-]+)==", lock.read_text(encoding="utf-8"), re.MULTILINE)
    found: set[Path] = set()
    for name in names:
        with suppress(PackageNotFoundError):  # one of another system
            found |= set(_top_level(name))
    return found


def _top_level(package: str) -> Iterable[Path]:
    made = distribution(package)
    tops = {file.parts[0] for file in made.files or ()}
    return [Path(str(made.locate_file(top))) for top in tops - {"..", "__pycache__"}]


def left_processes(checkout: Checkout) -> list[str]:
    """Return the command lines of what still runs from this copy."""
    own = {os.getpid(), os.getppid()}
    found = processes_naming(str(checkout.folder))
    return [" ".join(process.cmdline()) for process in found if process.pid not in own]


def listening(checkout: Checkout) -> list[int]:
    """Return those of its ports on which anything listens."""
    wanted = {checkout.console_port, *checkout.broker_ports, *checkout.coordination_ports}
    return sorted(wanted & listening_ports())


_OURS = (
    "XDG_CACHE_HOME",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "WORKSHOP_DATA",
    "WORKSHOP_CACHE",
    "COORDINATION",
)


def _project_files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=PROJECT_FOLDER,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [name for name in listed.split("\0") if name and (PROJECT_FOLDER / name).is_file()]
