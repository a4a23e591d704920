"""`./workshop` before there is any Python of ours: stand-in interpreters, since none may be had.

The real installation is what tests/cluster/test_life.py runs.
"""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from kafka_workshop.settings import PROJECT_FOLDER
from tests.support.waiting import wait_until

TOOLS = ("bash", "sh", "env", "dirname", "cksum", "cat", "rm", "mkdir", "uname", "sleep", "printf")
# A Python that says it is VERSION, makes a venv of another such, and notes what it was asked.
STAND_IN = """#!/bin/sh
echo "$*" >> {trace}
case "$*" in
*version_info*) exit {version_code} ;;
*"-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ; exit $? ;;
*"pip install"*) {pip} ;;
*"-m kafka_workshop"*) echo "the command line runs: $*" ;;
esac
exit 0
"""


class Machine:
    """A machine with nothing but a few tools and the interpreters that a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.project, self.bin, self.trace = folder / "project", folder / "bin", folder / "trace"
        self.project.mkdir()
        self.bin.mkdir()
        for name in ("workshop", "requirements-cluster.lock", "requirements-dev.lock"):
            shutil.copy2(PROJECT_FOLDER / name, self.project / name)
        for tool in TOOLS:
            found = shutil.which(tool)
            if found:
                (self.bin / tool).symlink_to(found)
        self.bash = shutil.which("bash") or "bash"

    def has(self, name: str, good: bool = True, pip: str = "exit 0") -> None:
        (self.bin / name).write_text(
            STAND_IN.format(trace=self.trace, version_code=0 if good else 1, pip=pip)
        )
        (self.bin / name).chmod(0o755)
        if not (self.bin / "cp").exists():
            (self.bin / "cp").symlink_to(shutil.which("cp") or "cp")

    def start(self, *verb: str, lang: str = "en") -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [self.bash, str(self.project / "workshop"), *verb],
            env={"PATH": str(self.bin), "HOME": str(self.project), "WORKSHOP_LANG": lang},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def workshop(self, *verb: str, lang: str = "en") -> "subprocess.CompletedProcess[str]":
        process = self.start(*verb, lang=lang)
        out, err = process.communicate(timeout=30)
        return subprocess.CompletedProcess(verb, process.returncode, out, err)

    def asked(self, what: str) -> int:
        text = self.trace.read_text() if self.trace.exists() else ""
        return text.count(what)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("lang", "sentence"), [("en", "is needed, or uv"), ("pt-BR", "É preciso Python 3.11")]
)
def test_without_python_and_uv_the_line_that_installs_one_is_printed(
    machine: Machine, lang: str, sentence: str
) -> None:
    answer = machine.workshop("up", lang=lang)
    assert answer.returncode == 1
    assert sentence in answer.stderr
    line = answer.stderr.strip().splitlines()[-1]
    assert line.startswith("    ")
    assert "install" in line or "apk add" in line or "pacman -S" in line
    assert not (machine.project / ".venv").exists()


def test_a_python_too_old_or_a_broken_shim_is_passed_over(machine: Machine) -> None:
    machine.has("python3.13", good=False)
    machine.has("python3", good=True)
    answer = machine.workshop("ps")
    assert answer.returncode == 0, answer.stderr
    assert "the command line runs: -P -m kafka_workshop ps" in answer.stdout


def test_the_newest_python_is_taken_first(machine: Machine) -> None:
    for name in ("python3.11", "python3.13"):
        machine.has(name)
    machine.workshop("ps")
    made = (machine.project / ".venv" / "bin" / "python").read_text()
    assert made == (machine.bin / "python3.13").read_text()


def test_the_first_start_says_how_much_and_installs_from_the_hashes(machine: Machine) -> None:
    machine.has("python3.12")
    answer = machine.workshop("up")
    assert "1/4" in answer.stderr
    assert "MB, once" in answer.stderr
    assert machine.asked("--require-hashes") == 1
    assert machine.asked("requirements-cluster.lock") == 1
    assert machine.asked("requirements-dev.lock") == 0


def test_the_second_start_installs_nothing(machine: Machine) -> None:
    machine.has("python3.12")
    machine.workshop("ps")
    again = machine.workshop("ps")
    assert machine.asked("pip install") == 1
    assert "1/4" not in again.stderr


def test_a_changed_lock_is_installed_afresh(machine: Machine) -> None:
    machine.has("python3.12")
    machine.workshop("ps")
    with (machine.project / "requirements-cluster.lock").open("a") as lock:
        lock.write("# changed\n")
    machine.workshop("ps")
    assert machine.asked("pip install") == 2


def test_tests_and_checks_have_an_environment_of_their_own(machine: Machine) -> None:
    machine.has("python3.12")
    machine.workshop("check")
    assert machine.asked("requirements-dev.lock") == 1
    assert (machine.project / ".venv-dev").exists()
    assert not (machine.project / ".venv").exists()


def test_a_failed_installation_says_so_and_is_begun_again(machine: Machine) -> None:
    machine.has("python3.12", pip="exit 1")
    failed = machine.workshop("up")
    assert failed.returncode == 1
    assert "could not be installed" in failed.stderr
    machine.has("python3.12")
    assert machine.workshop("up").returncode == 0
    assert machine.asked("pip install") == 2


def test_two_at_once_install_once(machine: Machine) -> None:
    machine.has("python3.12", pip="sleep 1")
    processes = [machine.start("ps") for _ in range(3)]
    codes = [process.wait(30) for process in processes]
    outputs = [process.communicate() for process in processes]
    assert codes == [0, 0, 0], outputs
    assert machine.asked("pip install") == 1


def test_the_lock_of_an_installation_that_died_is_taken_over(machine: Machine) -> None:
    machine.has("python3.12")
    dead = subprocess.Popen(["true"])
    dead.wait()
    turn = machine.project / ".venv.lock"
    turn.mkdir()
    (turn / "pid").write_text(str(dead.pid))
    assert machine.workshop("ps").returncode == 0
    assert not turn.exists()


def test_an_interrupted_installation_leaves_no_lock(machine: Machine) -> None:
    machine.has("python3.12", pip="exec sleep 20")
    process = machine.start("ps")
    wait_until(lambda: machine.asked("pip install"), 15, "the installation is under way")
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    process.communicate(timeout=30)
    assert not (machine.project / ".venv.lock").exists()
    assert not (machine.project / ".venv" / ".stamp").exists()


def test_the_script_has_the_syntax_of_bash() -> None:
    checked = subprocess.run(
        ["bash", "-n", str(PROJECT_FOLDER / "workshop")], capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
