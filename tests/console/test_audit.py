"""The audit log: what is written down, kept, rotated, shown, and to whom."""

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from nicegui.testing import User

from kafka_workshop import language, logs
from kafka_workshop.console.access import roles
from kafka_workshop.console.access.audit import FILES, KEPT, AuditLog, Wanted, read_entries
from kafka_workshop.console.access.roles import LOCAL, Attempt, Caller, Role, Session
from kafka_workshop.console.frame import Console
from tests.console.visiting import LOG, chosen, field, table_rows, visit_console

LOGGER = logs.configure(LOG, "test")
DONE = Attempt("olga", "operator", "delete_topic", "orders", "done")
REFUSED = Attempt("vera", "viewer", "produce", "orders", "refused", "This needs the role operator")
FAILED = Attempt("ana", "analyst", "triage", "0123456789abcdef", "failed", "no answer")
HOSTILE = Attempt(
    "\u202e<img src=x onerror=alert(1)>", "viewer", "<b>", "{{7*7}}" + "x" * 400, "done", "<i>"
)


@pytest.fixture(autouse=True)
def everybody_again() -> Iterator[None]:
    yield
    roles.use(Session(lambda: LOCAL))


def test_each_attempt_is_a_line_in_a_file_of_its_owners_alone(tmp_path: Path) -> None:
    audit = AuditLog(tmp_path / "console", LOGGER)
    assert not (tmp_path / "console").exists()
    for attempt in (DONE, REFUSED):
        audit.record(attempt)
    path = tmp_path / "console" / "audit.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    written = read_entries(path)
    assert [(e.who, e.role, e.action, e.target, e.outcome, e.detail) for e in written] == [
        ("olga", "operator", "delete_topic", "orders", "done", ""),
        ("vera", "viewer", "produce", "orders", "refused", "This needs the role operator"),
    ]
    assert all(e.at_ms > 1_700_000_000_000 for e in written)
    assert audit.entries() == written[::-1]


def test_the_next_console_knows_what_was_and_passes_over_a_line_cut_short(tmp_path: Path) -> None:
    AuditLog(tmp_path, LOGGER).record(DONE)
    with (tmp_path / "audit.jsonl").open("ab") as file:
        file.write(b'{"at_ms":1,"who":"\n')
    after = AuditLog(tmp_path, LOGGER)
    after.record(REFUSED)
    assert [e.action for e in after.entries()] == ["produce", "delete_topic"]


def test_files_are_rotated_and_bounded(tmp_path: Path) -> None:
    audit = AuditLog(tmp_path, LOGGER, file_bytes=1_000)
    for n in range(100):
        audit.record(replace(DONE, target=f"topic-{n}"))
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["audit.1.jsonl", "audit.2.jsonl", "audit.3.jsonl", "audit.jsonl"]
    assert len(files) == FILES
    assert all(path.stat().st_size < 1_200 for path in tmp_path.iterdir())
    kept = [e.target for e in AuditLog(tmp_path, LOGGER).entries()]
    assert kept == [f"topic-{n}" for n in range(99, 99 - len(kept), -1)]


def test_in_memory_are_the_newest_alone() -> None:
    audit = AuditLog(None, LOGGER)
    for n in range(KEPT + 5):
        audit.record(replace(DONE, target=str(n)))
    assert len(audit.entries()) == KEPT
    assert audit.entries()[0].target == str(KEPT + 4)


def test_a_number_that_nobody_may_see_is_not_written_down(tmp_path: Path) -> None:
    audit = AuditLog(tmp_path, LOGGER)
    audit.record(replace(DONE, target="4111111111111111", detail="123.456.789-09 " * 100))
    text = (tmp_path / "audit.jsonl").read_text()
    assert "411111******1111" in text
    assert "4111111111111111" not in text
    assert "123.456" not in text
    assert len(text) < 1_000


def test_an_attempt_that_cannot_be_written_is_told_to_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    logger = logs.configure(LOG, "test")
    audit = AuditLog(tmp_path / "file", logger)
    audit.record(DONE)
    assert "audit_not_written" in capsys.readouterr().out
    assert len(audit.entries()) == 1


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), ["triage", "produce", "delete_topic"]),
        (Wanted(outcome="refused"), ["produce"]),
        (Wanted(text="ORDERS"), ["produce", "delete_topic"]),
        (Wanted("done", "olga"), ["delete_topic"]),
        (Wanted(text="nobody"), []),
    ],
)
def test_entries_are_found_by_outcome_and_text(wanted: Wanted, found: list[str]) -> None:
    audit = AuditLog(None, LOGGER)
    for attempt in (DONE, REFUSED, FAILED):
        audit.record(attempt)
    assert [e.action for e in audit.entries(wanted)] == found


def test_the_page_lists_and_filters_and_new_ones_appear() -> None:
    async def story(user: User, console: Console) -> None:
        await user.open("/audit")
        await user.should_see("0 entries")
        for attempt in (DONE, REFUSED, FAILED):
            console.audit.record(attempt)
        await user.should_see("3 entries", retries=40)
        rows = table_rows(user, "Audit log")
        told = [(r["who_text"], r["role"], r["action_text"], r["outcome"]) for r in rows]
        assert told == [
            ("ana", "analyst", "triage alert", "failed"),
            ("vera", "viewer", "produce", "refused"),
            ("olga", "operator", "delete topic", "done"),
        ]
        chosen(user, "Outcome").set_value("refused")
        await user.should_see("1 entry")
        field(user, "Who, what or on what").set_value("nobody")
        await user.should_see("0 entries")
        await user.open("/audit?text=olga")
        assert len(table_rows(user, "Audit log")) == 1

    visit_console(story)


def test_the_page_speaks_portuguese_and_shows_hostile_text_as_it_is() -> None:
    async def story(user: User, console: Console) -> None:
        language.use("pt-BR")
        console.audit.record(HOSTILE)
        await user.open("/audit?outcome=%3Cb%3E")
        (row,) = table_rows(user, "Auditoria")
        assert row["who_text"] == "\\u202e<img src=x onerror=alert(1)>"
        assert (row["action_text"], row["outcome"]) == ("<b>", "feito")
        assert str(row["target"]).startswith("{{7*7}}xxx")
        assert len(str(row["target"])) < 250
        await user.should_see("1 registro")

    visit_console(story)


def test_the_log_is_for_operators_on_the_page_and_by_rest() -> None:
    async def story(user: User, console: Console) -> None:
        console.audit.record(DONE)
        answer = (await user.http_client.get("/api/audit?text=olga&outcome=done")).json()
        assert (answer["total"], answer["entries"][0]["target"]) == (1, "orders")
        assert (await user.http_client.get("/api/audit?size=0")).status_code == 422
        await user.open("/")
        await user.should_see("Audit log")
        roles.use(Session(lambda: Caller("ana", Role.ANALYST)))
        refused = await user.http_client.get("/api/audit")
        assert refused.status_code == 403
        assert refused.json()["detail"] == "This needs the role operator; ana is analyst."
        await user.open("/")
        await user.should_not_see("Audit log")
        await user.open("/audit")
        await user.should_see("This needs the role operator; ana is analyst.")
        await user.should_not_see("orders")
        roles.use(Session(lambda: Caller("olga", Role.OPERATOR, read_only=True)))
        assert (await user.http_client.get("/api/audit")).status_code == 200

    visit_console(story)
