"""More partitions, a purge, a topic like another: the dialogs of a topic's page."""

from collections.abc import Callable
from dataclasses import replace

from nicegui import ui
from nicegui.testing import User

from kafka_workshop import language
from kafka_workshop.console.actions import TopicWish
from kafka_workshop.console.frame import Console
from kafka_workshop.console.managing.purging import Cut, Purge
from kafka_workshop.console.managing.settings import Setting
from kafka_workshop.console.model import Group, GroupPartition, Snapshot
from tests.console.planted import PlantedActions, PlantedInspector, snapshot
from tests.console.visiting import field, press, press_entry, table_rows, visit_console

STATE = "orders.night.monitor.state.account"
BEHIND = Group("night", "Empty", 1, "", (), (GroupPartition("orders", 0, 30, 10, 130),))


class Changing(PlantedActions):
    """Remembers what it was asked to change."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[object] = []

    def add_partitions(self, topic: str, total: int) -> None:
        self.done.append((topic, total))

    def purge(self, planned: Purge, typed: str) -> None:
        self.done.append((planned, typed))

    def create_topic(self, wish: TopicWish) -> None:
        self.done.append(wish)


def with_topic(
    actions: Changing, known: Snapshot | None = None, settings: tuple[Setting, ...] = ()
) -> Callable[[Console], Console]:
    def prepared(console: Console) -> Console:
        console.state.succeeded(known or snapshot())
        inspector = PlantedInspector(settings, bounds={0: (10, 130)})
        return replace(console, actions=actions, inspector=inspector)

    return prepared


def test_partitions_are_added_after_saying_what_that_does_to_keys() -> None:
    actions = Changing()

    async def story(user: User, _: Console) -> None:
        await user.open("/topics/orders")
        press_entry(user, "Add partitions…")
        await user.should_see("nobody reads them in order any more")
        (total,) = (n for n in user.find(ui.number).elements if "in all" in n.props["label"])
        assert total.value == 2
        total.set_value(6)
        press(user, "Add")
        await user.should_see("orders has 6 partitions now.", retries=20)

    visit_console(story, with_topic(actions))
    assert actions.done == [("orders", 6)]


def test_a_topic_that_a_monitor_reads_keeps_its_partitions_and_says_why() -> None:
    async def story(user: User, _: Console) -> None:
        await user.open("/topics/orders")
        press_entry(user, "Add partitions…")
        await user.should_see("orders keeps its number of partitions. The monitor's state")
        await user.should_not_see("Partitions in all")

    visit_console(story, with_topic(Changing(), snapshot(("orders", STATE))))


def test_a_purge_shows_what_goes_and_who_has_not_read_it_before_it_goes() -> None:
    actions = Changing()
    known = replace(snapshot(("orders", STATE)), groups=(BEHIND,))

    async def story(user: User, _: Console) -> None:
        await user.open("/topics/orders")
        press_entry(user, "Purge…")
        await user.should_see("≈ 120 messages go, for every consumer", retries=20)
        await user.should_see("Group night has not read ≈ 100 of them.")
        await user.should_see("TOPIC=orders CONSUMER_GROUP=night ./workshop monitor reset")
        upto = field(user, "Up to (empty: the end of all)")
        upto.set_value("0:131")
        await user.should_see("Partition 0: 131 is not allowed, 10 to 130 is.")
        assert table_rows(user, "What is deleted") == []
        upto.set_value("0:25")
        (row,) = table_rows(user, "What is deleted")
        assert (row["to"], row["count_text"]) == (25, "15")
        await user.should_not_see("has not read")
        field(user, "Type orders to confirm").set_value("orders")
        user.find("Delete messages").click()
        await user.should_see("Deleted.", retries=20)

    visit_console(story, with_topic(actions, known))
    assert actions.done == [(Purge("orders", (Cut(0, 10, 130, 25),)), "orders")]


def test_a_topic_that_is_only_compacted_is_not_purged_in_the_browsers_language() -> None:
    (topic, *_), config = snapshot().topics, {"cleanup.policy": "compact"}
    known = replace(snapshot(), topics=(replace(topic, config=config),))

    async def story(user: User, _: Console) -> None:
        language.use("pt-BR")
        await user.open("/topics/orders")
        press_entry(user, "Esvaziar…")
        await user.should_see("que só é compactado (cleanup.policy=compact)", retries=20)

    visit_console(story, with_topic(Changing(), known))


def test_a_topic_like_another_takes_over_its_settings() -> None:
    actions = Changing()
    settings = (
        Setting("compression.type", "zstd", "topic"),
        Setting("min.insync.replicas", "1", "topic", type="INT"),
        Setting("retention.ms", "172800000", "topic", type="LONG"),
        Setting("segment.ms", "1", "default", type="LONG"),
    )

    async def story(user: User, _: Console) -> None:
        await user.open("/topics?like=orders")
        await user.should_see("As there: compression.type=zstd", retries=20)
        field(user, "Name").set_value("copy")
        press(user, "Create")
        await user.should_see("copy was created.", retries=20)

    visit_console(story, with_topic(actions, settings=settings))
    (wish,) = actions.done
    expected = TopicWish("copy", 1, 1, 1, 100_000_000, 2, {"compression.type": "zstd"})
    assert wish == expected
