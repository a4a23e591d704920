"""The dialogs that give a topic more partitions, and that empty it."""

import asyncio

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.frame import Console
from kafka_workshop.console.managing.bounds import Bounds
from kafka_workshop.console.managing.changing import only_compacted
from kafka_workshop.console.managing.monitors import monitor_of, why_partitions_stay
from kafka_workshop.console.managing.purging import Cut, Purge, parse_offsets, plan, unread_by
from kafka_workshop.console.model import Topic
from kafka_workshop.console.pages.topic_dialogs import ActionDialog, done, whole
from kafka_workshop.console.widgets import Column, Row, Table, muted
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr

_ROWS = 100


def known_topic(console: Console, name: str) -> Topic | None:
    """Return what is known of a topic now."""
    snapshot = console.state.view.snapshot
    return snapshot.topic_by_name.get(name) if snapshot else None


class AddPartitionsDialog(ActionDialog):
    """Gives a topic more partitions, after saying what that does to the order of keys."""

    def __init__(self, console: Console, topic: str) -> None:
        super().__init__(tr("Add partitions", "Adicionar partições"), tr("Add", "Adicionar"))
        self._console, self._topic = console, topic
        with self.body:
            ui.label(
                tr(
                    "A key's next messages may go to another partition than its earlier ones: "
                    "nobody reads them in order any more, and compaction keeps an old value of it "
                    "beside the new one. Partitions are never taken away again.",
                    "As próximas mensagens de uma chave podem ir para outra partição: ninguém mais "
                    "as lê em ordem com as anteriores, e a compactação guarda um valor antigo ao "
                    "lado do novo. Partições nunca são removidas depois.",
                )
            )
            self.total = whole(tr("Partitions in all", "Partições no total"), 1)
            self._disk = muted("")
        self.total.on_value_change(self._tell_disk)
        self.button.on_click(self._add)

    def open(self) -> None:
        """Show the dialog; say at once if the number must stay."""
        topic = known_topic(self._console, self._topic)
        names = {t.name for t in self._console.state.view.topics}
        reason = why_partitions_stay(self._topic, names)
        self.total.set_value(len(topic.partitions) + 1 if topic else 1)
        self.total.set_visibility(not reason)
        self.button.set_visibility(not reason)
        self._disk.set_visibility(not reason)
        super().open()
        if reason:
            self.fail(_stays(self._topic, reason))

    def _tell_disk(self) -> None:
        topic, wanted = known_topic(self._console, self._topic), self.total.value or 0
        if topic is None:
            return
        limits = [int(topic.config.get(f"{part}.bytes", -1)) for part in ("retention", "segment")]
        more = (wanted - len(topic.partitions)) * topic.replication_factor * sum(limits)
        bounded = min(limits) > 0 and more > 0
        text = tr("Up to {size} more on disk.", "Até {size} a mais em disco.", size=_size(more))
        self._disk.set_text(text if bounded else "")

    async def _add(self) -> None:
        wanted = self.total.value
        if wanted is None or wanted != int(wanted):
            self.fail(tr("A whole number is wanted.", "É preciso um número inteiro."))
            return
        action = done(self._console.actions.add_partitions)
        if await self.attempt(action, self._topic, int(wanted)):
            self.dialog.close()
            self._console.poller.hurry()
            text = tr("{name} has {n} partitions now.", "{name} tem {n} partições agora.",
                      name=self._topic, n=int(wanted))  # fmt: skip
            ui.notify(text, type="positive")


def _size(value: float) -> str:
    return formats.size(int(value))


def _stays(topic: str, reason: str) -> str:
    return tr(
        "{topic} keeps its number of partitions. {reason}",
        "{topic} mantém seu número de partições. {reason}",
        topic=topic,
        reason=reason,
    )


