"""The console as a process: it starts without brokers, explains mistakes, stops quickly."""

import json
import select
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kafka_workshop.console.access.passwords import hashed
from kafka_workshop.console.access.roles import Role
from kafka_workshop.console.access.sessions import local_pass
from kafka_workshop.console.access.users import User, write
from tests.console.running import RunningConsole, console, environment, free_port
from tests.support.waiting import wait_until

PAGES = (
    "/",
    "/brokers",
    "/topics",
    "/topics/any",
    "/groups",
    "/groups/any/group",
    "/ledger",
    "/score",
    "/alerts",
    "/alerts/0123456789abcdef",
    "/audit",
    "/api/docs",
)


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningConsole]:
    """A console whose only bootstrap server is a port that nothing listens on."""
    servers = (f"127.0.0.1:{free_port()}",)
    with console(servers, tmp_path_factory.mktemp("lonely"), WORKSHOP_RUN="compose") as running:
        wait_until(lambda: running.get("/readyz")[0] == 200, 10, "the brokers were asked once")
        yield running


@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_at_once_while_no_broker_does(lonely: RunningConsole, path: str) -> None:
    started = time.monotonic()
    status, body = lonely.get(path)
    assert status == 200
    assert "No broker has answered yet" in body
    assert "nothing listens there" in body
    assert time.monotonic() - started < 2.0


def test_liveness_names_the_project_and_how_it_runs(lonely: RunningConsole) -> None:
    status, body = lonely.get("/livez")
    assert status == 200
    assert json.loads(body) == {"status": "ok", "service": "kafka-workshop", "run": "compose"}


def test_readiness_says_that_brokers_are_silent_and_why(lonely: RunningConsole) -> None:
    body = json.loads(lonely.get("/readyz")[1])
    assert (body["status"], body["brokers"]) == ("ready", "silent")
    assert "nothing listens there" in body["reason"]


def test_rest_answers_with_nothing_known_rather_than_an_error(lonely: RunningConsole) -> None:
    for name in ("brokers", "topics", "groups"):
        status, body = lonely.get(f"/api/{name}")
        assert (status, json.loads(body)[name], json.loads(body)["answering"]) == (200, [], False)
    assert lonely.get("/api/topics/absent")[0] == 404


def test_a_foreign_host_or_origin_is_refused(lonely: RunningConsole) -> None:
    assert lonely.get("/", Host="evil.example")[0] == 403
    assert lonely.get("/api/brokers", Origin="http://evil.example")[0] == 403
    polling = "/_nicegui_ws/socket.io/?EIO=4&transport=polling"
    assert lonely.get(polling, Origin="http://evil.example")[0] == 403


def test_each_browser_gets_its_own_language(lonely: RunningConsole) -> None:
    portuguese = lonely.get("/", Cookie="workshop-language=pt-BR")[1]
    english = lonely.get("/", Cookie="workshop-language=en")[1]
    assert 'lang="pt-BR"' in portuguese
    assert "Nenhum broker respondeu ainda" in portuguese
    assert "No broker has answered yet" in english
    assert "Nenhum broker" not in english


def test_an_unknown_address_is_a_page_of_ours_with_404(lonely: RunningConsole) -> None:
    status, body = lonely.get("/no/such/page")
    assert status == 404
    assert "There is nothing here." in body


def test_a_name_in_the_address_is_text_never_markup(lonely: RunningConsole) -> None:
    body = lonely.get("/groups/%3Cscript%3Ealert(1)%3C/script%3E")[1]
    assert "<script>alert(1)" not in body
    assert body.count("<script") == body.count("<script nonce=")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_within_seconds_and_leaves_no_file(
    tmp_path: Path, number: signal.Signals
) -> None:
    with console((f"127.0.0.1:{free_port()}",), tmp_path) as running:
        running.get("/")
        started = time.monotonic()
        running.process.send_signal(number)
        assert running.process.wait(10) == 0
        assert time.monotonic() - started < 5.0
    lines = [json.loads(line) for line in running.log.read_text().splitlines()]
    assert lines[0]["event"] == "started"
    assert lines[0]["url"] == running.url
    assert lines[-1]["event"] == "stopped"
    assert [path.name for path in tmp_path.iterdir()] == ["console.log"]


def test_with_a_login_a_process_gives_strangers_its_health_alone(tmp_path: Path) -> None:
    write(tmp_path / "users", [User("olga", Role.OPERATOR, hashed("correct horse battery"))])
    servers = (f"127.0.0.1:{free_port()}",)
    with console(servers, tmp_path, CONSOLE_USERS=str(tmp_path / "users")) as running:
        assert running.get("/livez")[0] == 200
        assert running.get("/readyz")[0] in {200, 503}
        for path in ("/api/brokers", "/metrics", "/_nicegui_ws/socket.io/?EIO=4&transport=polling"):
            assert running.get(path)[0] == 401
        page = running.get("/topics", Accept="text/html")
        assert page[0] == 200
        assert 'type="password"' in page[1]  # urllib has followed the redirect
        assert "<script" not in page[1]
        shown = {"Authorization": f"Bearer {local_pass(tmp_path / 'console')}"}
        assert running.get("/api/brokers", **shown)[0] == 200


def test_a_file_of_users_with_nobody_in_it_is_refused_at_the_start(tmp_path: Path) -> None:
    environ = environment(("127.0.0.1:9",), free_port(), CONSOLE_USERS=str(tmp_path / "none"))
    ran = subprocess.run(
        [sys.executable, "-m", "kafka_workshop.console"],
        env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "CONSOLE_USERS" in ran.stderr
    assert "./workshop user add" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.cluster
def test_it_finds_the_brokers_when_they_come_later(
    tmp_path: Path, bootstrap_servers: tuple[str, ...]
) -> None:
    port = free_port()
    with console((f"127.0.0.1:{port}",), tmp_path) as running:
        wait_until(lambda: '"silent"' in running.get("/readyz")[1], 10, "no broker answers")
        assert json.loads(running.get("/api/brokers")[1])["brokers"] == []
        with forwarder(port, bootstrap_servers[0]):
            wait_until(lambda: '"answer"' in running.get("/readyz")[1], 20, "the brokers answer")
        assert len(json.loads(running.get("/api/brokers")[1])["brokers"]) == 3
        assert "No broker has answered yet" not in running.get("/")[1]


@contextmanager
def forwarder(port: int, target: str) -> Iterator[None]:
    """Forward connections to `port` of this machine to `target`, as `host:port`."""
    host, _, target_port = target.rpartition(":")

    class Forward(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((host, int(target_port))) as other:
                pair = {self.request: other, other: self.request}
                while True:
                    for source in select.select(list(pair), [], [])[0]:
                        data = source.recv(65536)
                        if not data:
                            return
                        pair[source].sendall(data)

    with socketserver.ThreadingTCPServer(("127.0.0.1", port), Forward) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def start(folder: Path, port: int, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kafka_workshop.console"],
        env=environment(("127.0.0.1:9",), port, **more),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_bad_setting_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    ended = start(tmp_path, 8087, CONSOLE_HOST="0.0.0.0")
    assert ended.returncode == 2
    assert "CONSOLE_HOST='0.0.0.0' is not allowed" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_taken_port_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        ended = start(tmp_path, port, WORKSHOP_LANG="pt-BR")
    assert ended.returncode == 2
    assert f"A porta {port} em 127.0.0.1 está em uso" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
