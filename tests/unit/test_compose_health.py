"""The health checks of docker-compose.yml prove readiness: each is carried out where it can be."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.unit.repository import services

BROKERS = ("broker-1", "broker-2", "broker-3")


@pytest.mark.parametrize("service", sorted(services()))
def test_every_service_has_a_health_check_with_all_its_times(service: str) -> None:
    check = services()[service]["healthcheck"]
    assert set(check) == {"test", "interval", "timeout", "retries", "start_period"}


@pytest.mark.parametrize("broker", BROKERS)
def test_a_broker_is_healthy_once_it_answers_the_protocol(broker: str) -> None:
    check = services()[broker]["healthcheck"]
    assert "kafka-broker-api-versions --bootstrap-server localhost:29092" in check["test"][1]
    assert int(check["interval"][:-1]) >= 10
    assert int(check["timeout"][:-1]) >= 10
    assert int(check["start_period"][:-1]) >= 30


def test_the_heap_of_the_brokers_health_check_is_not_the_brokers_own() -> None:
    # The check inherits KAFKA_HEAP_OPTS: without its own, it would take 512 MB more at each turn.
    assert services()["broker-1"]["healthcheck"]["test"][1].startswith("KAFKA_HEAP_OPTS=-Xmx128m ")


@contextmanager
def answering_once(answer: bytes) -> Iterator[int]:
    """Listen on a free port and answer the first request like a four-letter-word server."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                assert connection.recv(4) == b"srvr"
                connection.sendall(answer)

        thread = Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


@pytest.mark.parametrize(
    ("answer", "exit_code"),
    [
        (b"Zookeeper version: 3.8.6\nZxid: 0x2c\nMode: standalone\nNode count: 40\n", 0),
        (b"This ZooKeeper instance is not currently serving requests\n", 1),
    ],
)
def test_zookeepers_health_check_tells_a_serving_one_from_a_port_that_is_open(
    answer: bytes, exit_code: int
) -> None:
    kind, *command = services()["zookeeper"]["healthcheck"]["test"]
    with answering_once(answer) as port:
        command[-1] = command[-1].replace("/2181", f"/{port}")
        assert subprocess.run(command, timeout=10, check=False).returncode == exit_code
    assert kind == "CMD"


def test_zookeepers_health_check_fails_where_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    command = services()["zookeeper"]["healthcheck"]["test"][1:]
    command[-1] = command[-1].replace("/2181", f"/{port}")
    done = subprocess.run(command, timeout=10, check=False, capture_output=True)
    assert done.returncode != 0


@contextmanager
def http_server(status: int) -> Iterator[tuple[int, list[str]]]:
    """Serve `status` for everything; yield the port and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server.server_address[1], asked
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "exit_code"), [(200, 0), (503, 1)])
def test_kafka_uis_health_check_asks_whether_it_is_ready(status: int, exit_code: int) -> None:
    kind, program, option, code = services()["kafka-ui"]["healthcheck"]["test"]
    assert (kind, program, option) == ("CMD", "python", "-c")
    with http_server(status) as (port, asked):
        code = code.replace(":8087/", f":{port}/")
        done = subprocess.run(
            [sys.executable, option, code], check=False, capture_output=True, timeout=20
        )
    assert (done.returncode, asked) == (exit_code, ["/readyz"])


@pytest.mark.parametrize("service", ["producer", "consumer", "consumer-scale"])
def test_a_program_is_healthy_once_it_has_made_its_ready_file(service: str) -> None:
    definition = services()[service]
    ready = definition["environment"]["READY_FILE"]
    assert definition["healthcheck"]["test"] == ["CMD", "test", "-f", ready]
    # A container that starts again must not find the file of its past life.
    assert definition["tmpfs"] == [str(Path(ready).parent)]
