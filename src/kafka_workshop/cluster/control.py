"""The supervisor's Unix socket: its only door, for the CLI's verbs.

One request a connection, a line of JSON; the answer is lines of JSON until the socket closes.

======== ========================================================
verb     answer
======== ========================================================
ps       one line: the list of `Status`
wait     `Event`s until the system is ready, failed or stopped
down     the same, after asking it to stop: `Event`s until stopped
an order `Reply`s: what happens, the last one without an event;
(stop,   see `orders`
scale,
rate …)
======== ========================================================
"""

import asyncio
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.identity import Identity, identify
from kafka_workshop.cluster.orders import ORDERS, carry_out, scale, set_rate
from kafka_workshop.cluster.protocol import (
    PS,
    RATE,
    SCALE,
    Refused,
    Reply,
    Request,
    ask,
    presence_file,
)
from kafka_workshop.cluster.sole import is_running
from kafka_workshop.cluster.states import FAILED, READY, STOPPED, Event, Status
from kafka_workshop.cluster.supervisor import Supervisor
from kafka_workshop.errors import Unavailable, WorkshopError
from kafka_workshop.language import tr

# The kernel's limit on a socket's path is 108 bytes (104 on macOS).
_LONGEST_PATH = 100
# A supervisor answers `ps` at once; one that stands still (SIGSTOP) is not waited for.
_ANSWER_S = 10.0


class Presence(msgspec.Struct, frozen=True):
    """Who supervises a data folder: written by the supervisor, read by the CLI."""

    identity: Identity
    socket: str


class ControlServer:
    """Serves the supervisor's socket."""

    def __init__(self, supervisor: Supervisor, folders: RunFolders) -> None:
        self._supervisor = supervisor
        self._folders = folders
        self._server: asyncio.Server | None = None
        self._path = Path()

    async def start(self) -> None:
        """Listen on a socket that only this user may open, and say where."""
        self._path = _socket_path(self._folders)
        self._path.unlink(missing_ok=True)
        old = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._answer, str(self._path))
        finally:
            os.umask(old)
        presence = Presence(identify(os.getpid()), str(self._path))
        presence_file(self._folders).write_bytes(msgspec.json.encode(presence))

    async def close(self) -> None:
        """Answer nobody any more and remove what `start` made."""
        if self._server:
            self._server.close()
        for path in (self._path, presence_file(self._folders)):
            path.unlink(missing_ok=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client that goes away in the middle is its own affair.
        with suppress(OSError, msgspec.DecodeError, ValueError, LookupError):
            request = msgspec.json.decode(await reader.readline(), type=Request)
            await self._serve(request, writer)
        writer.close()

    async def _serve(self, request: Request, writer: asyncio.StreamWriter) -> None:
        verb = request.verb
        if verb in {SCALE, RATE} or verb in ORDERS:
            await self._carry_out(request, writer)
        elif verb == PS:
            await _send(writer, self._supervisor.status())
        elif verb == "wait":
            # `up -d` connects while ZooKeeper is starting already.
            past = self._supervisor.start_events()
            await self._stream(writer, past, until={READY, FAILED, STOPPED})
        elif verb == "down":
            self._supervisor.request_stop()
            await self._stream(writer, [self._supervisor.system], until={STOPPED})

    async def _carry_out(self, request: Request, writer: asyncio.StreamWriter) -> None:
        async def tell() -> None:
            while True:
                await _send(writer, Reply(event=await events.get()))

        events: asyncio.Queue[Event] = asyncio.Queue()
        self._supervisor.subscribe(events.put_nowait)
        telling = asyncio.create_task(tell())
        try:
            # Not this connection's to cancel: a client that goes away has said what it wants.
            last = await asyncio.shield(self._obey(request))
        finally:
            self._supervisor.unsubscribe(events.put_nowait)
            telling.cancel()
        while not events.empty():
            await _send(writer, Reply(event=events.get_nowait()))
        await _send(writer, last)

    async def _obey(self, request: Request) -> Reply:
        try:
            if request.verb == SCALE:
                await scale(self._supervisor, request.services[0], request.count)
            elif request.verb == RATE:
                await set_rate(self._supervisor, request.services[0], request.rate)
            else:
                await carry_out(self._supervisor, request.verb, request.services)
        except WorkshopError as error:
            return Reply(refused=str(error), exit_code=error.exit_code)
        return Reply()

    async def _stream(
        self, writer: asyncio.StreamWriter, first: list[Event], until: set[str]
    ) -> None:
        events: asyncio.Queue[Event] = asyncio.Queue()
        for event in first:
            events.put_nowait(event)
        self._supervisor.subscribe(events.put_nowait)
        try:
            while True:
                event = await events.get()
                await _send(writer, event)
                if not event.service and event.state in until:
                    return
        finally:
            self._supervisor.unsubscribe(events.put_nowait)


async def _send(writer: asyncio.StreamWriter, value: object) -> None:
    writer.write(msgspec.json.encode(value) + b"\n")
    await writer.drain()


def _socket_path(folders: RunFolders) -> Path:
    path = folders.run / "control.sock"
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        return path
    return Path(tempfile.mkdtemp(prefix="kafka-workshop-")) / "control.sock"


class ControlClient:
    """Speaks to the supervisor of a data folder."""

    def __init__(self, folders: RunFolders) -> None:
        self._folders = folders

    def ps(self) -> list[Status]:
        """Return the status of every service; empty if no supervisor lives."""
        if not is_running(self._folders):
            return []
        return msgspec.json.decode(next(self._ask(Request(PS), _ANSWER_S)), type=list[Status])

    def wait(self) -> Iterator[Event]:
        """Yield events until the system is ready, failed or stopped."""
        return self._events("wait")

    def down(self) -> Iterator[Event]:
        """Ask the system to stop and yield events until it has."""
        return self._events("down")

    def order(self, verb: str, services: Sequence[str], count: int = 0) -> Iterator[Event]:
        """Give an order and yield what happens until it is carried out.

        Raises:
            Refused: it was not; with the supervisor's reason.
            Unavailable: the supervisor went away in the middle.
        """
        for line in self._ask(Request(verb, tuple(services), count)):
            reply = msgspec.json.decode(line, type=Reply)
            if reply.event is None:
                if reply.refused:
                    raise Refused(reply)
                return
            yield reply.event
        raise self._gone(ConnectionResetError(verb))

    def presence(self) -> Presence:
        """Return who supervises.

        Raises:
            Unavailable: nobody says so (yet).
        """
        try:
            return msgspec.json.decode(presence_file(self._folders).read_bytes(), type=Presence)
        except (OSError, msgspec.DecodeError) as error:
            raise self._gone(error) from error

    def _events(self, verb: str) -> Iterator[Event]:
        for line in self._ask(Request(verb)):
            yield msgspec.json.decode(line, type=Event)

    def _ask(self, request: Request, seconds: float | None = None) -> Iterator[bytes]:
        path = self.presence().socket
        try:
            yield from ask(path, request, seconds)
        except OSError as error:
            raise self._gone(error) from error

    def _gone(self, error: Exception) -> Unavailable:
        return Unavailable(
            tr(
                "The supervisor of {root} does not answer: {error}",
                "O supervisor de {root} não responde: {error}",
                root=self._folders.root,
                error=error,
            )
        )


__all__ = ["SCALE", "ControlClient", "ControlServer", "Presence", "Refused"]
