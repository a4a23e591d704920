"""Where CI is set, a skipped cluster or browser test is a failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kafka_workshop.settings import PROJECT_FOLDER

SKIPPING = """
import pytest

@pytest.mark.{mark}
def test_that_finds_nothing_to_run_on():
    pytest.skip("not here")
"""


@pytest.mark.parametrize(
    ("mark", "ci", "code"),
    [("cluster", "true", 1), ("browser", "true", 1), ("cluster", "", 0), ("long", "true", 0)],
)
def test_a_skip_fails_only_where_it_must(mark: str, ci: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "test_skipping.py").write_text(SKIPPING.format(mark=mark))
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest"),
            *("-c", str(PROJECT_FOLDER / "pyproject.toml"), "--rootdir", str(tmp_path)),
            *("-p", "no:cacheprovider", str(tmp_path)),
        ],
        env={**os.environ, "CI": ci, "PYTHONPATH": f"{PROJECT_FOLDER}:{PROJECT_FOLDER / 'src'}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == code, ran.stdout + ran.stderr
