"""What is told of a service: its state, its changes of state, and what `ps` says."""

from collections.abc import Callable

import msgspec

from kafka_workshop.language import tr

WAITING, STARTING, READY = "waiting", "starting", "ready"
RESTARTING, STOPPING, STOPPED, EXITED, FAILED = (
    "restarting",
    "stopping",
    "stopped",
    "exited",
    "failed",
)
KILLED, PAUSED = "killed", "paused"
# The supervisor that it had was killed.
ORPHANED = "orphaned"
# Whoever said so says when it runs again; the restart policy leaves it alone.
AT_REST = (STOPPED, KILLED, EXITED, FAILED)


def state_text(state: str) -> str:
    """Return a state in words."""
    return {
        WAITING: tr("waiting", "aguardando"),
        STARTING: tr("starting", "iniciando"),
        READY: tr("ready", "pronto"),
        RESTARTING: tr("restarting", "reiniciando"),
        STOPPING: tr("stopping", "parando"),
        STOPPED: tr("stopped", "parado"),
        EXITED: tr("ended", "encerrado"),
        FAILED: tr("failed", "falhou"),
        KILLED: tr("killed", "morto"),
        PAUSED: tr("paused", "pausado"),
        ORPHANED: tr("orphaned", "órfão"),
    }.get(state, state)


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
