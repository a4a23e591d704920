"""The messages' page over planted records: filter, search, columns, live, export, import, again."""

import msgspec
import pytest
from nicegui import ui
from nicegui.elements.upload_files import SmallFileUpload
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction

from kafka_workshop import language
from kafka_workshop.console.frame import Console
from kafka_workshop.console.outgoing import Outgoing
from tests.console.planted import PlantedActions, PlantedReader, planted, record
from tests.console.visiting import table_rows, visit_console

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(1)">{{7*7}}'
SOME = [
    record(
        n,
        b'{"amount": %d, "kind": "%s", "merchant": {"city": "Bel\xc3\xa9m"}}'
        % (n * 1000, b"pix" if n % 10 else b"boleto"),
    )
    for n in range(2_500)
]


async def filtered(user: User, text: str) -> None:
    (field,) = (f for f in user.find(ui.input).elements if f.props.get("label") in LABELS)
    field.set_value(text)
    user.find(kind=ui.input, content=str(field.props["label"])).trigger("keydown.enter")


LABELS = {"Filter", "Filtro"}


def test_a_search_says_what_it_scanned_and_goes_on_from_there() -> None:
    async def story(user: User, _: Console) -> None:
        await user.open('/topics/orders?filter=value.kind+%3D+"boleto"')
        await user.should_see(
            "100 found in 1,000 of 2,500 messages; stopped at the limit of messages.", retries=20
        )
        offsets = [r["offset"] for r in table_rows(user, "Messages")]
        assert offsets[:2] == [2490, 2480]
        user.find("Go on").click()
        await user.should_see("200 found in 2,000 of 2,500 messages", retries=20)
        user.find("Go on").click()
        await user.should_see("250 found in 2,500 messages; all were read.", retries=20)
        await user.should_not_see("Go on")

    visit_console(story, planted(PlantedReader(SOME)))


def test_a_search_is_told_in_portuguese() -> None:
    async def story(user: User, _: Console) -> None:
        language.use("pt-BR")
        await user.open("/topics/orders?filter=value.amount+%3E+2498000")
        await user.should_see(
            "1 encontrada em 1.000 de 2.500 mensagens; parou no limite de mensagens.", retries=20
        )
        user.find("Continuar a busca").click()
        await user.should_see("1 encontrada em 2.000 de 2.500 mensagens", retries=20)

    visit_console(story, planted(PlantedReader(SOME)))


def test_a_wrong_filter_is_one_sentence_and_reads_nothing() -> None:
    async def story(user: User, _: Console) -> None:
        await user.open("/topics/orders")
        await user.should_see("50 shown. Read 50 messages", retries=20)
        await filtered(user, "amount > 5")
        await user.should_see("Position 1: 'amount' is not allowed here", retries=20)
        await user.should_see("50 shown")
        await filtered(user, "value.amount > 2498000")
        await user.should_see("1 found in 1,000 of 2,500 messages", retries=20)
        await user.should_not_see("Position 1:")

    visit_console(story, planted(PlantedReader(SOME)))


def test_an_example_is_used_by_a_click() -> None:
    async def story(user: User, _: Console) -> None:
        await user.open("/topics/orders")
        user.find(kind=ui.button, content="value.amount > 100000").click()
        await user.should_see("1,000 found in 1,000 of 2,500 messages", retries=20)

    visit_console(story, planted(PlantedReader(SOME)))


def test_fields_become_columns_with_the_numbers_of_the_language() -> None:
    async def story(user: User, _: Console) -> None:
        language.use("pt-BR")
        await user.open("/topics/orders?columns=amount~merchant.city~absent&count=20")
        await user.should_see("20 mostradas", retries=20)
        row = table_rows(user, "Mensagens")[0]
        shown = [row[f"field{n}_text"] for n in range(3)]
        assert shown == ["2.499.000", "Belém", ""]
        table = messages_table(user, "Mensagens")
        labels = [column["label"] for column in table.columns]
        assert labels[4:7] == ["amount", "merchant.city", "absent"]
        assert [column["align"] for column in table.columns[4:7]] == ["right", "left", "left"]
        fields = next(f for f in user.find(ui.select).elements if f.multiple)
        assert "kind" in dict(fields.options).values()
        fields.set_value([0])
        assert "Valor" not in [c["label"] for c in table.columns]
        fields.set_value([])
        assert "Valor" in [c["label"] for c in table.columns]

    visit_console(story, planted(PlantedReader(SOME)))


def press(user: User, kind: type[ui.element], text: str) -> None:
    """Press the newest element of a kind with this text."""
    found = [e for e in user.find(kind).elements if any(text in str(d) for d in within(e))]
    UserInteraction(user, {max(found, key=lambda e: e.id)}, None).click()


