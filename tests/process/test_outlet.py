"""The outlet: whoever shows something never waits for the terminal."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import pytest

from kafka_workshop.cli.outlet import Outlet
from kafka_workshop.cli.view import View
from kafka_workshop.clock import Deadline
from kafka_workshop.settings import PROJECT_FOLDER
from tests.support.waiting import wait_until

# More than any terminal or pipe holds.
LINES = 20_000


@pytest.fixture
def terminal() -> Iterator[tuple[int, TextIO]]:
    """A terminal: where a person reads, and the file to write to."""
    reader, slave = pty.openpty()
    with os.fdopen(slave, "w") as file:
        yield reader, file
    os.close(reader)


def read_until(reader: int, end: str) -> str:
    seen = ""
    while end not in seen:
        seen += os.read(reader, 65_536).decode()
    return seen


def test_what_is_said_arrives_whole_and_in_order(terminal: tuple[int, TextIO]) -> None:
    reader, file = terminal
    outlet = Outlet(file)
    view = View(outlet)
    for number in range(300):
        view.say(f"line {number}")
    view.say("the end")
    lines = read_until(reader, "the end").split("\r\n")
    assert lines[:300] == [f"line {number}" for number in range(300)]
    assert outlet.drain(5)


def test_a_terminal_that_takes_nothing_stops_nobody(terminal: tuple[int, TextIO]) -> None:
    reader, file = terminal
    outlet = Outlet(file)
    view = View(outlet)
    for number in range(LINES):
        view.say(f"line {number}")
    deadline = Deadline(5)
    assert not outlet.drain(0.2)
    assert not deadline.expired

    seen = read_until(reader, "the terminal did not take them")
    assert "line 0\r\n" in seen
    assert f"line {LINES - 1}\r\n" not in seen


def test_a_terminal_that_has_gone_disturbs_nobody() -> None:
    reader, slave = pty.openpty()
    with os.fdopen(slave, "w") as file:
        outlet = Outlet(file)
        os.close(reader)
        outlet.write("anybody?\n")
        wait_until(lambda: outlet.gone, 5, "the outlet has noticed")
        outlet.write("anybody?\n")
        assert outlet.drain(0.0)
        with suppress(OSError):
            file.flush()


STUCK = f"""
import sys
from kafka_workshop.cli.outlet import Outlet
from kafka_workshop.cli.view import View
outlet = Outlet(sys.stdout)
view = View(outlet)
for number in range({LINES}):
    view.say(f"line {{number}}")
outlet.drain(0.2)
sys.exit(7)
"""


def test_a_program_ends_although_its_terminal_takes_nothing(tmp_path: Path) -> None:
    reader, slave = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-c", STUCK],
        stdout=slave,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT_FOLDER / "src")},
    )
    os.close(slave)
    try:
        assert program.wait(30) == 7
    finally:
        program.kill()
        os.close(reader)
