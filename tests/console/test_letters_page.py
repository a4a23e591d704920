"""The dead letters as a page and as REST: empty, filled, chosen, sent back, edited, hostile."""

import threading
from dataclasses import replace

import pytest
from nicegui import ui
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction

from kafka_workshop import language, logs
from kafka_workshop.console.actions import Actions
from kafka_workshop.console.dlq.known import Box, Letters
from kafka_workshop.console.dlq.redriving import Progress, Redriving
from kafka_workshop.console.frame import Console
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.reading import Query, Report
from kafka_workshop.console.records import Record
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.dlq.letter import Form, Letter
from kafka_workshop.messaging.dlq.redrive import Outcome
from kafka_workshop.messaging.dlq.sending_back import SentBack
from tests.console.planted import PlantedReader
from tests.console.visiting import LOG, SETTINGS, press, table_rows, visit_console
from tests.support.planted_letters import TOPIC, came_back, letter, marker

HOSTILE = "\u202e<img src=x onerror=alert(1)>"


class PlantedRedrives(Actions):
    """Sends nothing back, and remembers what it was asked to."""

    def __init__(self) -> None:
        super().__init__(ClusterGateway(SETTINGS.bootstrap_servers), logs.configure(LOG, "test"))
        self.planned: list[Redriving] = []
        self.edited: list[tuple[str, Form]] = []

    def redrive(self, planned: Redriving, progress: Progress) -> SentBack:
        self.planned.append(planned)
        choice = planned.choose()
        progress(len(choice.letters))
        return SentBack(choice, Outcome(len(choice.letters), 0))

    def redrive_edited(self, storage: int, topic: str, letter: Letter, edited: Form) -> Outcome:
        assert storage == SETTINGS.storage
        self.edited.append((f"{topic} {letter.source}", edited))
        return Outcome(1, 0)


class LetterReader(PlantedReader):
    """Reads the letters at their place."""

    def __init__(self, *letters: Message) -> None:
        super().__init__([])
        self._letters = letters

    def read(self, query: Query, cancel: threading.Event | None = None) -> Report:
        assert cancel is None
        found = [
            Record(m.partition, m.offset, m.timestamp_ms, m.key, m.value, tuple(m.headers), 3)
            for m in self._letters
            if (m.topic, m.partition, m.offset) == (query.topic, query.partition, query.start)
        ]
        return Report(tuple(found), len(found), 3, len(found), "end")


def known(*records: Message) -> Letters:
    box = Box(TOPIC)
    for record in records:
        box.mark(record) if record.topic.endswith("redriven") else box.add(record)
    return Letters(len(records), {TOPIC: box.shown()})


def planted(console: Console, *letters: Message) -> Console:
    return replace(console, actions=PlantedRedrives(), reader=LetterReader(*letters))


def asked(console: Console) -> PlantedRedrives:
    assert isinstance(console.actions, PlantedRedrives)
    return console.actions


SOME = (
    letter("0:1", number=0),
    letter("0:2", "oversize", "too long", number=1),
    came_back("0:3", "0:1", 2),
    letter("0:4", number=3),
    marker("0:1"),
)


def test_before_and_without_letters_it_says_why_there_are_none() -> None:
    async def story(user: User, console: Console) -> None:
        await user.open("/dlq")
        await user.should_see("Reading the dead letters…")
        console.letters.failed("no broker answers", 1_700_000_060_000)
        await user.should_see("The dead letters could not be read yet", retries=20)
        console.letters.succeeded(known())
        await user.should_see("0 letters, page 1 of 1", retries=20)
        tables = [t.props["no-data-label"] for t in user.find(ui.table).elements]
        assert all("could be processed so far" in said for said in tables)

    visit_console(story)


def test_letters_are_counted_by_class_and_listed_newest_first_with_what_became_of_them() -> None:
    async def story(user: User, console: Console) -> None:
        console.letters.succeeded(known(*SOME))
        await user.open("/dlq")
        classes = table_rows(user, "Error classes")
        assert [(r["error_class"], r["letters"], r["waiting"]) for r in classes] == [
            ("not-json", 3, 2),
            ("oversize", 1, 1),
        ]
        rows = table_rows(user, "Letters")
        assert [(r["source"], r["condition"]) for r in rows] == [
            ("0:4", "waiting"),
            ("0:3", "came back"),
            ("0:2", "waiting"),
            ("0:1", "redriven"),
        ]
        await user.open("/dlq?error_class=not-json&condition=waiting")
        assert [r["source"] for r in table_rows(user, "Letters")] == ["0:4"]

    visit_console(story)


