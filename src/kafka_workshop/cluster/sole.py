"""One supervisor a data folder.

A lock on a file in the run folder, held for the supervisor's life, says whether one lives: the
kernel frees it however the supervisor ends.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.errors import UserError
from kafka_workshop.language import tr


class AlreadyRunning(UserError):
    """Another supervisor has this data folder."""

    def __init__(self, root: Path) -> None:
        super().__init__(
            tr(
                "The system is already running on {root}: "
                "./workshop ps shows it, ./workshop down ends it.",
                "O sistema já está rodando em {root}: "
                "./workshop ps mostra, ./workshop down encerra.",
                root=root,
            )
        )


def _lock_file(folders: RunFolders) -> Path:
    return folders.run / "supervisor.lock"


@contextmanager
def sole_supervisor(folders: RunFolders) -> Iterator[None]:
    """Hold the data folder for this process.

    Raises:
        AlreadyRunning: another process holds it.
    """
    folders.make()
    with _lock_file(folders).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(folders.root) from None
        yield


def is_running(folders: RunFolders) -> bool:
    """Return whether a supervisor lives on these folders."""
    try:
        with _lock_file(folders).open("a") as file:
            return not _lockable(file)
    except OSError:
        return False


def _lockable(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
