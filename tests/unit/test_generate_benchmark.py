"""The generation benchmark measures what it says, within its time."""

import json
import time
from pathlib import Path

import pytest

from benchmarks import generate


def test_the_figures_are_there_and_sampling_beats_faker_for_every_field() -> None:
    started = time.monotonic()
    figures = generate.run(0.5)
    assert time.monotonic() - started < 10
    assert isinstance(figures["ratio"], float)
    assert figures["ratio"] > 3
    assert isinstance(figures["max_bytes"], int)
    assert 300 < figures["max_bytes"] <= 500
    assert len(json.dumps(figures)) > 100


def test_the_command_prints_a_table_and_writes_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "generate.json"
    monkeypatch.setenv("WORKSHOP_LANG", "en")
    monkeypatch.setattr("sys.argv", ["generate", "--seconds", "0.2", "--json", str(file)])
    generate.main()
    assert "generated and encoded a second" in capsys.readouterr().out
    assert json.loads(file.read_text())["rate"] > 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--seconds", "soon"], "'soon': a number of seconds"),
        (["--seconds", "0.1", "--json", "/dev/null/x.json"], "cannot be written"),
    ],
)
def test_a_mistake_gets_a_sentence_and_exit_code_2(
    words: list[str],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("WORKSHOP_LANG", "en")
    monkeypatch.setattr("sys.argv", ["generate", *words])
    with pytest.raises(SystemExit) as ended:
        generate.main()
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err