def within(element: ui.element) -> list[ui.element]:
    return [element, *element.descendants()]


def messages_table(user: User, label: str) -> ui.table:
    return next(t for t in user.find(ui.table).elements if t.props["aria-label"] == label)


def test_a_live_tail_shows_what_the_filter_wants_and_counts_the_rest() -> None:
    reader = PlantedReader(SOME)

    async def story(user: User, _: Console) -> None:
        await user.open("/topics/orders?show=live&filter=value.amount+%3E+5000")
        await user.should_see("Live · 0 shown of 0 that arrived", retries=20)
        reader.live.coming = SOME[:10]
        await user.should_see("Live · 4 shown of 10 that arrived", retries=30)
        user.find("Pause").click()
        await user.should_see("Paused · 4 shown", retries=20)

    visit_console(story, planted(reader))


def test_a_hostile_message_stays_text_in_columns_filters_and_files() -> None:
    value = msgspec.json.encode({HOSTILE: HOSTILE})
    reader = PlantedReader([record(0, value, HOSTILE.encode(), ((HOSTILE, b"=1+1"),))])

    async def story(user: User, _: Console) -> None:
        await user.open(f"/topics/orders?filter={HOSTILE}&columns={HOSTILE}&partition={HOSTILE}")
        await user.should_see("Position 18: '/' is not allowed here", retries=20)
        await filtered(user, "")
        await user.should_see("1 shown", retries=20)
        fields = next(f for f in user.find(ui.select).elements if f.multiple)
        fields.set_value([0])
        row = table_rows(user, "Messages")[0]
        assert str(row["field0_text"]).startswith("<script>")
        assert not any("<script>" in str(name) for name in row)
        template = str(messages_table(user, "Messages").slots)
        assert "alert" not in template

    visit_console(story, planted(reader))


def test_what_is_shown_or_chosen_is_exported() -> None:
    async def story(user: User, _: Console) -> None:
        await user.open("/topics/orders?count=20")
        await user.should_see("20 shown", retries=20)
        press(user, ui.menu_item, "JSON lines")
        file = await user.download.next()
        assert file.content.count(b"\n") == 20
        assert b'"offset":2480' in file.content.splitlines()[0]
        messages_table(user, "Messages").selected = table_rows(user, "Messages")[:2]
        press(user, ui.menu_item, "CSV")
        lines = (await user.download.next()).content.decode("utf-8-sig").splitlines()
        assert len(lines) == 3
        assert lines[1].startswith("0,2499,2026-01-01T12:41:39.000Z,k,")

    visit_console(story, planted(PlantedReader(SOME)))


def upload(content: bytes) -> SmallFileUpload:
    return SmallFileUpload("messages.jsonl", "application/json", content)


@pytest.mark.parametrize("refused", [True, False])
def test_a_file_is_checked_whole_before_anything_is_sent(refused: bool) -> None:
    actions = PlantedActions()
    good = b'{"partition":0,"timestamp":5,"key":null,"value":"a","headers":[]}\n'
    bad = b'{"partition":7,"key":null,"value":"a"}\n' if refused else b""

    async def story(user: User, _: Console) -> None:
        await user.open("/topics/orders")
        await user.should_see("50 shown", retries=20)
        user.find("Import").click()
        box = next(iter(user.find(ui.upload).elements))
        await box.handle_uploads([upload(good + bad + good)])
        if refused:
            await user.should_see("Nothing was sent: 1 lines are refused. Line 2: the topic has no "
                                  "partition 7.", retries=20)  # fmt: skip
            return
        await user.should_see("2 messages, 2 B: all lines are right.", retries=20)
        user.find(kind=ui.button, content="Import").click()
        await user.should_see("2 of 2 messages acknowledged.", retries=20)

    visit_console(story, planted(PlantedReader(SOME), actions))
    sent = Outgoing("orders", None, b"a", (), 0, 5)
    assert actions.written == ([] if refused else [sent, sent])


def test_a_message_is_produced_again_as_it_is_and_edited() -> None:
    actions = PlantedActions()
    headers = (("trace", b"1"), ("trace", b"2"), ("bin", b"\xff"))
    reader = PlantedReader([record(0, b'{"a":1}\r\n', b"", headers)])

    async def story(user: User, _: Console) -> None:
        await user.open("/topics/orders")
        await user.should_see("1 shown", retries=20)
        user.find(ui.table).trigger("open", "0-0")
        user.find("Produce again").click()
        await user.should_see("A copy of orders, partition 0, offset 0.")
        press(user, ui.button, "Send")
        await user.should_see("Acknowledged: partition 0, offset 0.", retries=20)

    visit_console(story, planted(reader, actions, ("orders", "other")))
    assert actions.written == [Outgoing("orders", b"", b'{"a":1}\r\n', headers)]
