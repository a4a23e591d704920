"""Who may do what: every function that writes says so, and pages offer no more than that."""

import asyncio
import inspect
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui
from nicegui.testing import User

from kafka_workshop import console as package
from kafka_workshop import logs
from kafka_workshop.console.access import roles
from kafka_workshop.console.access.entrance import everybody
from kafka_workshop.console.access.roles import (
    LOCAL,
    MARKED,
    Attempt,
    Caller,
    Forbidden,
    Need,
    Role,
    Session,
    needs,
    why_not,
)
from kafka_workshop.console.actions import Actions
from kafka_workshop.console.chaos.orders import orders_to_nobody
from kafka_workshop.console.dlq.redriving import Progress, Redriving
from kafka_workshop.console.exporting import export
from kafka_workshop.console.frame import Console
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.model import Group, GroupPartition
from kafka_workshop.console.outgoing import NotAllowed
from kafka_workshop.messaging.dlq.survey import Survey
from tests.console.planted import PlantedReader, planted, record, snapshot
from tests.console.test_alerts_page import known
from tests.console.visiting import LOG, visit_console
from tests.console.writers import unmarked_writers
from tests.support.alarms import alarm

VIEWER, ANALYST = Caller("vera", Role.VIEWER), Caller("ana", Role.ANALYST)
OPERATOR = Caller("olga", Role.OPERATOR)
READ_ONLY = Caller("olga", Role.OPERATOR, read_only=True)
SOURCES = Path(str(package.__file__)).parent
WRITES = {"Produce", "Change this topic", "Import", "Create topic", "Save", "Reset offsets"}


@pytest.fixture(autouse=True)
def everybody_again() -> Iterator[None]:
    yield
    roles.use(Session(lambda: LOCAL))


def asking(caller: Caller | None) -> list[Attempt]:
    """Let `caller` be asking from now on; return where attempts are written down."""
    attempts: list[Attempt] = []
    roles.use(Session(lambda: caller, attempts.append))
    return attempts


@needs(Role.ANALYST, target="what.real")
def change(what: int) -> int:
    if what < 0:
        raise NotAllowed("not less than nothing")
    if what == 0:
        raise ZeroDivisionError
    return what


@needs(Role.ANALYST, writes=False)
def take_out() -> str:
    return "a file"


@pytest.mark.parametrize(
    ("caller", "writes", "reads"),
    [
        (None, False, False),
        (VIEWER, False, False),
        (ANALYST, True, True),
        (OPERATOR, True, True),
        (READ_ONLY, False, True),
    ],
)
def test_a_marked_function_runs_for_its_role_and_those_above(
    caller: Caller | None, writes: bool, reads: bool
) -> None:
    asking(caller)
    for function, allowed in ((lambda: change(7), writes), (take_out, reads)):
        if allowed:
            assert function()
        else:
            with pytest.raises(Forbidden):
                function()
    assert roles.may(Role.ANALYST) is writes
    assert roles.may(Role.ANALYST, writes=False) is reads


def test_each_call_is_written_down_with_what_came_of_it() -> None:
    attempts = asking(ANALYST)
    change(7)
    with pytest.raises(NotAllowed):
        change(-1)
    with pytest.raises(ZeroDivisionError):
        change(0)
    refused = asking(VIEWER)
    with pytest.raises(Forbidden):
        change(what=5)
    assert attempts == [
        Attempt("ana", "analyst", "change", "7", "done"),
        Attempt("ana", "analyst", "change", "-1", "failed", "not less than nothing"),
        Attempt("ana", "analyst", "change", "0", "failed", "ZeroDivisionError"),
    ]
    said = "This needs the role analyst; vera is viewer."
    assert refused == [Attempt("vera", "viewer", "change", "5", "refused", said)]


def test_who_asks_is_looked_up_at_each_call_and_carried_into_threads() -> None:
    now: list[Caller | None] = [OPERATOR]
    roles.use(Session(lambda: now[0]))
    assert asyncio.run(asyncio.to_thread(change, 1)) == 1
    now[0] = None
    with pytest.raises(Forbidden, match="Log in first"):
        asyncio.run(asyncio.to_thread(change, 1))


def test_where_nobody_said_who_asks_nothing_is_written() -> None:
    caught: list[BaseException] = []

    def bare() -> None:
        try:
            change(1)
        except Forbidden as error:
            caught.append(error)

    thread = threading.Thread(target=bare)  # begins with an empty context
    thread.start()
    thread.join(10)
    assert len(caught) == 1


def test_a_coroutine_cannot_be_marked() -> None:
    async def later() -> None: ...

    with pytest.raises(TypeError, match="mark what it runs in a thread"):
        needs(Role.VIEWER)(later)


def test_without_a_login_everybody_is_an_operator_unless_nothing_may_be_written() -> None:
    headers: Any = None
    for read_only, reason in ((False, ""), (True, "CONSOLE_READ_ONLY")):
        caller = everybody(lambda _: None, read_only=read_only)(headers).caller()
        assert reason in why_not(caller, Need(Role.OPERATOR))


def test_every_action_is_marked() -> None:
    public = [n for n, f in inspect.getmembers(Actions, inspect.isfunction) if n[0] != "_"]
    marked = {name.rsplit(".", 1)[1]: need for name, need in MARKED.items() if "Actions." in name}
    assert sorted(public) == sorted(marked)
    assert {name for name, need in marked.items() if need.role < Role.OPERATOR} == {"triage"}
    assert all(need.writes for need in marked.values())


