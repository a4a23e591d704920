"""The Handbook's protocol: figures against their definitions, days against planted ones."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop.domain.label import Label
from kafka_workshop.monitor.risk import plot, report
from kafka_workshop.monitor.risk.metrics import average_precision, curve, roc_auc
from kafka_workshop.monitor.risk.protocol import (
    Found,
    NoDay,
    OneClass,
    Rules,
    Scored,
    begin_of,
    evaluate,
)

HOUR, DAY = 3_600_000, 86_400_000
FIRST = date(2026, 3, 2)
# Few different scores, so that many are equal.
JUDGED = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]), st.booleans()), min_size=2, max_size=40
).filter(lambda judged: len({fraud for _, fraud in judged}) == 2)


@given(JUDGED)
def test_the_area_is_how_often_a_fraud_scores_higher_than_an_honest_one(
    judged: list[tuple[float, bool]],
) -> None:
    frauds = [score for score, fraud in judged if fraud]
    honest = [score for score, fraud in judged if not fraud]
    won = sum((f > h) + 0.5 * (f == h) for f in frauds for h in honest)
    assert roc_auc(curve(judged)) == pytest.approx(won / (len(frauds) * len(honest)))


@given(JUDGED)
def test_average_precision_is_the_sum_over_thresholds_of_precision_and_the_recall_it_adds(
    judged: list[tuple[float, bool]],
) -> None:
    frauds, total, before = sum(fraud for _, fraud in judged), 0.0, 0.0
    for threshold in sorted({score for score, _ in judged}, reverse=True):
        chosen = [fraud for score, fraud in judged if score >= threshold]
        total += (sum(chosen) / frauds - before) * sum(chosen) / len(chosen)
        before = sum(chosen) / frauds
    assert average_precision(curve(judged)) == pytest.approx(total)


def test_known_figures() -> None:
    # The example in scikit-learn's documentation of both functions: 0.75 and 0.83.
    points = curve([(0.1, False), (0.4, False), (0.35, True), (0.8, True)])
    assert roc_auc(points) == pytest.approx(0.75)
    assert average_precision(points) == pytest.approx(0.8333, abs=1e-4)


@pytest.mark.parametrize("fraud", [True, False])
def test_one_class_alone_cannot_be_told_apart(fraud: bool) -> None:
    with pytest.raises(ValueError, match="one class"):
        curve([(0.5, fraud), (0.6, fraud)])


def at(day: int, hour: int = 12) -> int:
    return begin_of(FIRST + timedelta(day)) + hour * HOUR


def scored(account: str, day: int, score: float) -> Scored:
    return Scored(f"0000001-{account}{day:04d}", account, at(day), score)


def label(account: str, day: int, delay_days: float = 7) -> Label:
    occurred, available = at(day), at(day) + int(delay_days * DAY)
    name = f"0000001-{account}{day:04d}"
    return Label(1, name[-16:], "unspecified", name, account, occurred, available)


def honest(days: int) -> list[Scored]:
    return [scored(account, day, 0.1) for account in "AB" for day in range(days)]


def test_the_last_whole_days_whose_labels_are_complete_are_judged() -> None:
    scores = [*honest(12), scored("X", 5, 0.9)]
    found = evaluate(scores, [label("X", 5)], at(7, 0), Rules(test_days=3, top=1))
    assert [day.day for day in found.days] == [FIRST + timedelta(n) for n in (4, 5, 6)]
    assert [day.frauds for day in found.days] == [0, 1, 0]
    assert [day.defrauded for day in found.days] == [0, 1, 0]
    assert found.card_precision == pytest.approx(1 / 3)
    assert (found.auc_roc, found.average_precision) == (1.0, 1.0)


def test_the_first_day_may_be_a_part_of_one_and_is_not_judged() -> None:
    scores = [*honest(3), scored("X", 1, 0.9)]
    found = evaluate(scores, [label("X", 1)], at(3, 0), Rules())
    assert [day.day for day in found.days] == [FIRST + timedelta(1), FIRST + timedelta(2)]


def test_who_is_known_when_the_day_begins_is_left_out() -> None:
    scores = [*honest(6), *(scored("X", day, 0.9) for day in (1, 2, 4))]
    labels = [label("X", 1, delay_days=1.25), label("X", 2), label("X", 4)]
    # Known from the 18th hour of day 2 on: judged on that day still, and not on day 4.
    found = evaluate(scores, labels, at(6, 0), Rules(test_days=5, top=0))
    assert [day.frauds for day in found.days] == [1, 1, 0, 0, 0]


def test_who_was_found_by_looking_is_left_out_from_the_next_day_on() -> None:
    scores = [*honest(4), *(scored("X", day, 0.9) for day in (1, 2, 3))]
    labels = [label("X", day) for day in (1, 2, 3)]
    found = evaluate(scores, labels, at(4, 0), Rules(top=1))
    assert [day.defrauded for day in found.days] == [1, 0, 0]
    assert [day.frauds for day in found.days] == [1, 0, 0]


def test_what_was_before_the_training_is_not_remembered() -> None:
    scores = [*honest(40), scored("X", 2, 0.9), scored("X", 39, 0.9)]
    labels = [label("X", 2), label("X", 39)]
    assert evaluate(scores, labels, at(40, 0), Rules(test_days=1, top=1)).frauds == 1
    longer = Rules(train_days=40, test_days=2, top=1)
    with pytest.raises(OneClass):
        evaluate(scores, labels, at(40, 0), longer)


def test_of_equal_scores_the_smaller_id_is_looked_at() -> None:
    scores = [scored("C", 0, 0.1), *(scored(a, 1, 0.5) for a in "CBA")]
    assert evaluate(scores, [label("A", 1)], at(2, 0), Rules(top=1)).card_precision == 1.0
    assert evaluate(scores, [label("B", 1)], at(2, 0), Rules(top=1)).card_precision == 0.0


def test_a_days_account_is_ranked_by_its_highest_score() -> None:
    low = Scored("0000001-X9", "X", at(1, 13), 0.2)
    scores = [*honest(2), scored("X", 1, 0.9), low]
    assert evaluate(scores, [label("X", 1)], at(2, 0), Rules(top=1)).card_precision == 1.0


def test_without_a_whole_day_nothing_is_judged() -> None:
    with pytest.raises(NoDay):
        evaluate(honest(2), [label("A", 1)], at(1, 23), Rules())
    with pytest.raises(NoDay):
        evaluate([], [], at(9), Rules())


def planted() -> Found:
    scores = [*honest(8), *(scored(f"X{n}", n, 0.2 * n) for n in range(1, 5))]
    return evaluate(scores, [label(f"X{n}", n) for n in range(1, 5)], at(8, 0), Rules(top=2))


def test_the_picture_is_well_formed_and_holds_the_whole_curve() -> None:
    found = planted()
    svg = plot.precision_recall(found.curve, 0.01, "a <title> & more", "0.5")
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own text
    path = next(e for e in root.iter() if e.get("class") == "curve").get("d") or ""
    corners = [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+),([\d.]+)", path)]
    assert len(corners) == len(found.curve) + 1
    assert corners == sorted(corners, key=lambda corner: corner[0])
    assert "a <title> & more" in {e.text for e in root.iter()}


def test_the_report_says_the_figures_and_each_day() -> None:
    found = planted()
    said = report.markdown(found, Rules(top=2), "monitor.scores", {"rules-1": 20})
    for figure in (found.auc_roc, found.average_precision, found.card_precision):
        assert f"**{figure:.3f}**" in said
    assert sum(line.startswith("| 2026-") for line in said.splitlines()) == len(found.days)
    assert "Handbook, random forest ¹ | 0.867 | 0.658 | 0.287" in said
    told = report.figures(found, Rules(top=2), "monitor.scores", {"rules-1": 20})
    assert told["card_precision_at_2"] == pytest.approx(found.card_precision, abs=1e-6)
    assert told["frauds"] == found.frauds == 4
