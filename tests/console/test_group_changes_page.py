"""Resetting a group's offsets and deleting it: the dialogs of a group's page."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace

from nicegui.testing import User

from kafka_workshop import language
from kafka_workshop.console.frame import Console
from kafka_workshop.console.managing.resetting import Move, Reset, Target
from kafka_workshop.console.model import Group, GroupPartition, Member
from kafka_workshop.console.pages.message_controls import ALL
from tests.console.planted import PlantedActions, PlantedInspector, snapshot
from tests.console.visiting import chosen, field, press, table_rows, visit_console

PLACES = (GroupPartition("orders", 0, 1_200, 0, 5_000), GroupPartition("orders", 1, 7, 0, 9))
EMPTY = Group("readers", "Empty", 1, "", (), PLACES)
BUSY = replace(EMPTY, members=(Member("m-1", "client-1", "/10.0.0.1", (("orders", 0),)),))
PLANNED = Reset("readers", "orders", (Move(0, 1_200, 0), Move(1, 7, 9, limited=True)))


class Asked(PlantedInspector):
    """Remembers which resets were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.resets: list[tuple[str, str, Target, int | None]] = []

    def reset(self, group: str, topic: str, target: Target, partition: int | None) -> Reset:
        self.resets.append((group, topic, target, partition))
        return PLANNED


class Regrouping(PlantedActions):
    """Remembers what it was asked to change."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[object] = []

    def reset_offsets(self, planned: Reset) -> None:
        self.done.append(planned)

    def delete_group(self, group: str, typed: str) -> None:
        self.done.append((group, typed))


def with_group(
    group: Group, actions: Regrouping, asked: Asked, topics: tuple[str, ...] = ("orders",)
) -> Callable[[Console], Console]:
    def prepared(console: Console) -> Console:
        console.state.succeeded(replace(snapshot(topics), groups=(group,)))
        return replace(console, actions=actions, inspector=asked)

    return prepared


def test_a_reset_is_previewed_by_partition_and_then_done_as_previewed() -> None:
    actions, asked = Regrouping(), Asked()

    async def story(user: User, _: Console) -> None:
        await user.open("/groups/readers")
        press(user, "Reset offsets")
        await user.should_not_see("are passed over")
        press(user, "Preview")
        await user.should_see(
            "≈ 1,200 messages are read again, ≈ 2 are passed over; partitions: 2.",
            retries=20,
        )
        rows = table_rows(user, "What is set")
        shown = [(r["before_text"], r["after_text"], r["difference_text"]) for r in rows]
        assert shown == [("1,200", "0", "-1,200"), ("7", "9 (limit)", "+2")]
        press(user, "Reset")
        await user.should_see("The offsets are set.", retries=20)

    visit_console(story, with_group(EMPTY, actions, asked))
    assert asked.resets == [("readers", "orders", Target("earliest"), None)]
    assert actions.done == [PLANNED]


def test_a_changed_field_takes_the_preview_away() -> None:
    actions, asked = Regrouping(), Asked()

    async def story(user: User, _: Console) -> None:
        await user.open("/groups/readers")
        press(user, "Reset offsets")
        chosen(user, "Partition").set_value(1)
        press(user, "Preview")
        await user.should_see("partitions: 2.", retries=20)
        chosen(user, "To").set_value("shift")
        await user.should_not_see("are passed over")
        assert table_rows(user, "What is set") == []
        press(user, "Preview")
        await user.should_see("partitions: 2.", retries=20)
        chosen(user, "Partition").set_value(ALL)
        chosen(user, "To").set_value("time")
        field(user, "Time (UTC)").set_value("never")
        press(user, "Preview")
        await user.should_see("This is not a time or a number.", retries=20)

    visit_console(story, with_group(EMPTY, actions, asked))
    assert [(target, partition) for _, _, target, partition in asked.resets] == [
        (Target("earliest"), 1),
        (Target("shift", 0), 1),
    ]
    assert actions.done == []


def test_a_preview_that_comes_after_a_field_has_changed_is_not_shown() -> None:
    held, ended = threading.Event(), threading.Event()
    late = Reset("readers", "orders", (Move(0, 1_200, 3_000),))

    class Slow(Asked):
        def reset(self, group: str, topic: str, target: Target, partition: int | None) -> Reset:
            planned = super().reset(group, topic, target, partition)
            if target.way == "latest":
                return planned
            assert held.wait(20), "nobody let it go on"
            ended.set()
            return late

    async def story(user: User, _: Console) -> None:
        await user.open("/groups/readers")
        press(user, "Reset offsets")
        press(user, "Preview")
        await user.should_see("Reading…", retries=20)
        chosen(user, "To").set_value("latest")
        press(user, "Preview")
        await user.should_see("partitions: 2.", retries=20)
        held.set()
        assert await asyncio.to_thread(ended.wait, 20)
        await user.should_not_see("partitions: 1.")
        assert [r["after"] for r in table_rows(user, "What is set")] == [0, 9]

    visit_console(story, with_group(EMPTY, Regrouping(), Slow()))


def test_a_group_that_works_is_not_reset_and_its_members_are_named() -> None:
    async def story(user: User, _: Console) -> None:
        await user.open("/groups/readers")
        press(user, "Reset offsets")
        await user.should_see("The group works; stop its members first (1): client-1")
        await user.should_not_see("Preview")

    visit_console(story, with_group(BUSY, Regrouping(), Asked()))


def test_a_monitors_group_is_not_reset_but_told_the_command_that_takes_its_state_along() -> None:
    state = "orders.readers.monitor.state.account"

    async def story(user: User, _: Console) -> None:
        language.use("pt-BR")
        await user.open("/groups/readers")
        press(user, "Redefinir offsets")
        await user.should_see("TOPIC=orders CONSUMER_GROUP=readers ./workshop monitor reset")
        await user.should_see("readers é uma etapa do monitor")
        await user.should_not_see("Prévia")

    visit_console(story, with_group(EMPTY, Regrouping(), Asked(), ("orders", state)))


def test_a_group_is_deleted_after_its_name_was_typed() -> None:
    actions = Regrouping()

    async def story(user: User, _: Console) -> None:
        await user.open("/groups/readers")
        await user.should_see("no members")
        field(user, "Type readers to confirm").set_value("readers")
        press(user, "Delete")
        await user.should_see("All groups", retries=20)

    visit_console(story, with_group(EMPTY, actions, Asked()))
    assert actions.done == [("readers", "readers")]
