"""What the monitor's benchmark computes from measurements, and that both engines fold the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs
from rich.console import Console

from benchmarks.monitor import __main__ as command
from benchmarks.monitor.figures import Row, Sample, grown, less, number, percentile, rate, table
from benchmarks.monitor.minimal import TIMES, far_above
from benchmarks.monitor.program import MinimalFold
from kafka_workshop import language
from kafka_workshop.domain.rulebook import default_rules
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.topics import MonitorTopics
from tests.support.stages import history


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    language.use("en")
    yield
    language.use("en")


def test_a_percentile_is_a_value_that_was_measured_whatever_the_order() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 50) == 2.0
    assert percentile([4.0, 1.0, 3.0, 2.0], 51) == 3.0
    assert percentile(range(1, 1001), 99) == 990
    assert percentile([7.0], 99) == percentile([7.0], 1) == 7.0


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1.0], 0), ([1.0], 101)])
def test_a_percentile_of_nothing_is_refused(values: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match="percentile"):
        percentile(values, percent)


def test_a_rate_counts_neither_the_start_nor_the_commit_of_what_was_left() -> None:
    start, full = Sample(0, 0), [Sample(10, 1_000), Sample(11, 3_000), Sample(12, 5_000)]
    assert rate([start, *full, Sample(100, 5_001)]) == 2_000


def test_a_rate_of_few_commits_is_that_of_the_last_span() -> None:
    assert rate([Sample(0, 0), Sample(10, 1_000)]) == 100
    assert rate([Sample(0, 0), Sample(10, 1_000), Sample(12, 3_000)]) == 1_000
    with pytest.raises(ValueError, match="nothing"):
        rate([Sample(0, 0)])


def test_costs_and_growth_have_their_sign() -> None:
    assert (less(95, 100), less(105, 100)) == (5.0, -5.0)
    assert grown([100, 140, 120, 141]) == 1
    assert grown([100, 140, 120, 110]) == -20


def test_the_table_speaks_both_languages() -> None:
    console = Console(width=100, record=True, file=None)
    with console.capture() as english:
        console.print(table([Row("restore", f"{number(12_345.6, 1)} s", "≤ 10 s")]))
    language.use("pt-BR")
    with console.capture() as portuguese:
        console.print(table([Row("restore", f"{number(12_345.6, 1)} s", "≤ 10 s")]))
    assert "measured" in english.get()
    assert "12,345.6 s" in english.get()
    assert "medido" in portuguese.get()
    assert "12.345,6 s" in portuguese.get()


def test_the_minimal_rule_raises_an_alert_for_an_amount_far_above_the_mean_so_far() -> None:
    first, state, raised = history(2_000)[0], None, []
    for amount in (100, 100 * TIMES, 100, 20_000 * TIMES, 20_000 * TIMES):
        state, alerts = far_above(state, structs.replace(first, amount=amount))
        raised.append([alert.alert_id for alert in alerts])
    assert [len(ids) for ids in raised] == [0, 0, 0, 1, 0]


def test_alerts_of_the_minimal_rule_at_one_instant_have_ids_of_their_own() -> None:
    at_once, state, ids = history(2_000)[0], None, set()
    for amount in (1, 1_000, 1_000_000):
        state, alerts = far_above(state, structs.replace(at_once, amount=amount))
        ids |= {alert.alert_id for alert in alerts}
    assert len(ids) == 2


def test_the_minimal_fold_of_the_stage_is_the_rule_that_the_rival_gets() -> None:
    fold = MinimalFold(default_rules(), MonitorTopics("t", "g"))
    transaction = structs.replace(history(2_000)[0], amount=1_000_000)
    state, none = far_above(None, structs.replace(transaction, amount=100))
    message = Message("t", 0, 0, transaction.occurred_at, None, None)
    folded = fold.fold(state, transaction, message)
    assert none == []
    assert (folded.state, folded.result) == far_above(state, transaction)
    assert len(list(folded.outputs)) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["backlogs"], "'backlogs' is no part; there are: backlog, rival, latency"),
        (["--seconds", "1"], "'1': a number of seconds from 5 to 3600"),
        (["--seconds", "nan"], "'nan': a number of seconds from 5 to 3600"),
        (["--transactions", "5"], "invalid choice: 5"),
        (["--json", "/dev/null/x.json"], "--json /dev/null/x.json: cannot be written"),
        (["--bootstrap", "nowhere"], "BOOTSTRAP_SERVERS='nowhere' is not allowed"),
    ],
)
def test_a_mistake_is_one_sentence(
    words: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("WORKSHOP_LANG", "en")
    monkeypatch.setattr(command, "JSON", tmp_path / "results" / "monitor.json")
    monkeypatch.setattr("sys.argv", ["monitor", *words])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said


def test_parts_are_measured_in_their_order_and_all_without_a_word() -> None:
    parser = command._parser()
    assert command._chosen(parser, ["steady", "backlog"]) == ["backlog", "steady"]
    assert command._chosen(parser, []) == list(command.PARTS)
