"""Which process a pid means: a pid is lent again, a pid with its moment of birth is not."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# In /proc/PID/stat, counted from behind the command's closing bracket, where fields are safe.
_START_TICKS = 19


class Identity(msgspec.Struct, frozen=True):
    """One process for ever: its pid and its birth, as text that only equals itself."""

    pid: int
    birth: str

    @property
    def alive(self) -> bool:
        """Whether this very process still runs; one that has ended unburied (a zombie) does not."""
        return birth_of(self.pid) == self.birth

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the process group that it leads, if it still runs."""
        if self.alive:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)


def identify(pid: int) -> Identity:
    """Return the identity of a process that runs now; one that has ended gets a birth of none."""
    return Identity(pid, birth_of(pid) or "none")


def birth_of(pid: int) -> str | None:
    """Return when a process was born; None if there is no such process, or it has ended.

    On Linux this is the boot's id and the clock ticks since that boot: unlike seconds of the
    epoch they do not move when the clock is set or the machine sleeps.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except ProcessLookupError:
        return None
    except OSError:
        return None if _BOOT_ID.exists() else _birth_elsewhere(pid)
    fields = text.rpartition(")")[2].split()
    if fields[0] in ("Z", "X"):
        return None
    return f"{_BOOT_ID.read_text(encoding='ascii').strip()}:{fields[_START_TICKS]}"


def _birth_elsewhere(pid: int) -> str | None:
    # No /proc: macOS.
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return str(process.create_time())
    except psutil.Error:
        return None
