"""The dialogs that reset the offsets of a consumer group, and that delete it."""

import asyncio

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.frame import Console
from kafka_workshop.console.managing.regrouping import why_not_touched
from kafka_workshop.console.managing.resetting import Move, Reset
from kafka_workshop.console.model import Group
from kafka_workshop.console.pages.reset_fields import ResetFields
from kafka_workshop.console.pages.topic_dialogs import ActionDialog, done
from kafka_workshop.console.widgets import Column, Row, Table, flat_button
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr


def known_group(console: Console, name: str) -> Group | None:
    """Return what is known of a group now."""
    snapshot = console.state.view.snapshot
    return snapshot.group_by_id.get(name) if snapshot else None


def why_not(console: Console, name: str) -> str:
    """Return why a group can't be changed now, as far as is known; the coordinator is asked later.

    Its members are named: whoever reads this wants to know what to stop.
    """
    reason = why_not_touched(name, [topic.name for topic in console.state.view.topics])
    group = known_group(console, name)
    if reason or group is None or not group.members:
        return reason
    return tr(
        "The group works; stop its members first ({n}): {who}",
        "O grupo está trabalhando; pare antes seus membros ({n}): {who}",
        n=len(group.members),
        who=", ".join(sorted({member.client_id for member in group.members})[:5]),
    )


class ResetDialog(ActionDialog):
    """Sets a group's offsets on one topic, after showing from where to where."""

    def __init__(self, console: Console, group: str) -> None:
        title = tr("Reset the offsets of {group}", "Redefinir os offsets de {group}", group=group)
        super().__init__(title, tr("Reset", "Redefinir"), danger=True)
        self._console, self._group = console, group
        self._planned: Reset | None = None
        with self.body:
            self._fields = ResetFields()
            self._look = flat_button(tr("Preview", "Prévia"), "preview")
            self._told = ui.label("").props("role=status")
            self._preview = _preview_table()
        self._fields.on_change(self._forget)
        self._fields.topic.on_value_change(self._offer_partitions)
        self._look.on_click(self._ask)
        self.button.on_click(self._reset)

    def open(self) -> None:
        """Show the dialog; say at once why it can't be, if that is known."""
        reason = why_not(self._console, self._group)
        group = known_group(self._console, self._group)
        self._fields.offer(sorted({p.topic for p in group.partitions}) if group else [])
        self._forget()
        for part in (self._fields.box, self._look, self._preview.element):
            part.set_visibility(not reason)
        super().open()
        if reason:
            self.fail(reason)

    def _offer_partitions(self) -> None:
        group, topic = known_group(self._console, self._group), self._fields.topic.value
        mine = [p.partition for p in group.partitions if p.topic == topic] if group else []
        self._fields.offer_partitions(mine)

    def _forget(self) -> None:
        # What was previewed is not what the fields say any more: it must not be done.
        self._planned = None
        self.button.set_visibility(False)
        self._told.set_text("")
        self._preview.show([], tr("No preview yet.", "Ainda sem prévia."))

    async def _ask(self) -> None:
        self._forget()
        try:
            target = self._fields.target()
        except (ValueError, OverflowError):
            self.fail(tr("This is not a time or a number.", "Isto não é um horário ou número."))
            return
        topic, partition = self._fields.topic.value, self._fields.chosen_partition
        if not topic:
            self.fail(tr("Choose a topic.", "Escolha um tópico."))
            return
        asked = self._fields.all
        self._told.set_text(tr("Reading…", "Lendo…"))
        read = self._console.inspector.reset
        try:
            planned = await asyncio.to_thread(read, self._group, topic, target, partition)
        except WorkshopError as error:
            self._told.set_text("")
            self.fail(str(error))
            return
        if asked == self._fields.all:  # nobody changed a field meanwhile
            self._show(planned)

    def _show(self, planned: Reset) -> None:
        self._planned = planned
        self.error.set_visibility(False)
        self.button.set_visibility(True)
        self._told.set_text(_told(planned))
        self._preview.show([_row(move) for move in planned.moves], "")

    async def _reset(self) -> None:
        if self._planned is None:
            return
        if await self.attempt(done(self._console.actions.reset_offsets), self._planned):
            self.dialog.close()
            self._console.poller.hurry()
            ui.notify(tr("The offsets are set.", "Offsets redefinidos."), type="positive")


def _preview_table() -> Table:
    columns = [
        Column("partition", tr("Partition", "Partição"), right=True),
        Column("before", tr("From", "De"), "shown", right=True),
        Column("after", tr("To", "Para"), "shown", right=True),
        Column("difference", tr("Difference", "Diferença"), "shown", right=True),
    ]
    return Table(columns, label=tr("What is set", "O que é definido"), paged=True)


def _row(move: Move) -> Row:
    limited = tr("{offset} (limit)", "{offset} (limite)", offset=formats.number(move.after))
    gap = move.difference
    return {
        "id": move.partition,
        "partition": move.partition,
        "before": -1 if move.before is None else move.before,
        "before_text": formats.number(move.before),
        "after": move.after,
        "after_text": limited if move.limited else formats.number(move.after),
        "difference": gap or 0,
        "difference_text": ("+" if gap and gap > 0 else "") + formats.number(gap),
    }


def _told(planned: Reset) -> str:
    gaps = [move.difference or 0 for move in planned.moves]
    return tr(
        "≈ {again} messages are read again, ≈ {passed} are passed over; partitions: {n}.",
        "≈ {again} mensagens são lidas de novo, ≈ {passed} são puladas; partições: {n}.",
        n=len(gaps),
        again=formats.number(-sum(gap for gap in gaps if gap < 0)),
        passed=formats.number(sum(gap for gap in gaps if gap > 0)),
    )


class DeleteGroupDialog(ActionDialog):
    """Deletes a group that has no members, after its name was typed again."""

    def __init__(self, console: Console, group: str) -> None:
        title = tr("Delete group {group}?", "Excluir o grupo {group}?", group=group)
        super().__init__(title, tr("Delete", "Excluir"), danger=True)
        self._console, self._group = console, group
        with self.body:
            ui.label(
                tr(
                    "Its offsets are lost: whoever joins under this name begins anew.",
                    "Seus offsets se perdem: quem entrar com este nome recomeça.",
                )
            )
            label = tr("Type {name} to confirm", "Digite {name} para confirmar", name=group)
            self.typed = ui.input(label).props("outlined dense autofocus autocomplete=off")
        self.button.on_click(self._delete)

    def open(self) -> None:
        """Show the dialog; say at once why it can't be, if that is known."""
        reason = why_not(self._console, self._group)
        self.typed.set_visibility(not reason)
        self.button.set_visibility(not reason)
        super().open()
        if reason:
            self.fail(reason)

    async def _delete(self) -> None:
        typed = (self.typed.value or "").strip()
        if await self.attempt(done(self._console.actions.delete_group), self._group, typed):
            self._console.poller.hurry()
            ui.navigate.to("/groups")
