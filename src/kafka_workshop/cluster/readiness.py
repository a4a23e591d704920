"""Readiness: one probe a kind of service. A probe asks the service itself, not its port."""

import asyncio
import http.client
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import TimedOut

PROBE_TIMEOUT_S = 2.0


class Probe(Protocol):
    """Says whether a service does its work now; `False` and any network error mean not yet."""

    def __call__(self) -> bool:
        """Ask once; blocks for a few seconds at most."""
        ...


@dataclass(frozen=True, slots=True)
class ZooKeeperAnswers:
    """ZooKeeper answers the four-letter word `srvr` with its mode."""

    host: str
    port: int

    def __call__(self) -> bool:
        """Ask `srvr`."""
        try:
            with socket.create_connection((self.host, self.port), PROBE_TIMEOUT_S) as connection:
                connection.sendall(b"srvr")
                return b"Mode:" in _read_all(connection)
        except OSError:
            return False


def _read_all(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(4096):
        parts.append(part)
    return b"".join(parts)


@dataclass(frozen=True, slots=True)
class BrokerRegistered:
    """A broker answers Kafka's protocol and is among the brokers it knows to be registered."""

    broker_id: int
    host: str
    port: int

    def __call__(self) -> bool:
        """Ask this broker for the cluster's metadata."""
        if not _listens(self.host, self.port):
            return False  # librdkafka would log each refused connection
        from confluent_kafka import KafkaException  # noqa: PLC0415 - half a second of import
        from confluent_kafka.admin import AdminClient  # noqa: PLC0415

        client = AdminClient(
            {"bootstrap.servers": f"{self.host}:{self.port}", "log_level": 0},
        )
        try:
            metadata = client.list_topics(timeout=PROBE_TIMEOUT_S)
        except KafkaException:
            return False
        return self.broker_id in metadata.brokers and metadata.controller_id in metadata.brokers


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), PROBE_TIMEOUT_S).close()
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class HttpReady:
    """An HTTP server answers 200 at `path`."""

    host: str
    port: int
    path: str = "/readyz"

    def __call__(self) -> bool:
        """GET the path."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PROBE_TIMEOUT_S)
        try:
            connection.request("GET", self.path)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class FileMade:
    """The program has made its readiness file."""

    path: Path

    def __call__(self) -> bool:
        """Look for the file."""
        return self.path.exists()


async def wait_until(
    condition: Callable[[], Awaitable[bool]],
    deadline: Deadline,
    describe: Callable[[], str],
    interval: float = 0.1,
) -> None:
    """Wait until `condition` holds, asking every `interval` seconds.

    Raises:
        TimedOut: it did not before the deadline; `describe()` says what was awaited and seen.
    """
    while not await condition():
        if deadline.expired:
            raise TimedOut(describe())
        await asyncio.sleep(min(interval, deadline.remaining))
