"""Where a run keeps its things: `.workshop/` holds data, logs, configuration and run files."""

import shutil
from dataclasses import dataclass
from pathlib import Path

# Whose log `up -d` leaves beside those of the services.
SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class RunFolders:
    """The folders below the data folder of one cluster."""

    root: Path

    @property
    def config(self) -> Path:
        """Rendered server properties."""
        return self.root / "config"

    @property
    def logs(self) -> Path:
        """One file a service."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Lock, control socket, readiness files."""
        return self.root / "run"

    @property
    def console(self) -> Path:
        """What the Kafka UI remembers of this cluster."""
        return self.root / "console"

    def data_of(self, service: str) -> Path:
        """Where a server keeps its data."""
        return self.root / "data" / service

    def kraft_data_of(self, service: str) -> Path:
        """Where a KRaft node keeps its data, apart from the one that ZooKeeper knows."""
        return self.root / "data" / "kraft" / service

    def log_of(self, service: str) -> Path:
        """The log file of a service."""
        return self.logs / f"{service}.log"

    def ready_file_of(self, service: str) -> Path:
        """The file that a program makes once it is working."""
        return self.run / f"{service}.ready"

    def make(self) -> None:
        """Make the folders that every run needs; only the owner may read them."""
        for folder in (self.config, self.logs, self.run):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def remove(self) -> None:
        """Delete what runs have left here, and nothing else that stands in the folder."""
        for folder in (self.root / "data", self.config, self.logs, self.run, self.console):
            shutil.rmtree(folder, ignore_errors=True)
        if self.root.exists() and not any(self.root.iterdir()):
            self.root.rmdir()
