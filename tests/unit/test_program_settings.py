"""A bad setting ends a program at once: exit code 2, one line that names it, no traceback."""

import os
import subprocess
import sys

import pytest

from consume import consume
from kafka_workshop.program import Program, run
from kafka_workshop.settings import PROJECT_FOLDER, VARIABLES
from produce import produce

BAD = {
    "TOPIC": "no spaces",
    "BOOTSTRAP_SERVERS": "localhost",
    "KAFKA_CLIENT": "pykafka",
    "LOG_LEVEL": "LOUD",
    "LOG_FORMAT": "xml",
    "LOG_LINES": "-1",
    "MAX_MESSAGES": "many",
    "STORAGE": "1KB",
    "WORKSHOP_LANG": "de",
}
PRODUCER = {
    "RATE": "0",
    "SEED": "-7",
    "ACCOUNTS": "1",
    "HISTORY_DAYS": "366",
    "HISTORY_TRANSACTIONS": "1e9",
    "FRAUD_RATE": "0.3",
}
CONSUMER = {"CONSUMER_GROUP": "ç"}
CASES = [
    *((produce, name, value) for name, value in (BAD | PRODUCER).items()),
    *((consume, name, value) for name, value in (BAD | CONSUMER).items()),
]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment in which no setting stands."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(("program", "name", "value"), CASES)
def test_a_bad_setting_is_refused_in_one_line(
    program: Program,
    name: str,
    value: str,
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment.setenv(name, value)
    assert run(program) == 2
    told = capsys.readouterr()
    (line,) = told.err.splitlines()
    assert line.startswith(f"{name}={value!r} is not allowed: ")
    assert told.out == ""


@pytest.mark.parametrize("script", ["produce.py", "consume.py"])
def test_the_script_itself_refuses_in_the_language_asked_for(script: str) -> None:
    ended = subprocess.run(
        [sys.executable, str(PROJECT_FOLDER / script)],
        env={"PATH": os.environ["PATH"], "LANG": "pt_BR", "LOG_LINES": "-1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith("LOG_LINES='-1' não é permitido: ")
    assert ended.stdout == ""


@pytest.mark.parametrize("script", ["produce.py", "consume.py"])
def test_without_its_dependencies_it_says_what_to_run(script: str) -> None:
    # -S: no site-packages, so nothing but the standard library.
    ended = subprocess.run(
        [sys.executable, "-S", "-I", str(PROJECT_FOLDER / script)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    english, portuguese = ended.stderr.splitlines()
    assert "run ./workshop up once, or use .venv/bin/python" in english
    assert "execute ./workshop up uma vez ou use .venv/bin/python" in portuguese
