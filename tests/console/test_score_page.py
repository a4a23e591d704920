"""Detection quality as a page and as REST: empty, filled, old, in both languages."""

from collections.abc import Iterable
from dataclasses import replace

import msgspec
from nicegui.testing import User

from kafka_workshop import language
from kafka_workshop.console.frame import Console
from kafka_workshop.console.model import Group, GroupPartition, Snapshot
from kafka_workshop.console.scoring import Scored
from kafka_workshop.domain.alert import Alert
from kafka_workshop.monitor.score.judge import judge
from kafka_workshop.monitor.score.result import RuleScore
from tests.console.visiting import SETTINGS, table_rows, visit_console
from tests.support.judged import DAY, EVER, NOON, alert, known, label


def scored(alerts: Iterable[Alert] = (), until: int = NOON + 10 * DAY) -> Scored:
    """Two episodes, one of them caught by a right alert; a wrong one, a policy, one that waits."""
    raised = [
        alert("A", NOON),
        alert("C", NOON),
        alert("A", NOON, rule="pix_limits", policy=True),
        alert("A", EVER),
        *alerts,
    ]
    labels = [label("A", NOON), label("B", NOON, episode="e2", scenario="dormant")]
    return Scored(judge(known(raised, labels, until=until)), labels="transactions.labels")


def test_before_the_first_look_it_says_that_it_reads() -> None:
    async def story(user: User, console: Console) -> None:
        await user.open("/score")
        await user.should_see("Reading alerts and labels for the first time…")
        assert table_rows(user, "By scenario") == []
        told = (await user.http_client.get("/api/score")).json()
        assert told == {"at_ms": None, "age_ms": None, "reason": "", "missing": [], "score": None}
        console.score.failed("no broker answers", 1_700_000_060_000)
        await user.should_see("Nothing could be read yet", retries=20)

    visit_console(story)


def test_figures_scenarios_and_rules_are_shown_policies_marked() -> None:
    async def story(user: User, console: Console) -> None:
        console.score.succeeded(scored())
        await user.open("/score")
        await user.should_see("As of")
        for figure in ("1 of 2 episodes caught", "1 of 2 right, policies apart", "0.20", "0.500"):
            await user.should_see(figure)
        await user.should_see("10.0 days of event time")
        await user.should_see("1 of 2 accounts defrauded that day; days with alerts: 1")
        await user.should_see("labels complete until 2025-03-13 ")
        await user.should_see("Caught before the first label: 1 of 2 episodes")
        scenarios = [(r["scenario"], r["recall_text"]) for r in table_rows(user, "By scenario")]
        assert scenarios == [("mule", "1.000"), ("dormant", "0.000")]
        rules = [
            (r["rule"], r["kind"], r["alerts"], r["precision_text"])
            for r in table_rows(user, "By rule")
        ]
        assert rules == [("velocity", "", 2, "0.500"), ("pix_limits", "policy", 1, "1.000")]
        budgets = [
            (r["per_day"], r["looked_at"], r["precision_text"], r["recall_text"])
            for r in table_rows(user, "Alert budget")
        ]
        assert budgets == [(n, 2, "0.500", "0.500") for n in (5, 10, 20, 50, 100)]

    visit_console(story)


def test_it_speaks_portuguese_with_numbers_as_brazilians_write_them() -> None:
    async def story(user: User, console: Console) -> None:
        language.use("pt-BR")
        console.score.succeeded(scored(alert(f"D{n}", NOON) for n in range(1_234)))
        await user.open("/score")
        await user.should_see("Qualidade da detecção")
        await user.should_see("1 de 1.236 certos, políticas à parte")
        velocity, policy = table_rows(user, "Por regra")
        assert (velocity["alerts_text"], velocity["precision_text"]) == ("1.236", "0,001")
        assert policy["kind"] == "política"

    visit_console(story)


def test_where_nothing_is_mature_it_says_why_in_words() -> None:
    async def story(user: User, console: Console) -> None:
        console.score.succeeded(scored(until=0))
        await user.open("/score")
        await user.should_see("Nothing is mature yet: no label has come, or none is complete.")
        await user.should_see("no labels are complete yet")
        missing = replace(scored(until=0), missing=("transactions.labels", "alerts"), undecodable=3)
        console.score.succeeded(missing)
        await user.should_see("There is no topic transactions.labels yet", retries=20)
        await user.should_see("There is no topic alerts yet: the monitor makes it")
        await user.should_see("3 records are no alert and no label.")
        await user.should_not_see("Nothing is mature yet")
        told = (await user.http_client.get("/api/score")).json()
        assert (told["missing"], told["score"]["recall"]) == (
            ["transactions.labels", "alerts"],
            None,
        )

    visit_console(story)


def test_a_monitor_that_is_behind_is_said_to_be_behind() -> None:
    place = GroupPartition(SETTINGS.topic, 0, 1_000, 0, 6_000)
    other = GroupPartition("another", 0, 0, 0, 9_000)
    group = Group(SETTINGS.group, "Stable", 1, "range", (), (place, other))

    async def story(user: User, console: Console) -> None:
        console.state.succeeded(Snapshot(1_700_000_000_000, "id", (), (), (group,)))
        console.score.succeeded(scored())
        await user.open("/score")
        await user.should_see("The monitor is 5,000 messages behind")

    visit_console(story)


def test_a_score_that_cannot_be_taken_says_since_when_and_keeps_what_it_knew() -> None:
    async def story(user: User, console: Console) -> None:
        console.score.succeeded(scored())
        console.score.failed("no broker answers", 1_700_000_060_000)
        await user.open("/score")
        await user.should_see("No new score since 22:14:20. This is what was known at")
        assert len(table_rows(user, "By rule")) == 2
        told = (await user.http_client.get("/api/score")).json()
        assert told["reason"] == "no broker answers"
        assert told["age_ms"] >= 0
        assert (told["score"]["recall"], told["score"]["precision"]) == (0.5, 0.5)
        assert told["score"]["complete_until"] == NOON + 10 * DAY

    visit_console(story)


def test_names_of_rules_are_hostile_and_may_be_many() -> None:
    odd = RuleScore("\u202e<b>" + "x" * 4_000, policy=False, alerts=1, right=0)
    many = [RuleScore(f"rule-{n}", policy=False, alerts=1, right=0) for n in range(1_000)]
    score = msgspec.structs.replace(scored().score, rules=(odd, *many))

    async def story(user: User, console: Console) -> None:
        console.score.succeeded(Scored(score))
        await user.open("/score")
        rows = table_rows(user, "By rule")
        assert len(rows) == 50
        assert len(str(rows[0]["rule"])) <= 40
        assert "\u202e" not in str(rows[0])

    visit_console(story)
