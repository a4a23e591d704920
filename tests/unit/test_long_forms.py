"""`./workshop test --long` has the time that the documents promise, and no more."""

import sys

import pytest
from typer.testing import CliRunner

from kafka_workshop.cli import app, develop
from tests.unit.repository import text


def test_the_long_forms_end_within_the_time_that_the_documents_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs: list[list[str]] = []

    def run(command: list[str]) -> int:
        runs.append(command)
        return 0

    monkeypatch.setattr(develop, "_run", run)
    assert CliRunner().invoke(app, ["test", "--long"]).exit_code == 0
    (words,) = runs
    assert words[:3] == [sys.executable, "-m", "pytest"]
    assert f"--session-timeout={develop.LONG_FORMS_S}" in words
    said = f"{develop.LONG_FORMS_S // 60} min"
    for document in ("README.md", "README.pt-BR.md"):
        (row,) = [
            r for r in text(document).splitlines() if r.startswith("| `./workshop test --long`")
        ]
        assert said in row
