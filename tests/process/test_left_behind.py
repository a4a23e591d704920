"""A supervisor killed with SIGKILL: its children are recognised, nobody else's, and ended."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_workshop.cli.ending import end_left_behind
from kafka_workshop.cli.view import View
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.identity import Identity, identify
from kafka_workshop.cluster.roll import Entry, Roll, end, left_behind
from kafka_workshop.cluster.sole import AlreadyRunning, sole_supervisor
from kafka_workshop.settings import PROJECT_FOLDER
from tests.support.bench import SERVER, STUBBORN, Bench
from tests.support.waiting import wait_until

# A supervisor of two programs, in a process of its own.
SUPERVISOR = """
import asyncio, sys
from pathlib import Path
from kafka_workshop.cluster.service import Stage
from tests.support.bench import Bench
bench = Bench(Path(sys.argv[1]))
async def stay(supervisor):
    await asyncio.Event().wait()
bench.run(Stage("a", (bench.service("keeper", rank=3), bench.service("client"))), then=stay)
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def orphans(bench: Bench) -> Iterator[list[Entry]]:
    """What a supervisor leaves behind that was killed at work."""
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(bench.folders.root)],
        env={**os.environ, "PYTHONPATH": f"{PROJECT_FOLDER}:{PROJECT_FOLDER / 'src'}"},
    )
    wait_until(lambda: len(bench.lines()) == 2, 20, "both programs run")
    wait_until(lambda: len(left_behind(bench.folders)) == 2, 20, "both are on the roll")
    supervisor.kill()
    supervisor.wait(10)
    left = left_behind(bench.folders)
    yield left
    for entry in left:
        entry.identity.signal_group(signal.SIGKILL)


def test_they_run_on_are_recognised_and_end_in_order(bench: Bench, orphans: list[Entry]) -> None:
    assert {entry.service for entry in orphans} == {"keeper", "client"}
    assert all(entry.identity.alive for entry in orphans)
    ended: list[str] = []
    end(orphans, lambda entry: ended.append(entry.service))
    assert ended == ["client", "keeper"]
    assert bench.lines()[-2:] == ["client ended", "keeper ended"]
    assert left_behind(bench.folders) == []


def test_a_paused_one_and_a_stubborn_one_end_too(bench: Bench) -> None:
    entries = [start(bench, "paused", SERVER), start(bench, "stubborn", STUBBORN)]
    entries[0].identity.signal_group(signal.SIGSTOP)
    end(entries, lambda _: None)
    assert not any(entry.identity.alive for entry in entries)
    assert "paused ended" in bench.lines()


def start(bench: Bench, name: str, code: str) -> Entry:
    command = bench.service(name, code).command
    program = subprocess.Popen(command.arguments, start_new_session=True)
    wait_until(lambda: f"{name} started" in bench.lines(), 10, f"{name} runs")
    program.returncode = 0  # nobody waits for it here: it is to be an orphan
    return Entry(name, identify(program.pid), 0.0, (), 0, 0.5)


def test_what_a_supervisor_has_begun_meanwhile_is_left_to_it(bench: Bench) -> None:
    entry = start(bench, "young", SERVER)
    Roll(bench.folders).enter(entry)
    with sole_supervisor(bench.folders), pytest.raises(AlreadyRunning):
        end_left_behind(bench.folders, View())
    assert entry.identity.alive
    assert end_left_behind(bench.folders, View())
    assert not entry.identity.alive
    assert not end_left_behind(bench.folders, View())


def test_a_pid_that_was_lent_again_is_not_ours(bench: Bench) -> None:
    stranger = identify(os.getpid())
    lent = Identity(stranger.pid, stranger.birth + "0")
    roll = Roll(bench.folders)
    roll.enter(Entry("one", lent, 0.0, (), 0, 1.0))
    assert stranger.alive
    assert not lent.alive
    assert left_behind(bench.folders) == []
    lent.signal_group(signal.SIGKILL)  # would end this very test


def test_a_process_that_ended_and_was_not_buried_is_not_alive() -> None:
    program = subprocess.Popen([sys.executable, "-c", ""])
    identity = identify(program.pid)
    wait_until(lambda: not identity.alive, 10, "the program's end is seen before it is buried")
    program.wait(10)
    assert not identity.alive


def test_a_roll_that_cannot_be_read_names_nobody(tmp_path: Path) -> None:
    folders = RunFolders(tmp_path)
    folders.make()
    assert left_behind(folders) == []
    (folders.run / "children.json").write_text("{half a li")
    assert left_behind(folders) == []


def test_one_that_ended_while_nothing_can_be_written_is_forgotten_later(bench: Bench) -> None:
    roll = Roll(bench.folders)
    for name in ("one", "two"):
        roll.enter(Entry(name, identify(os.getpid()), 0.0, (), 0, 1.0))
    (bench.folders.run / "children.new").mkdir()
    roll.strike("one")
    with pytest.raises(OSError, match=r"children\.new"):
        roll.enter(Entry("three", identify(os.getpid()), 0.0, (), 0, 1.0))
    (bench.folders.run / "children.new").rmdir()
    roll.strike("three")
    assert [entry.service for entry in left_behind(bench.folders)] == ["two"]


def test_the_roll_is_never_half_written(bench: Bench) -> None:
    roll = Roll(bench.folders)
    roll.enter(Entry("one", identify(os.getpid()), 0.0, (), 0, 1.0))
    (path,) = bench.folders.run.glob("children.*")
    assert json.loads(path.read_bytes())[0]["service"] == "one"
    roll.strike("one")
    assert json.loads(path.read_bytes()) == []
