"""`./workshop doctor` as it is run: with nothing running, with silent servers, both languages."""

import json
import os
import pty
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from kafka_workshop.clock import Deadline
from kafka_workshop.settings import PROJECT_FOLDER
from tests.support.command import Answer, workshop
from tests.support.machine import free_ports

SLOW_S = 20.0


def environment(folder: Path, **settings: str) -> dict[str, str]:
    zookeeper, one, two, three, console = free_ports(5)
    return {
        **os.environ,
        "WORKSHOP_DATA": str(folder),
        "ZOOKEEPER_PORT": str(zookeeper),
        "BROKER_PORTS": f"{one},{two},{three}",
        "CONSOLE_PORT": str(console),
        "BOOTSTRAP_SERVERS": f"127.0.0.1:{one}",
        "PYTHONPATH": str(PROJECT_FOLDER / "src"),
        **settings,
    }


def doctor(variables: dict[str, str], *words: str) -> Answer:
    return workshop(("doctor", *words), variables)


def found(answer: Answer) -> dict[str, dict[str, Any]]:
    """Return check -> the worst finding of it."""
    findings: list[dict[str, Any]] = json.loads(answer.stdout)
    order = ["ok", "warning", "problem"]
    worst = sorted(findings, key=lambda finding: order.index(finding["level"]))
    return {finding["check"]: finding for finding in worst}


@contextmanager
def silent_servers(count: int) -> Iterator[str]:
    """Listen on ports and never say a word, as stopped processes do; yield `host:port`s."""
    with ExitStack() as stack:
        names = []
        for _ in range(count):
            listener = stack.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            names.append(f"127.0.0.1:{listener.getsockname()[1]}")
        yield ",".join(names)


@pytest.mark.parametrize(
    ("lang", "nothing"), [("en", "Nothing is running"), ("pt-BR", "Nada está rodando")]
)
def test_with_nothing_running_it_looks_at_the_machine_and_is_content(
    tmp_path: Path, lang: str, nothing: str
) -> None:
    answer = doctor(environment(tmp_path / "data", WORKSHOP_LANG=lang))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.count(nothing) == 1
    assert "Python 3." in answer.stdout
    assert not (tmp_path / "data").exists(), "looking leaves nothing behind"


def test_problems_are_listed_for_programs_and_told_by_the_exit_code(tmp_path: Path) -> None:
    variables = environment(tmp_path, RATE="fast", STORAGE="900000GB")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", int(variables["CONSOLE_PORT"])))
        listener.listen()
        answer = doctor(variables, "--json")
    assert answer.returncode == 1
    findings = found(answer)
    assert "brokers" not in findings, "nothing runs, so no cluster is looked at"
    for check, word in (("settings", "RATE"), ("disk", "STORAGE"), ("ports", "kafka-ui")):
        assert findings[check]["level"] == "problem", check
        assert word in findings[check]["text"]
        assert findings[check]["mend"]
    assert {"check", "level", "text", "mend"} == set(findings["python"])


def test_each_problem_has_its_mend_on_the_line_below(tmp_path: Path) -> None:
    answer = doctor(environment(tmp_path, RATE="fast"))
    assert answer.returncode == 1
    lines = answer.stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("✗ RATE='fast'"))
    assert "unset RATE" in lines[at + 1]
    assert lines[-1].startswith("Problems: 1")


def test_brokers_that_never_answer_are_given_up_in_time(tmp_path: Path) -> None:
    deadline = Deadline(SLOW_S)
    with silent_servers(3) as servers:
        answer = doctor(environment(tmp_path, BOOTSTRAP_SERVERS=servers), "--json")
    assert answer.returncode == 1
    silence = found(answer)["brokers"]
    assert silence["level"] == "problem"
    assert silence["text"].count("the port is open, but Kafka does not answer") == 3
    assert not deadline.expired, f"{deadline.elapsed:.1f} s"


def test_a_terminal_shows_what_is_being_looked_at(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with silent_servers(1) as servers:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "kafka_workshop", "doctor"],
            env=environment(tmp_path, BOOTSTRAP_SERVERS=servers, TERM="xterm"),
            stdout=theirs,
        )
        os.close(theirs)
        shown = b""
        deadline = Deadline(SLOW_S)
        while b"Looking: brokers, topics, groups" not in shown and not deadline.expired:
            shown += os.read(ours, 4096)
        process.kill()
        process.wait(10)
    os.close(ours)
    assert b"Looking: brokers, topics, groups" in shown
