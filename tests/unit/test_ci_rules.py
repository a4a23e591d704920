"""Where CI is set, a skipped cluster or browser test is a failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kafka_workshop.settings import PROJECT_FOLDER

SKIPPING = """
import pytest

pytestmark = [getattr(pytest.mark, name) for name in {marks!r}.split()]

def test_that_finds_nothing_to_run_on():
    pytest.skip("not here")
"""


@pytest.mark.parametrize(
    ("marks", "ci", "code"),
    [
        ("cluster", "true", 1),
        ("browser", "true", 1),
        ("cluster", "", 0),
        ("long", "true", 0),
        ("cluster mount", "true", 0),
    ],
)
def test_a_skip_fails_only_where_it_must(marks: str, ci: str, code: int, tmp_path: Path) -> None:
    ran = run_marked(marks, ci, tmp_path, "--long")
    assert ran.returncode == code, ran.stdout + ran.stderr


def test_long_forms_are_left_out_unless_they_are_asked_for(tmp_path: Path) -> None:
    assert "1 deselected" in run_marked("long", "", tmp_path).stdout
    assert "1 skipped" in run_marked("long", "", tmp_path, "--long").stdout


def run_marked(
    marks: str, ci: str, folder: Path, *options: str
) -> "subprocess.CompletedProcess[str]":
    """Run one test that skips itself and has these marks."""
    (folder / "test_skipping.py").write_text(SKIPPING.format(marks=marks))
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest"),
            *("-c", str(PROJECT_FOLDER / "pyproject.toml"), "--rootdir", str(folder)),
            *("-p", "no:cacheprovider", str(folder), *options),
        ],
        env={**os.environ, "CI": ci, "PYTHONPATH": f"{PROJECT_FOLDER}:{PROJECT_FOLDER / 'src'}"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
