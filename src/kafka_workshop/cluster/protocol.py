"""What is said through the supervisor's socket, and how to say it; no process is touched here.

This is all of the cluster that the console may import: see `control` for what the verbs mean.
"""

import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec

from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.states import Event
from kafka_workshop.errors import WorkshopError

PS, SCALE, RATE = "ps", "scale", "rate"


class Request(msgspec.Struct, frozen=True):
    """What a client asks; `count` is for `scale` alone, `rate` (messages a second) for `rate`."""

    verb: str
    services: tuple[str, ...] = ()
    count: int = 0
    rate: float = 0.0


class Reply(msgspec.Struct, frozen=True):
    """A line about an order: an event, or at last why it was refused (empty: it is done)."""

    event: Event | None = None
    refused: str = ""
    exit_code: int = 0


class Refused(WorkshopError):
    """The supervisor did not carry out an order; its words."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.refused)
        self.exit_code = reply.exit_code


class _Door(msgspec.Struct, frozen=True):
    socket: str


def presence_file(folders: RunFolders) -> Path:
    """Return the file in which a supervisor says who and where it is."""
    return folders.run / "supervisor.json"


def socket_of(folders: RunFolders) -> str:
    """Return the path of the socket of whoever supervises a data folder.

    Raises:
        OSError, msgspec.DecodeError: nobody says so (yet).
    """
    return msgspec.json.decode(presence_file(folders).read_bytes(), type=_Door).socket


def ask(path: str, request: Request, seconds: float | None = None) -> Iterator[bytes]:
    """Yield the lines of the answer; each may take `seconds` at most.

    Raises:
        OSError: nobody listens, or no line came in time (`TimeoutError`).
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(seconds)
        connection.connect(path)
        connection.sendall(msgspec.json.encode(request) + b"\n")
        with connection.makefile("rb") as lines:
            yield from lines
