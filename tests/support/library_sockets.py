"""Mends what kafka-python forgets, so that a warning about a socket is about one of ours.

A connection that is refused, comes too late or is still being made while its client is closed
leaves its socket to the garbage collector, and Python warns in whatever test that comes by. So does
one that is closed with something left to send, under a loop that has ended.
"""

from socket import socket
from typing import Any

from kafka.net.inet import KafkaNetSocket
from kafka.net.transport import KafkaTCPTransport

_connect = KafkaNetSocket.sock_connect
_close = KafkaTCPTransport.close

# Held, or the garbage collector may come to the socket before the coroutine that would close it.
_connecting: set[socket] = set()
_unsent: set[Any] = set()


async def _connect_or_close(
    self: Any, net: Any, sock: Any, address: Any, timeout_at: float | None = None
) -> Any:
    _connecting.add(sock)
    try:
        return await _connect(self, net, sock, address, timeout_at=timeout_at)
    except BaseException:
        sock.close()
        raise
    finally:
        _connecting.discard(sock)


def _close_or_hold(self: Any) -> None:
    _close(self)
    if self._write_buffer:
        _unsent.add(self)


def close_sockets_of_the_library() -> None:
    """Close the sockets whose connection the library gives up, and no others, from now on.

    It is not undone: a client that a test leaves to its threads connects again until the very end.
    """
    KafkaNetSocket.sock_connect = _connect_or_close
    KafkaTCPTransport.close = _close_or_hold
