"""Alerts as pages and as REST: empty, filled, filtered, old, hostile, in both languages."""

from collections.abc import Iterable

import msgspec
import pytest
from nicegui import ui
from nicegui.testing import User

from kafka_workshop import language
from kafka_workshop.console.alerting.known import Alerts, Known
from kafka_workshop.console.frame import Console
from kafka_workshop.domain.alert import Alert, Evidence, Source
from kafka_workshop.messaging.client import Message
from tests.console.visiting import table_rows, visit_console
from tests.support.alarms import alarm, decided, raised

HOSTILE = "\u202e<img src=x onerror=alert(1)>" + "x" * 300
FIRST, SECOND = alarm("A1"), alarm("A2", rule="fan_in", severity="low")


def known(alerts: Iterable[Alert] = (FIRST, SECOND), *decisions: Message) -> Alerts:
    folded = Known()
    for n, alert in enumerate(alerts):
        folded.add_alert(raised(alert, n))
    for decision in decisions:
        folded.add_decision(decision)
    return folded.shown()


def test_before_the_first_alert_it_says_why_there_is_none() -> None:
    async def story(user: User, console: Console) -> None:
        await user.open("/alerts")
        await user.should_see("Reading the alerts…")
        assert table_rows(user, "Alerts") == []
        console.alerts.failed("no broker answers", 1_700_000_060_000)
        await user.should_see("The alerts could not be read yet; trying again.", retries=20)
        empty = Known()
        empty.say_missing(True)
        console.alerts.succeeded(empty.shown())
        await user.open("/alerts")
        await user.should_see("0 alerts, page 1 of 1")
        (table,) = user.find(ui.table).elements
        assert "There is no topic of alerts yet" in table.props["no-data-label"]

    visit_console(story)


def test_alerts_are_listed_newest_first_and_new_ones_appear() -> None:
    async def story(user: User, console: Console) -> None:
        console.alerts.succeeded(known((FIRST,), decided(FIRST, "confirmed")))
        await user.open("/alerts")
        (row,) = table_rows(user, "Alerts")
        assert (row["account"], row["severity"], row["state"]) == ("A1", "high", "confirmed")
        assert (row["score_text"], row["evidence"]) == ("0.88", "14 payments within 13 min")
        assert row["href"] == f"/alerts/{FIRST.alert_id}"
        console.alerts.succeeded(newer())
        await user.should_see("2 alerts, page 1 of 1", retries=20)
        assert [r["account"] for r in table_rows(user, "Alerts")] == ["A2", "A1"]

    visit_console(story)


def newer() -> Alerts:
    both = known()
    return Alerts(both.version + 1, both.raised, both.triage)


def test_the_list_speaks_portuguese_and_is_filtered_by_its_address() -> None:
    async def story(user: User, console: Console) -> None:
        language.use("pt-BR")
        console.alerts.succeeded(known())
        await user.open("/alerts?severity=low&account=a2")
        (row,) = table_rows(user, "Alertas")
        assert (row["account"], row["severity"], row["state"]) == ("A2", "baixa", "aberto")
        assert (row["score_text"], row["evidence"]) == ("0,88", "14 pagamentos em 13 min")
        await user.should_see("1 alerta")
        await user.open("/alerts?state=dismissed")
        assert table_rows(user, "Alertas") == []

    visit_console(story)


def test_thousands_are_paged_on_the_server() -> None:
    async def story(user: User, console: Console) -> None:
        console.alerts.succeeded(known(alarm(f"A{n}") for n in range(120)))
        await user.open("/alerts")
        await user.should_see("120 alerts, page 1 of 3")
        assert len(table_rows(user, "Alerts")) == 50
        user.find("Older").click()
        await user.should_see("120 alerts, page 2 of 3")
        assert table_rows(user, "Alerts")[0]["account"] == "A69"
        user.find("Newer").click()
        await user.should_see("page 1 of 3")

    visit_console(story)


def test_silent_brokers_leave_what_was_known_and_say_since_when() -> None:
    async def story(user: User, console: Console) -> None:
        console.alerts.succeeded(known())
        console.alerts.failed("no broker answers", 1_700_000_060_000)
        await user.open("/alerts")
        await user.should_see("No alert could be read since 22:14:20. This is what was known at")
        assert len(table_rows(user, "Alerts")) == 2
        told = (await user.http_client.get("/api/alerts")).json()
        assert (told["reason"], told["total"]) == ("no broker answers", 2)

    visit_console(story)


