"""A bad setting ends a program at once: exit code 2, one line that names it, no traceback."""

import os
import subprocess
import sys

import pytest

from kafka_workshop.settings import PROJECT_FOLDER

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
}
CONSUMER = {"CONSUMER_GROUP": "ç"}
CASES = [
    *(("produce.py", name, value) for name, value in (BAD | PRODUCER).items()),
    *(("consume.py", name, value) for name, value in (BAD | CONSUMER).items()),
]


def run(script: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(PROJECT_FOLDER / script)],
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("script", "name", "value"), CASES)
def test_a_bad_setting_is_refused_in_one_line(script: str, name: str, value: str) -> None:
    ended = run(script, **{name: value})
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"{name}={value!r} is not allowed: ")
    assert ended.stdout == ""


def test_the_refusal_speaks_portuguese_where_asked_to() -> None:
    assert (
        "RATE='0' não é permitido: um número de" in run("produce.py", RATE="0", LANG="pt_BR").stderr
    )


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
