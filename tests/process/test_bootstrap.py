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
# A uv that notes what it was asked, and makes a venv of the interpreter that it brings.
UV = """#!/bin/sh
echo "$*" >> {trace}
case "$*" in
venv*) for folder; do :; done ; mkdir -p "$folder/bin" && cp {python} "$folder/bin/python" ;;
esac
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

    def has_uv(self, folder: Path) -> None:
        """Put a uv there that makes an environment around a Python of its own."""
        self.has("brought")
        folder.mkdir(parents=True, exist_ok=True)
        script = UV.format(trace=self.trace, python=self.bin / "brought")
        (folder / "uv").write_text(script)
        (folder / "uv").chmod(0o755)

    def is_a(self, release: str) -> None:
        """Say in an /etc/os-release of its own which system it is."""
        (self.project / "os-release").write_text(release)
        script = self.project / "workshop"
        own = f"os_release={self.project / 'os-release'}"
        script.write_text(script.read_text().replace("os_release=/etc/os-release", own))

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


# Of each system what its /etc/os-release says, and the line without the word for the superuser.
HINTS = {
    "Ubuntu 22.04, 3.10": (
        "ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=jammy\nUBUNTU_CODENAME=jammy",
        "apt-get install -y pipx && pipx install uv",
    ),
    "Ubuntu 24.04, 3.12": (
        "ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\nUBUNTU_CODENAME=noble",
        "apt-get install -y python3-venv",
    ),
    "Ubuntu 26.04, 3.14": (
        "ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=resolute\nUBUNTU_CODENAME=resolute",
        "apt-get install -y pipx && pipx install uv",
    ),
    "Mint 22, Ubuntu 24.04 beneath": (
        'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble',
        "apt-get install -y python3-venv",
    ),
    "Debian 11, 3.9": (
        "ID=debian\nVERSION_CODENAME=bullseye",
        "apt-get install -y pipx && pipx install uv",
    ),
    "Debian 12, 3.11": (
        "ID=debian\nVERSION_CODENAME=bookworm",
        "apt-get install -y python3-venv",
    ),
    "Alpine": ("ID=alpine", "apk add python3 py3-pip"),
    "Fedora": ("ID=fedora", "dnf install -y python3.12"),
    "Rocky": ('ID="rocky"\nID_LIKE="rhel centos fedora"', "dnf install -y python3.12"),
    "Arch": ("ID=arch", "pacman -S --noconfirm uv"),
    "openSUSE": ('ID=opensuse-leap\nID_LIKE="suse opensuse"', "zypper install -y python312"),
    "one that nobody knows": ("ID=plan9", "pipx install uv"),
}


@pytest.mark.parametrize("system", HINTS)
def test_the_line_is_that_of_the_system(machine: Machine, system: str) -> None:
    release, line = HINTS[system]
    machine.is_a(release)
    refused = machine.workshop("up")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].strip().removeprefix("sudo ") == line
    assert "1/4" not in refused.stderr, "nothing is announced that will not be done"


def test_the_line_of_macos_is_homebrews(machine: Machine) -> None:
    (machine.bin / "uname").unlink()
    (machine.bin / "uname").write_text("#!/bin/sh\necho Darwin\n")
    (machine.bin / "uname").chmod(0o755)
    assert machine.workshop("up").stderr.splitlines()[-1].strip() == "brew install python@3.12"


@pytest.mark.parametrize("place", ["on PATH", "where pipx puts it"])
def test_without_a_python_that_serves_uv_brings_one(machine: Machine, place: str) -> None:
    machine.has("python3", good=False)
    folder = machine.bin if place == "on PATH" else machine.project / ".local" / "bin"
    machine.has_uv(folder)
    answer = machine.workshop("up")
    assert answer.returncode == 0, answer.stderr
    assert "MB, once" in answer.stderr
    assert machine.asked("venv --quiet --python >=3.11,<3.14") == 1
    assert machine.asked("pip install --require-hashes --only-binary :all:") == 1
    assert machine.asked("requirements-cluster.lock") == 1
    assert "the command line runs" in answer.stdout


def test_uv_is_left_alone_where_a_python_serves(machine: Machine) -> None:
    machine.has("python3.12")
    machine.has_uv(machine.bin)
    machine.workshop("ps")
    assert machine.asked("venv --quiet") == 0
    assert machine.asked("pip install") == 1


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
