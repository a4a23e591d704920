"""The backtest: the stream's alerts again, changes side by side, and a scaled-down judgement."""

import json
import os
from functools import cache
from pathlib import Path

import pytest

from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.detector import Detector
from kafka_workshop.domain.label import CompleteUntil, Label
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rulebook import default_rules, default_text
from kafka_workshop.domain.rules.example import past, payments
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import InvalidRules
from kafka_workshop.messaging.codec import encode
from kafka_workshop.messaging.label_codec import encode_label
from kafka_workshop.monitor.backtest.changes import changed, text_of
from kafka_workshop.monitor.backtest.lines import InvalidFile, events_of
from kafka_workshop.monitor.backtest.past import InvalidBound, bound
from kafka_workshop.monitor.backtest.run import Backtest, Event
from kafka_workshop.monitor.backtest.simulated import Simulation
from kafka_workshop.monitor.score.combine import combined
from kafka_workshop.monitor.score.judge import judge
from kafka_workshop.simulator.fraud.plan import MAX_RATE
from tests.support import command

DAY = 86_400_000
# The first of the seeds that the README's table judges, on a fifth of their history and no more
# fraud than published: too few episodes for each scenario's own bound, enough for all together.
JUDGED = (100, 101)
SCALED_DOWN = Simulation(accounts=2_000, history=60_000, live=20_000)


@cache
def burst() -> tuple[Transaction, ...]:
    """An account's past and a burst that trips a rule."""
    return (*past(), *payments(every=60, count=25))


def label(transaction: Transaction) -> Label:
    at = transaction.occurred_at
    said = transaction.transaction_id, transaction.account_id
    return Label(1, "e", "velocity", *said, at, at + DAY)


def run(*events: Event) -> Backtest:
    backtest = Backtest([default_rules()])
    backtest.run(events)
    return backtest


def folded(transactions: tuple[Transaction, ...]) -> list[Alert]:
    detector, profiles, alerts = Detector(default_rules()), dict[str, Profile](), list[Alert]()
    for transaction in transactions:
        before = profiles.get(transaction.account_id) or Profile()
        profiles[transaction.account_id], raised = detector.fold(before, transaction)
        alerts += raised
    return alerts


def test_its_alerts_are_those_of_the_fold() -> None:
    assert folded(burst())
    assert run(*burst()).trials[0].alerts == folded(burst())


def test_without_labels_there_is_no_score() -> None:
    assert not judge(run(*burst()).trials[0].known).is_mature


def test_with_labels_there_is_one() -> None:
    backtest = run(*map(label, burst()[-25:]), *burst())
    score = judge(backtest.trials[0].known)
    assert (backtest.transactions, backtest.labelled) == (len(burst()), 25)
    assert (score.recall, score.complete_until) == (1.0, burst()[-1].occurred_at)
    assert score.since == burst()[0].occurred_at


def test_labels_of_what_lies_outside_the_range_do_not_count() -> None:
    backtest = run(label(burst()[0]), label(burst()[-1]), *burst()[10:])
    assert backtest.labelled == 1


def test_it_is_judged_as_far_as_the_labels_are_complete() -> None:
    until = burst()[0].occurred_at + DAY
    backtest = run(CompleteUntil(1, until), label(burst()[-1]), *burst())
    assert judge(backtest.trials[0].known).complete_until == until
    assert judge(backtest.trials[0].known).scenarios == ()


# A file


def written(folder: Path, *lines: bytes) -> Path:
    path = folder / "past.jsonl"
    path.write_bytes(b"\n".join(lines))
    return path


def test_a_file_may_have_its_labels_anywhere(tmp_path: Path) -> None:
    lines = [encode(transaction) for transaction in burst()]
    labels = [encode_label(label(burst()[-1])), encode_label(CompleteUntil(1, 3))]
    found = list(events_of(written(tmp_path, *lines, b"", b"  ", *labels)))
    assert found == [label(burst()[-1]), CompleteUntil(1, 3), *burst()]


@pytest.mark.parametrize(
    "line", [b"{}", b"hello", b'{"record":"label"}', b'{"schema_version":9}', b"\xff"]
)
def test_a_line_that_says_nothing_is_named(tmp_path: Path, line: bytes) -> None:
    with pytest.raises(InvalidFile, match="line 2"):
        list(events_of(written(tmp_path, encode(burst()[0]), line)))


# Parameters


def test_a_change_gives_another_version_and_is_checked_like_a_file() -> None:
    book = changed(default_text(), ["velocity.factor=2.5", "fan_in.enabled=false"])
    assert book.parameters["velocity"].factor == 2.5  # type: ignore[attr-defined]
    assert book.disabled == ("fan_in",)
    assert book.rules_version != default_rules().rules_version
    assert changed(default_text(), ["velocity.factor=3"]) == default_rules()


