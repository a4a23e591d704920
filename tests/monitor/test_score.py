"""The score: what counts, what does not, and the three monitors whose score is known beforehand."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop import language
from kafka_workshop.cli.score_table import show_score
from kafka_workshop.cli.view import View
from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.label import SCENARIOS, Label
from kafka_workshop.monitor.score.combine import combined
from kafka_workshop.monitor.score.judge import judge
from kafka_workshop.monitor.score.publish import decode_score, encode_score
from kafka_workshop.monitor.score.result import Score
from tests.support.judged import DAY, EVER, HOUR, MINUTE, NOON, alert, known, label


def of_scenario(score: Score) -> tuple[int, int]:
    (scenario,) = score.scenarios
    return scenario.caught, scenario.episodes


def right(score: Score) -> tuple[int, int]:
    return score.right, score.alerts


# What counts


def test_an_alert_across_an_episode_before_its_label_catches_it_and_is_right() -> None:
    score = judge(known([alert("A", NOON)], [label("A", NOON), label("A", NOON + HOUR)]))
    assert (of_scenario(score), right(score)) == ((1, 1), (1, 1))
    assert score.scenarios[0].by_rule == {"velocity": 1}


def test_one_account_of_an_episode_is_enough() -> None:
    labels = [label("A", NOON), label("B", NOON + HOUR)]
    assert of_scenario(judge(known([alert("B", NOON, NOON + HOUR)], labels))) == (1, 1)


def test_between_the_first_and_the_last_label_of_the_account_an_alert_is_right() -> None:
    labels = [label("A", NOON), label("A", NOON + 5 * HOUR), label("B", NOON + 9 * HOUR)]
    windows = [(-2, -1), (-1, 0), (2, 3), (5, 6), (6, 7)]
    alerts = [alert("A", NOON + a * HOUR, NOON + b * HOUR) for a, b in windows]
    assert [right(judge(known([each], labels)))[0] for each in alerts] == [0, 1, 1, 1, 0]


def test_what_does_not_catch_an_episode() -> None:
    labels = [label("A", NOON, after=DAY)]
    others = {
        "another account": alert("B", NOON),
        "months before": alert("A", NOON - 60 * DAY),
        "raised when it was known": alert("A", NOON, NOON + DAY),
        "a policy": alert("A", NOON, policy=True),
    }
    caught = {why: of_scenario(judge(known([a], labels)))[0] for why, a in others.items()}
    assert caught == dict.fromkeys(others, 0)
    assert of_scenario(judge(known([alert("A", NOON, NOON + DAY - 1)], labels))) == (1, 1)


def test_a_rules_own_contribution_is_what_would_be_missed_without_it() -> None:
    labels = [label("A", NOON), label("B", NOON, "e2"), label("C", NOON, "e3")]
    raised = [
        ("A", "velocity"),
        ("A", "fan_in"),
        ("B", "velocity"),
        ("B", "velocity"),
        ("D", "fan_in"),
    ]
    alerts = [alert(account, NOON, rule=rule) for account, rule in raised]
    policies = [alert("C", NOON, rule="velocity", policy=True)]
    score = judge(known(alerts + policies, labels))
    assert [(r.rule, r.policy, r.alone) for r in score.rules] == [
        ("velocity", False, 1),
        ("fan_in", False, 0),
        ("velocity", True, 0),
    ]
    for gone in score.rules:
        left = judge(
            known(
                [a for a in alerts + policies if (a.rule, a.policy) != (gone.rule, gone.policy)],
                labels,
            )
        )
        caught = [sum(s.caught for s in each.scenarios) for each in (score, left)]
        assert caught[0] - caught[1] == gone.alone
    assert combined([score, score]).rules[0].alone == 2


def test_policies_are_counted_apart() -> None:
    alerts = [alert("A", NOON), alert("A", NOON, rule="pix_limits", policy=True)]
    score = judge(known(alerts, [label("A", NOON)]))
    assert right(score) == (1, 1)
    assert [(r.rule, r.policy, r.right) for r in score.rules] == [
        ("velocity", False, 1),
        ("pix_limits", True, 1),
    ]


def test_only_what_is_mature_counts() -> None:
    alerts = [alert("A", NOON), alert("A", NOON + 2 * HOUR)]
    labels = [label("A", NOON), label("A", NOON + 2 * HOUR, episode="e2")]
    score = judge(known(alerts, labels, until=NOON + HOUR))
    assert (of_scenario(score), right(score), score.waiting) == ((1, 1), (1, 1), 1)
    assert judge(known(alerts, labels)).waiting == 0


def test_an_episode_that_goes_on_is_not_mature() -> None:
    labels = [label("A", NOON), label("A", NOON + 2 * HOUR)]
    assert judge(known([], labels, until=NOON + HOUR)).scenarios == ()


def test_without_any_word_of_completeness_nothing_is_mature() -> None:
    score = judge(known([alert("A", NOON)], [label("A", NOON)], until=0))
    assert not score.is_mature
    assert (score.recall, score.precision, score.days, score.waiting) == (None, None, 0, 1)
    assert not judge(known([], [], until=0, since=None)).is_mature


def test_the_rate_is_that_of_event_time() -> None:
    score = judge(known([alert("A", NOON), alert("B", NOON)], [], until=NOON + 4 * DAY))
    assert score.a_day(score.alerts) == 0.5


def test_the_days_begin_with_the_oldest_that_is_seen_if_nobody_tells() -> None:
    score = judge(known([alert("A", NOON + DAY)], [label("B", NOON)], NOON + DAY, since=None))
    assert (score.since, score.days) == (NOON, 1.0)


# Card precision


def test_the_first_k_accounts_of_a_day_are_looked_at_by_score_then_by_id() -> None:
    alerts = [
        alert("C", NOON, score=0.5),
        alert("B", NOON, score=0.5),
        alert("A", NOON, score=0.3),
        alert("A", NOON + 1, score=0.9, rule="fan_in"),
    ]
    labels = [label("A", NOON), label("C", NOON, episode="e2")]
    found = [judge(known(alerts, labels), k).cards for k in (1, 2, 3, 10)]
    assert [(c.looked_at, c.defrauded) for c in found] == [(1, 1), (2, 1), (3, 2), (3, 2)]


def test_a_day_that_has_not_ended_in_brasilia_is_not_judged() -> None:
    taken = known([alert("A", NOON)], [label("A", NOON)], until=NOON + 12 * HOUR - 1)
    assert judge(taken).cards.days == 0
    taken.complete_until = NOON + 12 * HOUR
    assert judge(taken).cards.days == 1


def test_who_was_known_when_the_day_began_is_not_looked_at() -> None:
    alerts = [alert("A", NOON + DAY)]
    fraud = label("A", NOON + DAY, episode="e2")
    before = label("A", NOON - 2 * DAY, after=2 * DAY)  # known at noon of the day before
    assert judge(known(alerts, [fraud, before])).cards.looked_at == 0
    same_day = label("A", NOON - 2 * DAY, after=3 * DAY)
    assert judge(known(alerts, [fraud, same_day])).cards.looked_at == 1


# The three monitors whose score is known beforehand

# For each account its transactions, a minute apart; those of `frauds` consecutive ones at the end
# are an episode.
worlds = st.dictionaries(
    st.sampled_from(["A", "B", "C", "D", "E"]),
    st.tuples(st.integers(0, 9), st.integers(0, 5), st.sampled_from(SCENARIOS)),
    min_size=1,
)
World = dict[str, tuple[int, int, str]]


def told(world: World) -> tuple[list[tuple[str, int]], list[Label]]:
    """Return all transactions as account and instant, and the labels."""
    transactions: list[tuple[str, int]] = []
    labels: list[Label] = []
    for account, (honest, frauds, scenario) in world.items():
        times = [NOON + n * MINUTE for n in range(honest + frauds)]
        transactions += [(account, at) for at in times]
        own = next(name for name in SCENARIOS if name == scenario)
        labels += [label(account, at, f"of-{account}", own) for at in times[honest:]]
    return transactions, labels


@given(worlds)
def test_the_oracle_scores_one(world: World) -> None:
    _, labels = told(world)
    oracle = [alert(each.account_id, each.occurred_at) for each in labels]
    score = judge(known(oracle, labels))
    expected = 1.0 if labels else None
    assert (score.recall, score.precision, score.cards.precision) == (expected,) * 3


@given(worlds)
def test_who_alerts_on_everything_has_the_base_rate_as_precision(world: World) -> None:
    transactions, labels = told(world)
    score = judge(known([alert(*each) for each in transactions], labels))
    assert score.precision == (len(labels) / len(transactions) if transactions else None)
    assert score.recall == (1.0 if labels else None)


@given(worlds)
def test_silence_has_no_recall(world: World) -> None:
    _, labels = told(world)
    score = judge(known([], labels))
    assert (score.recall, score.precision) == (0.0 if labels else None, None)


# Neither order nor repeats


instants = st.integers(0, 30).map(lambda n: NOON + n * 6 * HOUR)
alerts_ = st.lists(
    st.builds(
        alert,
        account=st.sampled_from("ABC"),
        start=instants,
        rule=st.sampled_from(["velocity", "fan_in", "pix_limits", "of-another-version"]),
        score=st.sampled_from([0.3, 0.6, 0.9]),
        policy=st.booleans(),
    ),
    max_size=12,
)
labels_ = st.lists(
    st.builds(
        label,
        account=st.sampled_from("ABC"),
        at=instants,
        episode=st.sampled_from(["e1", "e2", "e3"]),
        scenario=st.sampled_from(SCENARIOS),
    ),
    max_size=12,
)


@given(alerts_, labels_, st.randoms(use_true_random=False), instants)
def test_neither_order_nor_repeats_change_a_score(
    alerts: list[Alert], labels: list[Label], random: Random, until: int
) -> None:
    shuffled = [*alerts, *alerts[:5]], [*labels, *labels[:5]]
    for each in shuffled:
        random.shuffle(each)
    assert judge(known(*shuffled, until)) == judge(known(alerts, labels, until))


@given(alerts_, labels_)
def test_the_shares_are_shares(alerts: list[Alert], labels: list[Label]) -> None:
    score = judge(known(alerts, labels))
    cards = score.cards.precision
    for share in (score.recall, score.precision, cards, *(r.precision for r in score.rules)):
        assert share is None or 0 <= share <= 1
    assert score.cards.looked_at <= score.cards.days * score.cards.k


@given(alerts_, labels_)
def test_a_published_score_is_read_as_it_was(alerts: list[Alert], labels: list[Label]) -> None:
    score = judge(known(alerts, labels))
    assert decode_score(encode_score(score)) == score


# The alert budget


def test_a_budget_buys_the_highest_alerts_of_each_day() -> None:
    alerts = [
        *(alert(f"X{n}", NOON, score=0.9) for n in range(5)),  # all wrong
        alert("A", NOON, score=0.5),
        alert("B", NOON + DAY, score=0.1),
        alert("A", NOON, score=1.0, rule="pix_limits", policy=True),
    ]
    labels = [label("A", NOON), label("B", NOON + DAY, episode="e2"), label("C", NOON, "e3")]
    five, ten, *_, last = judge(known(alerts, labels)).budgets
    assert (five.per_day, five.looked_at, five.right, five.caught) == (5, 6, 1, 1)
    assert (ten.per_day, ten.looked_at, ten.right, ten.caught) == (10, 7, 2, 2)
    assert (five.precision, five.recall, ten.recall) == (1 / 6, 1 / 3, 2 / 3)
    assert (last.looked_at, last.caught, last.episodes) == (7, 2, 3)


def test_a_days_budget_is_not_spent_on_another_day_nor_on_what_is_too_new() -> None:
    alerts = [alert(f"X{n}", NOON + n * DAY, score=0.9) for n in range(10)]
    five, *_ = judge(known(alerts, [], until=NOON + 6 * DAY)).budgets
    assert five.looked_at == 7


@given(alerts_, labels_, instants)
def test_the_largest_budget_is_that_of_who_looks_at_everything(
    alerts: list[Alert], labels: list[Label], until: int
) -> None:
    score = judge(known(alerts, labels, until))
    looked_at = [each.looked_at for each in score.budgets]
    caught = [each.caught for each in score.budgets]
    assert (looked_at, caught) == (sorted(looked_at), sorted(caught))
    last = score.budgets[-1]
    assert (last.looked_at, last.right, last.recall) == (score.alerts, score.right, score.recall)


# Several runs


def test_scores_of_several_runs_add_up() -> None:
    one = judge(known([alert("A", NOON)], [label("A", NOON)], NOON + 2 * DAY))
    other = judge(
        known(
            [alert("A", NOON, rule="fan_in"), alert("B", NOON)],
            [label("C", NOON), label("D", NOON, "e2", "velocity")],
            NOON + DAY,
        )
    )
    both = combined([one, other])
    assert (both.recall, both.precision, both.days) == (1 / 3, 1 / 3, 3.0)
    assert [(r.rule, r.right, r.alerts) for r in both.rules] == [
        ("velocity", 1, 2),
        ("fan_in", 0, 1),
    ]
    assert {(b.looked_at, b.right, b.caught, b.episodes) for b in both.budgets} == {(3, 1, 1, 3)}
    assert combined([one]) == one


def test_every_alert_waits_or_is_judged() -> None:
    alerts = [alert("A", NOON + n * DAY) for n in range(10)]
    score = judge(known(alerts, [], until=NOON + 4 * DAY))
    assert (score.alerts, score.waiting) == (5, 5)
    assert judge(known(alerts, [], until=EVER)).waiting == 0


# What a person sees


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ["episode recall 1.000", "0.50"]), ("pt-BR", ["recall de episódios 1,000", "0,50"])],
)
def test_a_score_is_shown_in_both_languages(
    capsys: pytest.CaptureFixture[str], lang: language.Language, words: list[str]
) -> None:
    language.use(lang)
    taken = known([alert("A", NOON)], [label("A", NOON)], until=NOON + 2 * DAY)
    show_score(View(), [judge(taken)])
    shown = capsys.readouterr().out
    assert [word for word in words if word not in shown] == []


def test_the_name_of_a_foreign_rule_writes_no_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "\x1b[2J\n" + "x" * 1_000
    show_score(View(), [judge(known([alert("A", NOON, rule=hostile)], [label("A", NOON)]))])
    shown = capsys.readouterr().out
    assert "\\x1b[2J" in shown
    assert "\x1b" not in shown
    assert "x" * 40 not in shown
