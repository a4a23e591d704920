"""Each finding that the doctor can make is brought about by a test: none is believed unseen."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_workshop.settings import PROJECT_FOLDER
from tests.support.findings import LEVELS, NOTES

CHECKS = PROJECT_FOLDER / "src" / "kafka_workshop" / "doctor"
PLANTING = ("tests/unit/test_doctor_machine.py", "tests/unit/test_doctor_cluster.py")
Site = tuple[str, str, str]


def sites() -> Iterator[Site]:
    """Yield module, function and level of each place that makes a finding of something wrong."""
    for path in CHECKS.glob("*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for level in made_in(function):
                    yield f"kafka_workshop.doctor.{path.stem}", function.name, level


def made_in(function: ast.FunctionDef) -> set[str]:
    called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {name.id for name in called if isinstance(name, ast.Name) and name.id in LEVELS}


@pytest.mark.timeout(180)
def test_each_finding_has_a_test_that_plants_it(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    options = ("-q", "-p", "tests.support.findings", "-p", "no:cacheprovider")
    planted = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *PLANTING],
        cwd=PROJECT_FOLDER,
        env={**os.environ, "PYTHONPATH": str(PROJECT_FOLDER / "src"), NOTES: str(notes)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert planted.returncode == 0, planted.stdout
    seen = {(module, function, level) for module, function, level in json.loads(notes.read_text())}
    assert set(sites()) - seen == set(), "no test plants these"
    assert len(seen) > 25