def test_it_speaks_portuguese_and_says_since_when_nothing_new_is_known() -> None:
    async def story(user: User, console: Console) -> None:
        language.use("pt-BR")
        console.letters.succeeded(known(*SOME))
        console.letters.failed("nenhum broker", 1_700_000_060_000)
        await user.open("/dlq?condition=came_back")
        (row,) = table_rows(user, "Mensagens")
        assert row["condition"] == "voltou"
        await user.should_see("Nenhuma mensagem da DLQ pôde ser lida desde 22:14:20")

    visit_console(story)


def test_selected_letters_go_back_as_previewed_and_no_others() -> None:
    async def story(user: User, console: Console) -> None:
        console.letters.succeeded(known(*SOME))
        await user.open("/dlq")
        (table,) = (t for t in user.find(ui.table).elements if t.props["aria-label"] == "Letters")
        table.selected = [r for r in table.rows if r["source"] in {"0:1", "0:3", "0:4"}]
        press(user, "Redrive…")
        await user.should_see("To send back to transactions: 1 (not-json 1).")
        await user.should_see("Came back from an earlier redrive and stay: 1.")
        user.find(ui.checkbox).click()
        await user.should_see("To send back to transactions: 2 (not-json 2).")
        press(user, "Redrive")
        await user.should_see("Sent back to transactions: 2.")
        (planned,) = asked(console).planned
        assert [str(x.source) for x in planned.choose().letters] == ["0:3", "0:4"]

    visit_console(story, planted)


def test_a_class_is_counted_anew_and_silent_brokers_are_told() -> None:
    async def story(user: User, console: Console) -> None:
        console.letters.succeeded(known(*SOME))
        await user.open("/dlq?error_class=oversize")
        press(user, "Redrive…")
        await user.should_see("127.0.0.1:9", retries=200)
        (button,) = (b for b in user.find(ui.button).elements if b.text == "Redrive")
        assert not button.enabled
        assert asked(console).planned == []

    visit_console(story, planted)


def test_a_letter_shows_its_context_its_bytes_and_goes_back_alone() -> None:
    odd = letter("0:9", reason=HOSTILE, value=b"\xff\x00<b>", headers=((HOSTILE, b"\xfe"),))

    async def story(user: User, console: Console) -> None:
        console.letters.succeeded(known(odd))
        await user.open("/dlq")
        open_letter(user, "0:9")
        for text in ("ff 00 3c 62 3e", "dlq.error.class", "dlq.error.reason", "\\u202e<img", "fe"):
            await user.should_see(text)
        await user.should_not_see("\u202e")
        press(user, "Redrive this one…")
        await user.should_see("To send back to transactions: 1 (not-json 1).")

    visit_console(story, lambda console: planted(console, odd))


def open_letter(user: User, source: str) -> None:
    (table,) = (t for t in user.find(ui.table).elements if t.props["aria-label"] == "Letters")
    UserInteraction(user=user, elements={table}, target=None).trigger("open", source)


def test_an_edited_letter_is_a_new_message_and_goes_once() -> None:
    broken = letter("0:5", value=b'{"amount": 1', headers=(("trace", b"7"),))

    async def story(user: User, console: Console) -> None:
        console.letters.succeeded(known(broken))
        await user.open("/dlq")
        open_letter(user, "0:5")
        await user.should_see('{"amount": 1')
        press(user, "Edit and redrive…")
        await user.should_see("What you send is a new message of transactions")
        (value,) = (t for t in user.find(ui.textarea).elements if t.props["label"] == "Value")
        value.set_value('{"amount": 1}')
        press(user, "Send")
        await user.should_see("Sent to transactions as a new message")
        assert asked(console).edited == [
            ("transactions 0:5", (b"A1", b'{"amount": 1}', (("trace", b"7"),)))
        ]

    visit_console(story, lambda console: planted(console, broken))


@pytest.mark.parametrize("size", [1, 200])
def test_rest_counts_pages_and_filters(size: int) -> None:
    async def story(user: User, console: Console) -> None:
        console.letters.succeeded(known(*SOME))
        get = user.http_client.get
        (told,) = (await get("/api/dlq")).json()["topics"]
        assert (told["topic"], told["letters"]) == (TOPIC, 4)
        assert told["classes"][0]["error_class"] == "not-json"
        found = (await get(f"/api/dlq/{TOPIC}?condition=redriven&size={size}")).json()
        (one,) = found["letters"]
        assert (one["source"], one["condition"], found["total"]) == ("0:1", "redriven", 1)
        assert (await get("/api/dlq/unknown")).status_code == 404
        assert (await get(f"/api/dlq/{TOPIC}?size=1000")).status_code == 422

    visit_console(story)


def test_only_the_newest_letters_are_held() -> None:
    box = Box(TOPIC, limit=10)
    for n in range(25):
        box.add(letter(f"0:{n}", number=n))
    held = box.shown()
    assert len(held.letters) <= 20
    assert {letter.source.offset for letter in held.of_class(None)[-10:]} == set(range(15, 25))
    box.forget_letters()
    assert box.shown().letters == {}
    assert len(held.letters) > 0
