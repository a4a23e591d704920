"""The file that says a program is working: a health check looks for it."""

from pathlib import Path


class ReadyFile:
    """A file that is there while a program works; without a path, nothing happens."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._there = False

    def work(self) -> None:
        """Make the file, once: the program is working."""
        if self._path is not None and not self._there:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch()
            self._there = True

    def clear(self) -> None:
        """Remove the file, which a killed predecessor may have left."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._there = False
