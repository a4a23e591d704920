"""A taken port is named, with its owner, before anything starts."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from kafka_workshop.cluster import ports
from kafka_workshop.errors import PortTaken
from tests.support.machine import free_ports

VARIABLES = {"broker-1": "BROKER_PORTS", "kafka-ui": "CONSOLE_PORT"}


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_free_ports_pass() -> None:
    one, two = free_ports(2)
    ports.require_free("127.0.0.1", {"broker-1": one, "kafka-ui": two}, VARIABLES)


def test_a_taken_port_is_named_with_service_owner_and_setting(taken: int) -> None:
    (free,) = free_ports(1)
    with pytest.raises(PortTaken) as raised:
        ports.require_free("127.0.0.1", {"broker-1": taken, "kafka-ui": free}, VARIABLES)
    message = str(raised.value)
    assert f"Port {taken} of broker-1 is taken by" in message
    assert f"(pid {os.getpid()})" in message
    assert "BROKER_PORTS=" in message
    assert str(free) not in message


def test_a_port_with_an_old_connection_in_time_wait_counts_as_free(taken: int) -> None:
    assert not ports.is_free("127.0.0.1", taken)
    (other,) = free_ports(1)
    assert ports.is_free("127.0.0.1", other)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("compose", "running under Docker Compose: docker-compose down"),
        ("native", "running from another folder: ./workshop down"),
        ("", "Nothing was started"),
    ],
)
def test_it_says_so_if_the_owner_is_this_project(run: str, expected: str) -> None:
    with console_that_says(run) as port, pytest.raises(PortTaken, match=expected):
        ports.require_free("127.0.0.1", {"kafka-ui": port}, VARIABLES)


def test_a_port_that_docker_has_may_be_another_projects(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Docker's own process, which there is none of where tests run.
    monkeypatch.setattr(ports, "owner", lambda _: "docker-proxy (pid 7)")
    with pytest.raises(PortTaken, match="by docker-proxy") as raised:
        ports.require_free("127.0.0.1", {"broker-1": taken}, VARIABLES)
    assert "docker ps shows for which container" in str(raised.value)
    assert "if it is this project's" in str(raised.value)


class console_that_says:  # noqa: N801 - reads as a phrase in a with statement
    """A server whose /livez answers as the Kafka UI's."""

    def __init__(self, run: str) -> None:
        body = json.dumps({"service": "kafka-workshop", "run": run}).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> int:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self._server.server_port

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