class PurgeDialog(ActionDialog):
    """Deletes messages up to the ends or up to chosen offsets, after showing how many."""

    def __init__(self, console: Console, topic: str) -> None:
        title = tr("Purge {topic}?", "Esvaziar {topic}?", topic=topic)
        super().__init__(title, tr("Delete messages", "Excluir mensagens"), danger=True)
        self._console, self._topic = console, topic
        self._known: Bounds = {}
        self._planned: Purge | None = None
        with self.body:
            label = tr("Up to (empty: the end of all)", "Até (vazio: o fim de todas)")
            self.upto = ui.input(label, placeholder="0:1200, 1:1180")
            self.upto.props("outlined dense autocomplete=off maxlength=4000")
            muted(
                tr(
                    "partition:offset, separated by commas; what stands before the offset goes.",
                    "partição:offset, separados por vírgulas; o que está antes do offset sai.",
                )
            )
            self._told = ui.label("").props("role=status")
            self._preview = _preview_table()
            self._missed = ui.label("").classes("kw-warning")
            label = tr("Type {name} to confirm", "Digite {name} para confirmar", name=topic)
            self.typed = ui.input(label).props("outlined dense autocomplete=off")
        self.upto.on_value_change(self._plan)
        self.button.on_click(self._purge)

    async def look(self) -> None:
        """Ask from where to where the partitions go, then show the dialog."""
        self.open()
        self._known, self._planned = {}, None
        self._told.set_text(tr("Reading…", "Lendo…"))
        topic = known_topic(self._console, self._topic)
        if topic is not None and topic.config.get("cleanup.policy") == "compact":
            self._told.set_text("")
            self.fail(only_compacted())
            return
        try:
            self._known = await asyncio.to_thread(self._console.inspector.bounds, self._topic)
        except WorkshopError as error:
            self._told.set_text("")
            self.fail(str(error))
            return
        self._plan()

    def _plan(self) -> None:
        if not self._known:
            return
        try:
            self._planned = plan(self._topic, self._known, parse_offsets(self.upto.value or ""))
        except WorkshopError as error:
            self._planned = None
            self.fail(str(error))
        else:
            self.error.set_visibility(False)
        self._show(self._planned or Purge(self._topic, ()))

    def _show(self, planned: Purge) -> None:
        view = self._console.state.view
        groups = view.snapshot.groups if view.snapshot else ()
        self._told.set_text(_told(planned))
        self._preview.show([_row(cut) for cut in planned.cuts[:_ROWS]], _nothing())
        names = [topic.name for topic in view.topics]
        self._missed.set_text(_missed(unread_by(planned, groups), names))

    async def _purge(self) -> None:
        if self._planned is None:
            return
        typed = (self.typed.value or "").strip()
        planned = self._planned
        if await self.attempt(done(self._console.actions.purge), planned, typed):
            self.dialog.close()
            self.typed.set_value("")
            self._console.poller.hurry()
            ui.notify(tr("Deleted.", "Excluídas."), type="positive")


def _preview_table() -> Table:
    columns = [
        Column("partition", tr("Partition", "Partição"), right=True),
        Column("start", tr("Start", "Início"), "shown", right=True, wide=True),
        Column("to", tr("Up to", "Até"), "shown", right=True),
        Column("count", tr("Messages ≈", "Mensagens ≈"), "shown", right=True),
    ]
    return Table(columns, label=tr("What is deleted", "O que é excluído"), paged=True)


def _row(cut: Cut) -> Row:
    row: Row = {"id": cut.partition, "partition": cut.partition}
    for name, value in (("start", cut.start), ("to", cut.to), ("count", cut.count)):
        row |= {name: value, f"{name}_text": formats.number(value)}
    return row


def _nothing() -> str:
    return tr("Nothing to delete.", "Nada a excluir.")


def _told(planned: Purge) -> str:
    return tr(
        "≈ {n} messages go, for every consumer, and never come back; partitions: {partitions}. "
        "An estimate: compaction and transactions leave gaps in the offsets.",
        "≈ {n} mensagens saem, para todos os consumidores, e não voltam; partições: {partitions}. "
        "Uma estimativa: compactação e transações deixam lacunas nos offsets.",
        n=formats.number(planned.count),
        partitions=len(planned.cuts),
    )


def _missed(missed: dict[str, int], names: list[str]) -> str:
    lines = []
    for group, count in sorted(missed.items())[:5]:
        lines.append(
            tr(
                "Group {group} has not read ≈ {n} of them.",
                "O grupo {group} ainda não leu ≈ {n} delas.",
                group=group,
                n=formats.number(count),
            )
        )
        monitor = monitor_of(group, names)
        if monitor is not None:
            lines.append(
                tr(
                    "Without them it refuses to go on until {command} makes it begin again.",
                    "Sem elas ele se recusa a continuar até que {command} o faça recomeçar.",
                    command=monitor.reset,
                )
            )
    return "\n".join(lines)