@pytest.mark.parametrize(
    ("spoken", "seen"),
    [
        (
            "en",
            (
                "14 payments within 13 min",
                "1,400",
                "Nobody has decided yet.",
                "partition 2, offset 7",
                "transaction-monitor",
                "Source: ",
                "Recent transactions of the account",
            ),
        ),
        (
            "pt-BR",
            (
                "14 pagamentos em 13 min",
                "1.400",
                "Ninguém decidiu ainda.",
                "partição 2, offset 7",
                "Fonte: ",
                "Transações recentes da conta",
            ),
        ),
    ],
)
def test_an_alert_tells_its_evidence_its_rule_and_where_it_comes_from(
    spoken: language.Language, seen: tuple[str, ...]
) -> None:
    async def story(user: User, console: Console) -> None:
        language.use(spoken)
        console.alerts.succeeded(known())
        await user.open(f"/alerts/{FIRST.alert_id}")
        for text in seen:
            await user.should_see(text)
        targets = {link.props["href"] for link in user.find(ui.link).elements}
        where = "/topics/transactions?show=offset&partition=2&offset=7"
        assert {where, "/groups/transaction-monitor", "/brokers"} <= targets

    visit_console(story)


def test_a_decision_of_another_window_is_shown_and_what_is_written_here_stays() -> None:
    async def story(user: User, console: Console) -> None:
        console.alerts.succeeded(known())
        await user.open(f"/alerts/{FIRST.alert_id}")
        user.find(ui.textarea).type("mine")
        console.alerts.succeeded(known((FIRST,), decided(FIRST, "dismissed", "theirs")))
        await user.should_see("theirs", retries=20)
        (field,) = user.find(ui.textarea).elements
        assert field.value == "mine"

    visit_console(story)


def test_a_decision_that_nobody_acknowledged_is_not_shown() -> None:
    async def story(user: User, console: Console) -> None:
        console.alerts.succeeded(known((FIRST,)))
        await user.open(f"/alerts/{FIRST.alert_id}")
        (choice,) = user.find(ui.radio).elements
        choice.set_value("confirmed")
        user.find("Save").click()
        await user.should_see("no broker answers at 127.0.0.1:9", retries=120)
        await user.should_see("Nobody has decided yet.")
        await user.should_not_see("Saved.")

    visit_console(story)


def test_the_overview_has_the_newest_five_each_leading_to_its_page() -> None:
    async def story(user: User, console: Console) -> None:
        console.alerts.succeeded(known(alarm(f"A{n}") for n in range(9)))
        await user.open("/")
        rows = table_rows(user, "Newest alerts")
        assert [row["account"] for row in rows] == ["A8", "A7", "A6", "A5", "A4"]
        assert rows[0]["href"] == f"/alerts/{alarm('A8').alert_id}"

    visit_console(story)


def test_an_unknown_alert_says_so_until_it_comes() -> None:
    async def story(user: User, console: Console) -> None:
        await user.open("/alerts/0123456789abcdef")
        await user.should_see("Reading the alerts…")
        console.alerts.succeeded(known())
        await user.should_see("It is not among the newest alerts.", retries=20)
        answer = await user.http_client.get("/api/alerts/0123456789abcdef")
        assert answer.status_code == 404

    visit_console(story)


def test_whoever_writes_alerts_cannot_write_the_page() -> None:
    odd = msgspec.structs.replace(
        FIRST,
        rule=HOSTILE,
        account_id=HOSTILE,
        score=1e300,
        evidence=Evidence(HOSTILE, HOSTILE, {HOSTILE: 1e300}),
        transaction_id=HOSTILE,
        rules_version=HOSTILE,
        source=Source(HOSTILE, 0, 0),
    )

    async def story(user: User, console: Console) -> None:
        console.alerts.succeeded(known((odd,), decided(FIRST, "open", HOSTILE[:400])))
        await user.open("/alerts")
        (row,) = table_rows(user, "Alerts")
        assert "\u202e" not in str(row)
        assert max(len(str(cell)) for cell in row.values()) <= 410
        await user.open(f"/alerts/{FIRST.alert_id}")
        await user.should_see("This console does not know it.")
        await user.should_see("It does not say from which message.")
        await user.should_not_see("\u202e")

    visit_console(story)


def test_rest_pages_filters_and_tells_what_was_decided() -> None:
    async def story(user: User, console: Console) -> None:
        console.alerts.succeeded(known((FIRST, SECOND), decided(FIRST, "confirmed", "seen")))
        get = user.http_client.get
        told = (await get("/api/alerts?size=1&page=2")).json()
        assert (told["page"], told["pages"], told["total"]) == (2, 2, 2)
        assert [each["account_id"] for each in told["alerts"]] == ["A1"]
        told = (await get("/api/alerts?state=confirmed")).json()
        assert told["alerts"][0]["triage"]["note"] == "seen"
        one = (await get(f"/api/alerts/{SECOND.alert_id}")).json()["alert"]
        assert (one["rule"], one["triage"]["state"], one["offset"]) == ("fan_in", "open", 1)
        assert (await get("/api/alerts?size=1000")).status_code == 422

    visit_console(story)