@pytest.mark.parametrize(
    "change",
    [
        *(
            "velocity",
            "velocity.factor",
            "factor=3",
            ".factor=3",
            "velocity.=3",
            "velocity.factor=",
        ),
        *("velocity.factor=much", "velocity.factor=0", "velocity.nothing=1", "nothing.factor=1"),
        *("velocity.factor=3\nb=4", "version.a=1"),
    ],
)
def test_a_change_that_says_nothing_is_refused(change: str) -> None:
    with pytest.raises(InvalidRules):
        changed(default_text(), [change])


def test_rules_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"version = '\xe3'")
    for path in (tmp_path, tmp_path / "none", tmp_path / "latin"):
        with pytest.raises(InvalidRules):
            text_of(path)
    assert text_of(None) == default_text()


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "2026-13-01", "", "yesterday"])
def test_a_bound_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidBound, match="--to"):
        bound("--to", text)


# The command


def backtest(*words: str, lang: str = "en", **variables: str) -> command.Answer:
    environment = {**os.environ, "WORKSHOP_LANG": lang, **variables}
    return command.workshop(("monitor", "backtest", *words), environment)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    fraud = [encode_label(label(transaction)) for transaction in burst()[-25:]]
    return written(tmp_path, *(encode(transaction) for transaction in burst()), *fraud)


def test_it_shows_changes_side_by_side_and_writes_the_ids_of_the_rules_as_they_are(
    file: Path, tmp_path: Path
) -> None:
    ids = tmp_path / "ids"
    off = ["velocity.enabled=false", "--set", "pix_limits.enabled=false"]
    answer = backtest("--file", str(file), "--set", *off, "--ids", str(ids))
    assert answer.returncode == 0, answer.stderr
    assert "alert precision 1.000 → –" in answer.stdout
    assert "1 → 0" in answer.stdout
    assert ids.read_text().split() == sorted(alert.alert_id for alert in folded(burst()))


@pytest.mark.parametrize(("lang", "words"), [("en", "no score"), ("pt-BR", "sem avaliação")])
def test_without_labels_it_counts_alerts_and_says_why(
    tmp_path: Path, lang: str, words: str
) -> None:
    path = written(tmp_path, *(encode(transaction) for transaction in burst()))
    answer = backtest("--file", str(path), lang=lang)
    assert words in answer.stdout
    assert "velocity" in answer.stdout


def test_as_json_it_has_the_alerts_and_the_score(file: Path) -> None:
    said = json.loads(backtest("--file", str(file), "--json").stdout)
    assert (said["transactions"], said["labelled"]) == (len(burst()), 25)
    (only,) = said["runs"]
    assert only["alerts"]["velocity"] == 1
    assert only["score"]["recall"] == only["score"]["precision"] == 1.0


@pytest.mark.parametrize(
    ("words", "en", "pt"),
    [
        ([], "Over what?", "Sobre o quê?"),
        (["--seed", "1", "--topic"], "Over what?", "Sobre o quê?"),
        (["--seeds", "9-2"], "the smaller first", "a menor primeiro"),
        (["--seeds", "1-2", "--seed", "1"], "no --seed beside it", "sem --seed ao lado"),
        (["--seed", "1", "--to", "3"], "go with --topic", "acompanham --topic"),
        (["--topic", "--to", "x"], "--to 'x': an offset", "--to 'x': use um offset"),
        (["--seed", "1", "--set", "x"], "'x' is no change", "'x' não é uma mudança"),
        (["--file", "nowhere"], "nowhere can't be read", "não é possível ler nowhere"),
        (["--seed", "1", "--ids", "no/x"], "no/x can't be written", "gravar --ids no/x"),
        (["--seed", "1", "--rules", "nowhere"], "rules nowhere can't", "regras nowhere"),
        (["--seed", "-1"], "--seed: not allowed", "--seed: não permitido"),
    ],
)
def test_a_mistake_is_one_sentence_in_both_languages(words: list[str], en: str, pt: str) -> None:
    for lang, sentence in (("en", en), ("pt-BR", pt)):
        answer = backtest(*words, lang=lang)
        assert answer.returncode == 2
        assert sentence in answer.stderr
        assert "Traceback" not in answer.stderr


def test_too_few_accounts_for_fraud_are_refused() -> None:
    answer = backtest("--seed", "1", ACCOUNTS="20")
    assert answer.returncode == 2
    assert "ACCOUNTS=20: fraud needs at least 50 accounts" in answer.stderr


# The judgement


def test_on_seeds_never_tuned_on_recall_and_precision_are_high() -> None:
    assert SCALED_DOWN.fraud <= MAX_RATE
    scores = []
    for seed in JUDGED:
        backtest = Backtest([default_rules()])
        backtest.run(SCALED_DOWN.events(seed))
        assert backtest.labelled <= MAX_RATE * backtest.transactions
        scores.append(judge(backtest.trials[0].known))
    score = combined(scores)
    # A compromise takes seven weeks of so thin a history: tests/monitor/test_merchant.py has it.
    account = [s for s in score.scenarios if s.scenario != "compromise"]
    assert sum(s.caught for s in account) >= 0.8 * sum(s.episodes for s in account) > 20
    assert score.precision is not None
    assert score.precision >= 0.8
