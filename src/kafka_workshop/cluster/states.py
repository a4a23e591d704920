"""What is told of a service: its state, its changes of state, and what `ps` says."""

from collections.abc import Callable

import msgspec

WAITING, STARTING, READY = "waiting", "starting", "ready"
RESTARTING, STOPPING, STOPPED, EXITED, FAILED = (
    "restarting",
    "stopping",
    "stopped",
    "exited",
    "failed",
)
KILLED, PAUSED = "killed", "paused"
# Whoever said so says when it runs again; the restart policy leaves it alone.
AT_REST = (STOPPED, KILLED, EXITED, FAILED)


class Status(msgspec.Struct, frozen=True):
    """What `ps` says of a service; `memory` in bytes, `since` in seconds of the epoch, UTC.

    `rate` is how many messages a second it is told to send, `None` if it has no rate.
    """

    service: str
    state: str
    pid: int | None
    ports: tuple[int, ...]
    restarts: int
    exit_code: int | None
    since: float
    memory: int
    rate: float | None = None


class Event(msgspec.Struct, frozen=True):
    """A change of state; an empty `service` means the system as a whole."""

    service: str
    state: str
    seconds: float = 0.0
    detail: str = ""


Report = Callable[[Event], None]
