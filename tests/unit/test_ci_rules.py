"""Where CI is set, a skipped cluster or browser test is a failure."""

import os
import re
import subprocess
import sys
from pathlib import Path

from kafka_workshop.settings import PROJECT_FOLDER

SKIPPING = """
import pytest

@pytest.mark.{mark}
def test_that_finds_nothing_to_run_on():
    pytest.skip("not here")
"""


def outcomes(folder: Path, ci: str) -> dict[str, str]:
    """Run a skipping test of each mark; return mark -> what became of it."""
    for mark in ("cluster", "browser", "long"):
        (folder / f"test_{mark}.py").write_text(SKIPPING.format(mark=mark))
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-rA", "-p", "tests.conftest"),
            *("-c", str(PROJECT_FOLDER / "pyproject.toml"), "--rootdir", str(folder)),
            *("-p", "no:cacheprovider", str(folder)),
        ],
        env={**os.environ, "CI": ci, "PYTHONPATH": f"{PROJECT_FOLDER}:{PROJECT_FOLDER / 'src'}"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = re.findall(r"^(FAILED|SKIPPED) .*?test_(\w+)\.py", ran.stdout, re.MULTILINE)
    assert told, ran.stdout + ran.stderr
    assert (ran.returncode == 1) is any(word == "FAILED" for word, _ in told), ran.stdout
    return {mark: word for word, mark in told}


def test_a_skip_fails_where_ci_is_set_and_it_proves_nothing(tmp_path: Path) -> None:
    assert outcomes(tmp_path, ci="true") == {
        "cluster": "FAILED",
        "browser": "FAILED",
        "long": "SKIPPED",
    }


def test_elsewhere_a_skip_is_a_skip(tmp_path: Path) -> None:
    assert set(outcomes(tmp_path, ci="").values()) == {"SKIPPED"}
