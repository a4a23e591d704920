"""`bench start` says what is promised beside what it measured, and whether it was kept."""

import pytest

from benchmarks import start
from kafka_workshop import language

WITHIN = {
    "benchmark": "start",
    "coordination": "zookeeper",
    "empty_caches": False,
    "rounds": 3,
    "first_consumed_s": 9.61,
    "all_ready_s": 9.02,
    "memory_bytes": 1.14e9,
    "stop_s": 5.03,
}


@pytest.mark.parametrize("lang", language.LANGUAGES)
def test_what_is_promised_stands_beside_what_was_measured(
    capsys: pytest.CaptureFixture[str], lang: language.Language
) -> None:
    language.use(lang)
    assert start.show(WITHIN)
    table = capsys.readouterr().out
    for figure in ("9.61 s", "< 25 s", "1.14 GB", "< 2.5 GB", "5.03 s", "< 15 s"):
        assert figure in table
    assert {"en": "promised", "pt-BR": "prometido"}[lang] in table


@pytest.mark.parametrize(
    ("figure", "value"), [("first_consumed_s", 25.0), ("memory_bytes", 2.6e9), ("stop_s", 15.2)]
)
def test_a_figure_beyond_what_is_promised_is_told_by_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, figure: str, value: float
) -> None:
    monkeypatch.setattr(start, "run", lambda *_: WITHIN | {figure: value})
    monkeypatch.setattr("sys.argv", ["start"])
    with pytest.raises(SystemExit) as ended:
        start.main()
    assert ended.value.code == 1


def test_with_everything_to_download_150_seconds_are_promised() -> None:
    cold = WITHIN | {"empty_caches": True, "first_consumed_s": 149.0}
    assert all(line.kept for line in start.lines(cold))
    late = cold | {"first_consumed_s": 151.0}
    assert [line.kept for line in start.lines(late)] == [False, True, True, True]


def test_a_file_that_cannot_be_written_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start, "run", lambda *_: WITHIN)
    monkeypatch.setattr("sys.argv", ["start", "--json", "/proc/none/figures.json"])
    with pytest.raises(SystemExit) as ended:
        start.main()
    assert ended.value.code == 2
    assert "--json /proc/none/figures.json" in capsys.readouterr().err
