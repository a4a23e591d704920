"""The import rules hold, and the command that says so really looks."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from kafka_workshop.cli.develop import CHECKS
from kafka_workshop.settings import PROJECT_FOLDER

(LINT_IMPORTS,) = [command for command in CHECKS if "lint-imports" in command[0]]


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        LINT_IMPORTS,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_import_rule_is_kept() -> None:
    answer = lint(PROJECT_FOLDER)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "0 broken" in answer.stdout


def test_a_forbidden_import_is_noticed(tmp_path: Path) -> None:
    subprocess.run(
        ["cp", "-r", str(PROJECT_FOLDER / "src"), str(PROJECT_FOLDER / "pyproject.toml"), tmp_path],
        check=True,
    )
    planted = tmp_path / "src" / "kafka_workshop" / "domain" / "planted.py"
    planted.write_text("import kafka_workshop.messaging.topics\n")
    answer = lint(tmp_path)
    assert answer.returncode == 1, answer.stdout
    assert "domain is pure BROKEN" in answer.stdout


def test_every_check_is_a_program_that_is_there() -> None:
    for command in CHECKS:
        assert Path(command[0]).exists(), command
        if command[:2] == (sys.executable, "-m"):
            assert importlib.util.find_spec(f"{command[2]}.__main__"), command
