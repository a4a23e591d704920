"""A network cable that a test can pull: a SOCKS5 proxy on loopback (RFC 1928, no login)."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

_CHUNK = 65_536


class Cable:
    """Relays connections until it is pulled; then all of them break and none is accepted."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []

    @property
    def url(self) -> str:
        """The proxy's address."""
        return f"socks5://127.0.0.1:{self._server.getsockname()[1]}"

    def __enter__(self) -> Self:
        """Begin to relay."""
        self._run(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End everything."""
        self.pull()

    def pull(self) -> None:
        """Break every connection."""
        for each in (self._server, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _run(self, work: object, *arguments: object) -> None:
        threading.Thread(target=self._quietly, args=(work, *arguments), daemon=True).start()

    def _quietly(self, work: object, *arguments: object) -> None:
        with contextlib.suppress(OSError):
            work(*arguments)  # type: ignore[operator]

    def _accept(self) -> None:
        while True:
            client, _ = self._server.accept()
            self._open.append(client)
            self._run(self._connect, client)

    def _connect(self, client: socket.socket) -> None:
        client.recv(_CHUNK)  # version and methods
        client.sendall(b"\x05\x00")
        request = client.recv(_CHUNK)  # version, connect, reserved, address type, address, port
        host = socket.inet_ntoa(request[4:8]) if request[3] == 1 else request[5:-2].decode()
        broker = socket.create_connection((host, int.from_bytes(request[-2:], "big")))
        self._open.append(broker)
        client.sendall(b"\x05\x00\x00\x01" + bytes(6))
        self._run(_relay, client, broker)
        _relay(broker, client)


def _relay(source: socket.socket, target: socket.socket) -> None:
    while data := source.recv(_CHUNK):
        target.sendall(data)