# Without a role of their own; everything that calls them is here too, or is marked. A page is not.
BEHIND_MARKED_ONES = {
    "actions": {"_produce", "_send"},
    "sending": {"send_all", "_send"},
    "dlq.redriving": {"redrive", "redrive_edited"},
    "managing.changing": {"alter_setting", "add_partitions", "purge"},
    "managing.groups": {"reset_offsets", "delete_group", "_reset", "_delete"},
    "managing.regrouping": {"reset", "delete"},
}


def test_whatever_asks_brokers_for_a_change_is_behind_a_function_with_a_role() -> None:
    assert unmarked_writers(SOURCES, "kafka_workshop.console") == BEHIND_MARKED_ONES


def test_a_page_that_writes_by_itself_is_found(tmp_path: Path) -> None:
    (tmp_path / "deep.py").write_text("def change(admin):\n    admin.delete_topics([])\n")
    (tmp_path / "page.py").write_text(
        "from package import deep\nfrom package.deep import change\n"
        "def one():\n    deep.change(1)\ndef two():\n    run(change)\ndef three():\n    one\n"
        "def innocent():\n    pass\n@needs(1)\ndef marked():\n    one()\n"
    )
    found = unmarked_writers(tmp_path, "package")
    assert found == {"deep": {"change"}, "page": {"one", "two", "three"}}


@pytest.mark.parametrize(
    ("caller", "topic", "others"),
    [
        (OPERATOR, {"Produce", "Change this topic", "Import", "Export"}, {"Create topic", "Save"}),
        (READ_ONLY, {"Export"}, set()),
        (ANALYST, {"Export"}, {"Save"}),
        (VIEWER, set(), set()),
    ],
)
def test_a_page_offers_what_its_caller_may_do(
    caller: Caller, topic: set[str], others: set[str]
) -> None:
    asking(caller)
    alert = alarm("A1")

    async def story(user: User, console: Console) -> None:
        console.alerts.succeeded(known((alert,)))
        assert await _offered(user, "/topics/orders") == topic
        listed = await _offered(user, "/topics?like=orders")
        decided = await _offered(user, f"/alerts/{alert.alert_id}")
        assert listed | decided == others

    visit_console(story, planted(PlantedReader([record(0, b"{}")])))


@pytest.mark.parametrize(("caller", "offered"), [(OPERATOR, True), (READ_ONLY, False)])
def test_a_group_is_changed_by_operators_alone(caller: Caller, offered: bool) -> None:
    asking(caller)

    async def story(user: User, _: Console) -> None:
        assert await _offered(user, "/groups/readers") == ({"Reset offsets"} if offered else set())

    group = Group("readers", "Empty", 1, "", (), (GroupPartition("orders", 0, 1, 0, 5),))

    def prepared(console: Console) -> Console:
        console.state.succeeded(replace(snapshot(), groups=(group,)))
        return console

    visit_console(story, prepared)


async def _offered(user: User, path: str) -> set[str]:
    """The buttons of a page that write or take out; what a dialog holds is not offered yet."""
    await user.open(path)
    found = [b for b in user.find(ui.button).elements if not _in_dialog(b)]
    return {str(b.text or b.props.get("aria-label")) for b in found} & (WRITES | {"Export"})


def _in_dialog(button: ui.element) -> bool:
    return any(isinstance(above, ui.dialog) for above in button.ancestors())


def test_an_export_is_for_analysts_and_written_down() -> None:
    attempts = asking(ANALYST)
    content, name = export("orders", [record(0, b"{}")], "jsonl")
    assert (content[:13], name) == (b'{"partition":', "messages-orders.jsonl")
    assert attempts == [Attempt("ana", "analyst", "export", "orders", "done")]
    asking(VIEWER)
    with pytest.raises(Forbidden):
        export("orders", [], "csv")


def test_an_event_that_a_page_never_offered_is_refused_where_it_is_written() -> None:
    attempts = asking(READ_ONLY)
    actions = Actions(ClusterGateway(("127.0.0.1:9",)), logs.configure(LOG, "test"))
    with pytest.raises(Forbidden, match="CONSOLE_READ_ONLY=1"):
        actions.delete_topic("orders", "orders")
    assert [(a.action, a.target, a.outcome) for a in attempts] == [
        ("delete_topic", "orders", "refused")
    ]


@pytest.mark.parametrize("caller", [VIEWER, ANALYST, READ_ONLY])
def test_orders_and_redrives_are_an_operators(caller: Caller) -> None:
    attempts = asking(caller)
    actions = Actions(ClusterGateway(("127.0.0.1:9",)), logs.configure(LOG, "test"))
    planned = Redriving(Survey("orders"), 10**9)
    for ask in (
        lambda: orders_to_nobody().give("kill", "broker-2"),
        lambda: orders_to_nobody().set_rate(5.0),
        lambda: actions.redrive(planned, Progress()),
    ):
        with pytest.raises(Forbidden):
            ask()
    assert [(a.action, a.target, a.outcome) for a in attempts] == [
        ("give", "kill broker-2", "refused"),
        ("set_rate", "5.0", "refused"),
        ("redrive", "orders", "refused"),
    ]


@pytest.mark.parametrize(("caller", "offered"), [(OPERATOR, True), (READ_ONLY, False)])
def test_the_dead_letters_offer_a_redrive_to_operators_alone(caller: Caller, offered: bool) -> None:
    asking(caller)

    async def story(user: User, _: Console) -> None:
        await user.open("/dlq")
        await (user.should_see if offered else user.should_not_see)("Redrive…")

    visit_console(story)
