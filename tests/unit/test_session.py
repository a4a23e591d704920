"""What `up` does before anything starts."""

import os
from pathlib import Path

import pytest

from kafka_workshop.cli import session
from kafka_workshop.domain.rulebook import default_text
from kafka_workshop.errors import InvalidModel, InvalidRules


def test_files_of_rules_and_model_are_checked_and_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MONITOR_RULES", "rules.toml")
    monkeypatch.setenv("MONITOR_MODEL", "model.json")
    with pytest.raises(InvalidRules, match="MONITOR_RULES="):
        session.check_settings()
    (tmp_path / "rules.toml").write_text(default_text(), "utf-8")
    with pytest.raises(InvalidModel, match="MONITOR_MODEL="):
        session.check_settings()
    (tmp_path / "model.json").write_text(
        '{"kind": "logistic", "version": "v", "bias": 0, "weights": {}}', "utf-8"
    )
    session.check_settings()
    session.anchor_files()
    monkeypatch.chdir("/")
    session.check_settings()


def test_without_files_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITOR_RULES", "")
    monkeypatch.delenv("MONITOR_MODEL", raising=False)
    session.anchor_files()
    assert os.environ["MONITOR_RULES"] == ""
    assert "MONITOR_MODEL" not in os.environ
