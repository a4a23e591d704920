"""The wires between clients, brokers and ZooKeeper: TCP proxies that can cut one process off.

Every broker advertises its proxy's port, and reaches ZooKeeper through one. Cut off, a process is
behind a black hole: what it sends and what is sent to it stands still, no connection breaks, no
reset arrives. Once the wire is mended the bytes go on, as TCP's own retransmission would have it.
"""

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import psutil

_CHUNK = 65_536


@dataclass(frozen=True)
class _Wire:
    """A proxy's listening socket, and the service behind it with its port."""

    proxy: socket.socket
    service: str
    port: int


@dataclass(eq=False)
class _Connection:
    """One client's connection to a service, and whether bytes pass."""

    client: socket.socket
    wire: _Wire
    client_port: int
    passes: threading.Event = field(default_factory=threading.Event)
    server: socket.socket | None = None

    def close(self) -> None:
        """End it, in both directions."""
        self.passes.set()
        for each in (self.client, self.server):
            if each:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()


class Wires:
    """Proxies in front of services, each on a loopback port of its own."""

    def __init__(self) -> None:
        self._wires: list[_Wire] = []
        self._connections: set[_Connection] = set()
        self._lock = threading.Lock()
        self._cut: tuple[str, int] | None = None

    def lay(self, service: str, port: int) -> int:
        """Lay a wire to a port on which `service` listens; return the port of its proxy."""
        server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._wires.append(_Wire(server, service, port))
        proxy_port: int = server.getsockname()[1]
        return proxy_port

    def __enter__(self) -> Self:
        """Begin to relay."""
        for wire in self._wires:
            _in_background(self._accept, wire)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End everything."""
        for wire in self._wires:
            with contextlib.suppress(OSError):
                wire.proxy.shutdown(socket.SHUT_RDWR)
            wire.proxy.close()
        for connection in self._all():
            connection.close()

    def cut(self, service: str, pid: int) -> None:
        """Let nothing pass to `service`, nor from it, which is process `pid`."""
        with self._lock:
            self._cut = service, pid
        for connection in self._all():
            self._decide(connection)

    def mend(self) -> None:
        """Let everything pass again."""
        with self._lock:
            self._cut = None
        for connection in self._all():
            connection.passes.set()

    def _all(self) -> list[_Connection]:
        with self._lock:
            return list(self._connections)

    def _decide(self, connection: _Connection) -> None:
        with self._lock:
            if self._cut and _concerned(connection, *self._cut):
                connection.passes.clear()
            else:
                connection.passes.set()

    def _accept(self, wire: _Wire) -> None:
        while True:
            client, address = wire.proxy.accept()
            _in_background(self._connect, _Connection(client, wire, address[1]))

    def _connect(self, connection: _Connection) -> None:
        with self._lock:
            self._connections.add(connection)
        self._decide(connection)
        try:
            connection.server = socket.create_connection(("127.0.0.1", connection.wire.port))
            back = _in_background(_relay, connection, connection.server, connection.client)
            _relay(connection, connection.client, connection.server)
            back.join()
        finally:
            connection.close()
            with self._lock:
                self._connections.discard(connection)


def _concerned(connection: _Connection, service: str, pid: int) -> bool:
    if connection.wire.service == service:
        return True
    try:
        own = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(getattr(each.laddr, "port", 0) == connection.client_port for each in own)


def _relay(connection: _Connection, source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK):
            connection.passes.wait()
            target.sendall(data)
    # One side has gone; while the wire is cut the other does not learn of it.
    connection.passes.wait()
    for each in (source, target):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def _in_background(work: object, *arguments: object) -> threading.Thread:
    def quietly() -> None:
        with contextlib.suppress(OSError):
            work(*arguments)  # type: ignore[operator]

    thread = threading.Thread(target=quietly, daemon=True)
    thread.start()
    return thread
