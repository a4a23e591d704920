"""What kafka-python leaves to the garbage collector, so that it is told from what we leave.

Its event loop drops a socket whose connection was refused, and one that is still being made while
its client is closed. Python warns wherever the collector comes by, which may be any later test.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from kafka.net.inet import KafkaNetSocket


class _Dropped(socket.socket):
    def __del__(self) -> None:
        self.close()


def _made(_: KafkaNetSocket, family: int, kind: int, protocol: int) -> socket.socket:
    return _Dropped(family, kind, protocol)


@contextmanager
def closed_with_the_library() -> Iterator[None]:
    """Close the sockets that the library drops, without a warning, and no others."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(KafkaNetSocket, "socket", _made)
        yield
