"""The tables of settings on a topic's and a broker's page, and the dialog that changes one."""

from collections.abc import Callable
from dataclasses import replace

from nicegui import ui
from nicegui.testing import User

from kafka_workshop import language
from kafka_workshop.console.actions import NotAllowed
from kafka_workshop.console.frame import Console
from kafka_workshop.console.managing.rules import Change
from kafka_workshop.console.managing.settings import Setting
from tests.console.planted import PlantedActions, PlantedInspector, snapshot
from tests.console.visiting import field, table_rows, visit_console

SETTINGS = (
    Setting("max.message.bytes", "1048588", "default", "1048588", "default", type="INT"),
    Setting("min.insync.replicas", "2", "file", "2", "file", type="INT"),
    Setting("retention.ms", "86400000", "topic", "604800000", "file", type="LONG"),
)
OF_BROKER = (
    Setting("log.cleaner.threads", "1", "default", "1", "default", type="INT"),
    Setting("log.dirs", "/data", "file", "/tmp/kafka-logs", "default", read_only=True),  # noqa: S108
    Setting("ssl.key.password", None, "file", sensitive=True),
)


class Altering(PlantedActions):
    """Refuses the value `no`, and remembers the others."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[Change] = []

    def alter_setting(self, change: Change) -> None:
        if change.value == "no":
            raise NotAllowed("retention.ms=no is not allowed. Allowed: a number.")
        self.changes.append(change)


def with_settings(actions: Altering) -> Callable[[Console], Console]:
    def prepared(console: Console) -> Console:
        console.state.succeeded(snapshot())
        inspector = PlantedInspector(topic=SETTINGS, broker=OF_BROKER)
        return replace(console, actions=actions, inspector=inspector)

    return prepared


async def on_the_tab(user: User, tab: str) -> None:
    await user.open("/topics/orders")
    (tabs,) = user.find(ui.tabs).elements
    tabs.set_value(tab)


def test_a_topics_settings_tell_value_origin_and_what_else_it_would_be() -> None:
    async def story(user: User, _: Console) -> None:
        await on_the_tab(user, "settings")
        await user.should_see("3 of 3 settings shown; 1 of all are set here.", retries=20)
        rows = table_rows(user, "Settings")
        told = [(r["name"], r["value_text"], r["otherwise_text"], r["source"]) for r in rows]
        assert told == [
            ("max.message.bytes", "1048588 (1.0 MB)", "1048588 (1.0 MB) · default", "default"),
            ("min.insync.replicas", "2", "2 · broker", "broker"),
            ("retention.ms", "86400000 (1 d)", "604800000 (7 d) · broker", "topic"),
        ]
        (own,) = (s for s in user.find(ui.switch).elements if "set here" in s.text)
        own.set_value(True)
        assert [r["name"] for r in table_rows(user, "Settings")] == ["retention.ms"]

    visit_console(story, with_settings(Altering()))


def test_a_setting_is_changed_and_a_refusal_is_told_in_words() -> None:
    actions = Altering()

    async def story(user: User, _: Console) -> None:
        await on_the_tab(user, "settings")
        await user.should_see("3 of 3 settings shown", retries=20)
        user.find(ui.table).trigger("open", "retention.ms")
        await user.should_see("Without a value here: 604800000 (7 d) (broker).")
        field(user, "Value").set_value("no")
        user.find("Save").click()
        await user.should_see("retention.ms=no is not allowed", retries=20)
        field(user, "Value").set_value(" 1000 ")
        user.find("Save").click()
        await user.should_see("retention.ms was changed.", retries=20)

    visit_console(story, with_settings(actions))
    assert actions.changes == [Change("topic", "orders", "retention.ms", "1000", 1)]


def test_a_value_is_taken_away_where_there_is_one() -> None:
    actions = Altering()

    async def story(user: User, _: Console) -> None:
        await on_the_tab(user, "settings")
        await user.should_see("3 of 3 settings shown", retries=20)
        user.find(ui.table).trigger("open", "max.message.bytes")
        await user.should_not_see("Take the value away")
        user.find(ui.table).trigger("open", "retention.ms")
        user.find("Take the value away").click()
        await user.should_see("retention.ms was changed.", retries=20)

    visit_console(story, with_settings(actions))
    assert actions.changes == [Change("topic", "orders", "retention.ms", None, 1)]


def test_a_setting_that_is_not_changed_here_says_why_and_offers_nothing() -> None:
    async def story(user: User, _: Console) -> None:
        await user.open("/brokers/1")
        await user.should_see("3 of 3 settings shown; 0 of all are set here.", retries=20)
        secret = table_rows(user, "Settings")[-1]
        assert (secret["value"], secret["value_text"]) == ("", "(secret)")
        for name in ("log.dirs", "ssl.key.password"):
            user.find(ui.table).trigger("open", name)
            await user.should_see("needs the properties file and a restart")
            await user.should_not_see(kind=ui.button, content="Save")
        user.find(ui.table).trigger("open", "log.cleaner.threads")
        await user.should_see("For this broker alone, at once")
        await user.should_see(kind=ui.button, content="Save")

    visit_console(story, with_settings(Altering()))


def test_a_broker_is_named_from_the_list_and_an_absent_one_is_said_to_be_absent() -> None:
    async def story(user: User, _: Console) -> None:
        language.use("pt-BR")
        await user.open("/brokers")
        assert table_rows(user, "Brokers")[0]["href"] == "/brokers/1"
        await user.open("/brokers/7")
        await user.should_see("Este broker não existe.")

    visit_console(story, with_settings(Altering()))


def test_settings_are_told_as_rest_without_secrets() -> None:
    async def story(user: User, _: Console) -> None:
        told = (await user.http_client.get("/api/topics/orders/settings")).json()["settings"]
        assert [each["name"] for each in told] == [s.name for s in SETTINGS]
        assert (told[2]["value"], told[2]["otherwise_from"]) == ("86400000", "file")
        told = (await user.http_client.get("/api/brokers/1/settings")).json()["settings"]
        assert told[-1] | {"type": ""} == {
            "name": "ssl.key.password", "value": None, "source": "file", "otherwise": None,
            "otherwise_from": "", "read_only": False, "sensitive": True, "type": "",
        }  # fmt: skip
        for path in ("/api/topics/absent/settings", "/api/brokers/7/settings"):
            assert (await user.http_client.get(path)).status_code == 404

    visit_console(story, with_settings(Altering()))
