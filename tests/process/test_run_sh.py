"""`run.sh` starts what ACTION says, from any folder, and refuses everything else in one line."""

import shutil
import subprocess
from pathlib import Path

import pytest

from kafka_workshop.settings import PROJECT_FOLDER

RUN_SH = PROJECT_FOLDER / "run.sh"
SCRIPTS = {"producer": "produce.py", "consumer": "consume.py"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with run.sh and with every python that it might take, each telling its name."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    shutil.copy2(RUN_SH, folder)
    for name in ("python3", "python"):
        _teller(folder / "path" / name, name)
    _teller(folder / ".venv" / "bin" / "python", "venv")
    return folder


def _teller(path: Path, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "{name}|$*|$PYTHONUNBUFFERED|$$"\nexit 7\n')
    path.chmod(0o755)


def run(project: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    # dirname alone is linked: no other program of the machine is in reach.
    path = project / "path"
    if not (path / "dirname").exists():
        dirname = shutil.which("dirname")
        assert dirname
        (path / "dirname").symlink_to(dirname)
    return subprocess.run(
        [str(project / "run.sh")],
        env={"PATH": str(path), **settings},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("action", SCRIPTS)
def test_it_becomes_the_script_that_action_names(project: Path, action: str) -> None:
    ended = run(project, ACTION=action)
    python, script, unbuffered, _ = ended.stdout.strip().split("|")
    assert (python, script, unbuffered) == ("venv", f"{project}/{SCRIPTS[action]}", "1")
    assert ended.returncode == 7, "the exit code is the script's own"


def test_exec_leaves_no_shell_between_that_would_swallow_signals(project: Path) -> None:
    _teller(project / ".venv" / "bin" / "python", "venv")
    process = subprocess.Popen(
        [str(project / "run.sh")],
        env={"PATH": f"{project / 'path'}:/usr/bin:/bin", "ACTION": "producer"},
        stdout=subprocess.PIPE,
        text=True,
    )
    told, _ = process.communicate(timeout=30)
    assert told.strip().endswith(f"|{process.pid}")


def test_without_the_virtual_environment_it_takes_python3_then_python(project: Path) -> None:
    shutil.rmtree(project / ".venv")
    assert run(project, ACTION="producer").stdout.startswith("python3|")
    (project / "path" / "python3").unlink()
    assert run(project, ACTION="producer").stdout.startswith("python|")


@pytest.mark.parametrize("action", ["", "Producer", "produce", "producer consumer", "; ls"])
def test_anything_else_is_refused_by_name_value_and_what_is_allowed(
    project: Path, action: str
) -> None:
    ended = run(project, ACTION=action)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr == (
        f"ACTION='{action}' is not allowed: ACTION must be producer or consumer"
        " (ACTION=producer ./run.sh)\n"
    )


def test_without_action_it_says_the_same(project: Path) -> None:
    ended = run(project)
    assert (ended.returncode, ended.stderr[:24]) == (2, "ACTION='' is not allowed")


@pytest.mark.parametrize(
    ("settings", "portuguese"),
    [
        ({"LANG": "pt_BR.UTF-8"}, True),
        ({"LC_ALL": "pt_BR.UTF-8", "LANG": "en_US.UTF-8"}, True),
        ({"WORKSHOP_LANG": "pt-BR", "LANG": "C"}, True),
        ({"WORKSHOP_LANG": "en", "LANG": "pt_BR.UTF-8"}, False),
        ({"LANG": "C"}, False),
    ],
)
def test_the_refusal_speaks_the_language_of_the_environment(
    project: Path, settings: dict[str, str], portuguese: bool
) -> None:
    ended = run(project, **settings)
    assert ("não é permitido: ACTION deve ser producer ou consumer" in ended.stderr) is portuguese
    assert ended.returncode == 2


def test_it_is_executable_and_plain_posix_shell() -> None:
    assert RUN_SH.stat().st_mode & 0o111
    assert RUN_SH.read_text().startswith("#!/bin/sh\n")
    assert b"\r" not in RUN_SH.read_bytes()
