"""A small disk of its own for one broker: a tmpfs that holds so many bytes and no more."""

import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Far more than all tests of a run store on one broker.
DISK_BYTES = 512_000_000
ON_THE_SMALL_DISK = "broker-2"
_FILLER, _LAST = "filler", 4_000_000


@dataclass
class SmallDisk:
    """A tmpfs at `folder`; `missing` says why there is none, where it can't be mounted."""

    folder: Path
    size: int
    missing: str = ""

    def mount(self) -> None:
        """Mount it, or say in `missing` what that lacks."""
        self.folder.mkdir(parents=True)
        if not (program := shutil.which("mount")):
            self.missing = "there is no mount command"
            return
        options = f"size={self.size},mode=700"
        done = _run(program, "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder))
        self.missing = f"a tmpfs can't be mounted: {done.stderr.strip()}" if done.returncode else ""

    def fill(self) -> None:
        """Take every byte that is left."""
        with (self.folder / _FILLER).open("wb", buffering=0) as filler:
            # The broker writes meanwhile, and what can't be had at once is not had at all: the
            # last bytes are taken one page after the other.
            os.posix_fallocate(filler.fileno(), 0, shutil.disk_usage(self.folder).free - _LAST)
            filler.seek(0, os.SEEK_END)
            with suppress(OSError):
                while filler.write(b"\0" * 4096):
                    pass

    def free(self) -> None:
        """Give the bytes back."""
        (self.folder / _FILLER).unlink(missing_ok=True)

    def unmount(self) -> None:
        """Leave nothing mounted."""
        if not self.missing:
            done = _run("umount", str(self.folder))
            assert done.returncode == 0, done.stderr


def _run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
