"""Log files: one a service, bounded, readable while they are written.

A service writes straight to its file, opened for appending, so its lines survive a supervisor that
is killed. The supervisor rotates by copying and truncating (as logrotate's `copytruncate` does):
an appending writer goes on at the new end without knowing.
"""

import shutil
from collections import deque
from collections.abc import Iterator
from pathlib import Path

MAX_BYTES = 16_000_000


def rotate(path: Path, max_bytes: int = MAX_BYTES) -> bool:
    """Keep `path` under about `max_bytes`, the older part in `path`.1; return whether it turned."""
    if not path.exists() or path.stat().st_size < max_bytes:
        return False
    shutil.copyfile(path, previous(path))
    with path.open("r+b") as file:
        file.truncate(0)
    return True


def previous(path: Path) -> Path:
    """Where the older part of a rotated file is."""
    return path.with_name(path.name + ".1")


def tail(path: Path, lines: int | None) -> list[str]:
    """Return the last `lines` lines (all for None), the rotated part included."""
    kept: deque[str] = deque(maxlen=lines)
    for part in (previous(path), path):
        if part.exists():
            with part.open(encoding="utf-8", errors="replace") as file:
                kept.extend(line.rstrip("\n") for line in file)
    return list(kept)


class Follower:
    """Reads what is appended to a file since the last look, across rotation and absence."""

    def __init__(self, path: Path, from_start: bool = False) -> None:
        self._path = path
        self._position = 0 if from_start or not path.exists() else path.stat().st_size
        self._partial = b""

    def new_lines(self) -> Iterator[str]:
        """Yield the complete lines that came since the last call."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            if self._path.stat().st_size < self._position:
                self._position = 0  # it was rotated
            file.seek(self._position)
            fresh = file.read()
        self._position += len(fresh)
        *whole, self._partial = (self._partial + fresh).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", errors="replace")
