"""A card number and a CPF planted in key, value and headers, and every output searched for them."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from nicegui import ui
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction

from kafka_workshop.console.access import hiding, roles
from kafka_workshop.console.access.roles import LOCAL, Caller, Role, Session
from kafka_workshop.console.exporting import Ending, export
from kafka_workshop.console.filtering import Matcher, parse
from kafka_workshop.console.frame import Console
from kafka_workshop.console.outgoing import Outgoing
from kafka_workshop.console.records import KEPT_VALUE_BYTES, Record, seen, trimmed
from tests.console.planted import NOON, PlantedActions, PlantedReader, planted, record
from tests.console.test_alerts_page import known
from tests.console.test_letters_page import PlantedRedrives, open_letter
from tests.console.test_letters_page import known as letters_known
from tests.console.visiting import press, table_rows, visit_console
from tests.support.alarms import alarm, decided
from tests.support.planted_letters import letter

CARD, CPF = "4111111111111111", "123.456.789-09"
CANARIES = (CARD, "4111 1111 1111 1111", "4111-1111-1111-1111", CPF, "12345678909")
VALUE = json.dumps({"pan": CARD, "spaced": CANARIES[1], "cpf": CPF, "number": int(CARD)}).encode()
PLANTED = record(0, VALUE, CARD.encode(), (("card", CARD.encode()), (CARD, b"x"), ("null", None)))


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    hiding.choose({})
    roles.use(Session(lambda: LOCAL))


def clean(output: object) -> bool:
    return not any(canary in str(output) for canary in CANARIES)


def everything(user: User) -> str:
    """Every text, property and row of the page that is open."""
    with user:
        elements = list(user.client.elements.values()) if user.client else []
    parts = [f"{e.props} {getattr(e, 'text', '')} {getattr(e, 'rows', '')}" for e in elements]
    assert len(parts) > 50
    return "\n".join(parts)


def test_the_search_would_notice() -> None:
    assert not clean(VALUE)
    assert not any(clean(canary) for canary in CANARIES)


def test_a_record_is_masked_where_it_is_made_and_keeps_what_it_was() -> None:
    shown = seen(PLANTED)
    assert clean(shown)
    assert clean(repr(shown))
    assert shown.plain == PLANTED
    assert (shown.key, shown.size) == (b"411111******1111", PLANTED.size)
    assert seen(record(1, b"{}")).plain is None
    long = replace(PLANTED, value=VALUE + b" " * KEPT_VALUE_BYTES)
    assert trimmed(seen(long)).plain is None


def test_no_page_shows_it_nor_an_export_nor_a_filter() -> None:
    async def story(user: User, _: Console) -> None:
        await user.open("/topics/orders?columns=pan,cpf,number")
        await user.should_see("1 shown", retries=20)
        (row,) = table_rows(user, "Messages")
        assert "411111******1111" in str(row)
        assert clean(row)
        user.find(ui.table).trigger("open", "0-0")
        await user.should_see("Produce again", retries=20)
        await user.should_see("***.456.789-**")
        assert clean(everything(user))
        user.find("Produce again").click()
        await user.should_see("Key (masked, sent as it is)", retries=20)
        assert clean(everything(user))

    visit_console(story, planted(PlantedReader([PLANTED]), PlantedActions()))
    endings: tuple[Ending, ...] = ("jsonl", "csv")
    for ending in endings:
        content, _ = export("orders", [seen(PLANTED)], ending, (("pan",), ("number",)))
        assert b"411111******1111" in content
        assert clean(content.decode())


def test_a_filter_cannot_be_asked_for_it_digit_by_digit() -> None:
    for text, matches in (
        (f'value.pan = "{CARD}"', False),
        ('value.pan = "411111******1111"', True),
    ):
        assert Matcher(parse(text)).matches(seen(PLANTED)) is matches


def test_a_message_sent_once_more_is_the_one_that_was_read() -> None:
    actions = PlantedActions()

    async def story(user: User, _: Console) -> None:
        await user.open("/topics/orders")
        await user.should_see("1 shown", retries=20)
        user.find(ui.table).trigger("open", "0-0")
        await user.should_see("Produce again", retries=20)
        user.find("Produce again").click()
        await user.should_see("Headers (masked, sent as they are)", retries=20)
        newest = max((b for b in user.find(ui.button).elements if b.text == "Send"), key=_age)
        UserInteraction(user=user, elements={newest}, target=None).click()
        await user.should_see("Acknowledged", retries=20)

    visit_console(story, planted(PlantedReader([PLANTED]), actions))
    assert actions.written == [Outgoing("orders", PLANTED.key, PLANTED.value, PLANTED.headers)]


def _age(element: ui.element) -> int:
    return element.id


def test_an_alert_and_a_note_show_none_on_pages_and_by_rest() -> None:
    alert = alarm("A1", place=f"place {CARD}")
    decision = decided(alert, "confirmed", f"called about {CARD} and {CPF}")

    async def story(user: User, console: Console) -> None:
        console.alerts.succeeded(known((alert,), decision))
        for path in ("/alerts", f"/alerts/{alert.alert_id}"):
            await user.open(path)
            assert clean(everything(user))
        await user.should_see("called about 411111******1111 and ***.456.789-**")
        for path in ("/api/alerts", f"/api/alerts/{alert.alert_id}", "/api/audit"):
            answer = await user.http_client.get(path)
            assert answer.status_code == 200
            assert clean(answer.text)

    visit_console(story)


def test_a_dead_letter_shows_none_of_it_and_is_edited_with_what_it_was() -> None:
    dead = letter("0:1", reason=f"no card: {CARD}", value=VALUE, headers=(("card", CARD.encode()),))
    place = Record(0, 0, NOON, CARD.encode(), VALUE, tuple(dead.headers), 3)
    consoles: list[Console] = []

    def prepared(console: Console) -> Console:
        reader = PlantedReader([place])
        consoles.append(replace(console, actions=PlantedRedrives(), reader=reader))
        return consoles[0]

    async def story(user: User, console: Console) -> None:
        console.letters.succeeded(letters_known(dead))
        await user.open("/dlq")
        assert clean(everything(user))
        open_letter(user, "0:1")
        await user.should_see("***.456.789-**", retries=20)
        assert clean(everything(user))
        assert clean((await user.http_client.get("/api/dlq/transactions")).text)
        press(user, "Edit and redrive…")
        await user.should_see("Value (masked, sent as it is)", retries=20)
        assert clean(everything(user))
        press(user, "Send")
        await user.should_see("Sent to transactions as a new message", retries=20)

    visit_console(story, prepared)
    assert isinstance(consoles[0].actions, PlantedRedrives)
    headers = (("card", CARD.encode()),)
    assert consoles[0].actions.edited == [("transactions 0:1", (CARD.encode(), VALUE, headers))]


VIEWER, OPERATOR = Caller("vera", Role.VIEWER), Caller("olga", Role.OPERATOR)
SOMEBODY = record(
    0, b'{"holder":{"name":"Ana","cpf":"x"},"list":[{"ip":"10.0.0.1"}],"amount":1.10}', b"A1",
    (("ip", b"10.0.0.1"), ("trace", b"1")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("caller", "hidden"),
    [(OPERATOR, set()), (VIEWER, {"holder", "ip", "key"}), (None, {"holder", "ip", "key", "city"})],
)
def test_chosen_fields_are_hidden_from_the_roles_below(
    caller: Caller | None, hidden: set[str]
) -> None:
    roles.use(Session(lambda: caller))
    hiding.choose(
        {"holder": Role.OPERATOR, "ip": Role.ANALYST, "key": Role.ANALYST, "city": Role.VIEWER}
    )
    assert hiding.hidden_now() == hidden
    shown = seen(SOMEBODY, hiding.hidden_now())
    if not hidden:
        assert shown is SOMEBODY
        return
    assert shown.value == b'{"holder":"***","list":[{"ip":"***"}],"amount":1.10}'
    assert (shown.key, shown.headers) == (b"***", (("ip", b"***"), ("trace", b"1")))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"ip=10.0.0.1", b"***"), (b'{"ip":"10', b"***"), (b"no such thing", b"no such thing"),
        (b'[{"x":1e400}]', b'[{"x":1e400}]'), (b'{"\\u0069p":1}', b'{"ip":"***"}'), (b"", b""),
    ],
)  # fmt: skip
def test_what_cannot_be_told_apart_is_hidden_as_a_whole(value: bytes, shown: bytes) -> None:
    assert hiding.shown_value(value, {"ip"}) == shown


def test_the_reader_of_a_test_makes_records_as_the_real_one_does() -> None:
    assert [r.plain for r in PlantedReader([PLANTED]).records] == [PLANTED]
    assert isinstance(PLANTED, Record)
