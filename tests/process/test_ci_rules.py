"""Where CI is set, a skipped cluster or browser test is a failure; long forms must be asked for."""

import os
import re
import subprocess
import sys
from pathlib import Path

from kafka_workshop.settings import PROJECT_FOLDER

SKIPPING = """
import pytest

{marks}
def test_that_finds_nothing_to_run_on():
    pytest.skip("not here")
"""
MARKS = {
    "cluster": ("cluster",),
    "browser": ("browser",),
    "long": ("long",),
    "mount": ("cluster", "mount"),
}


def run_marked(folder: Path, ci: str, *options: str) -> str:
    """Run a skipping test of each mark; return what pytest told."""
    for name, marks in MARKS.items():
        lines = "\n".join(f"@pytest.mark.{mark}" for mark in marks)
        (folder / f"test_{name}.py").write_text(SKIPPING.format(marks=lines))
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-rA", "-p", "tests.conftest"),
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
    assert (ran.returncode == 1) is ("FAILED" in ran.stdout), ran.stdout + ran.stderr
    return ran.stdout


def outcomes(told: str) -> dict[str, str]:
    """Return mark -> what became of its test."""
    found = re.findall(r"^(FAILED|SKIPPED) .*?test_(\w+)\.py", told, re.MULTILINE)
    return {mark: word for word, mark in found}


def test_a_skip_fails_where_ci_is_set_and_it_proves_nothing(tmp_path: Path) -> None:
    assert outcomes(run_marked(tmp_path, "true", "--long")) == {
        "cluster": "FAILED",
        "browser": "FAILED",
        "long": "SKIPPED",
        "mount": "SKIPPED",
    }


def test_elsewhere_a_skip_is_a_skip_and_long_forms_are_left_out(tmp_path: Path) -> None:
    told = run_marked(tmp_path, "")
    assert outcomes(told) == dict.fromkeys(("cluster", "browser", "mount"), "SKIPPED")
    assert "1 deselected" in told
