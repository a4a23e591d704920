"""One topic: its figures, its messages, its partitions, who reads it, its settings."""

from collections.abc import Callable
from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.access.roles import Role, may
from kafka_workshop.console.frame import Console, ConsolePage, Live, frame, title_row
from kafka_workshop.console.managing.settings import Setting
from kafka_workshop.console.model import Partition, Topic
from kafka_workshop.console.pages.history_chart import HistoryChart
from kafka_workshop.console.pages.message_address import View as Asked
from kafka_workshop.console.pages.message_address import read_view
from kafka_workshop.console.pages.messages import MessagesPanel
from kafka_workshop.console.pages.produce import ProduceDialog
from kafka_workshop.console.pages.settings_table import SettingsPanel
from kafka_workshop.console.pages.topic_changes import AddPartitionsDialog, PurgeDialog
from kafka_workshop.console.pages.topic_dialogs import DeleteTopicDialog
from kafka_workshop.console.pages.topics import behind_text, count_text, health
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import (
    Column,
    Empty,
    Row,
    Stat,
    Table,
    card,
    nothing,
    stats,
)
from kafka_workshop.language import tr


def register(console: Console) -> None:
    """Serve the page."""

    @ConsolePage("/topics/{name}")
    def topic(name: str, request: Request) -> None:
        asked = read_view(request.query_params)
        parent = (tr("Topics", "Tópicos"), "/topics")
        with frame(console, name, "/topics", parent) as live:
            if name in (live.view.snapshot.topic_by_name if live.view.snapshot else {}):
                _known(console, live, name, asked)
            else:
                _unknown(live, name)


def _unknown(live: Live, name: str) -> None:
    with title_row(name):
        pass
    absent = Empty("search_off")
    with absent.box:
        ui.link(tr("All topics", "Todos os tópicos"), "/topics")

    def show(view: View) -> None:
        if view.snapshot and name in view.snapshot.topic_by_name:
            ui.navigate.reload()
        absent.say(nothing(view, tr("There is no such topic.", "Este tópico não existe.")))

    live.on_change(show)


def _known(console: Console, live: Live, name: str, asked: Asked) -> None:
    with title_row(name):
        state = ui.label("").classes("kw-badge")
        with ui.element("div").classes("kw-row kw-end").style("width:auto") as end:
            pass
    figures = _Figures()
    partitions = _partition_ids(live.view, name)
    panel, show_tabs = _tabs(console, live, name, asked)
    if not name.startswith("__") and may(Role.OPERATOR):
        _write_buttons(console, end, name, panel, partitions)

    def show(view: View) -> None:
        topic = view.snapshot.topic_by_name.get(name) if view.snapshot else None
        words, tone = health(topic) if topic else (tr("deleted", "excluído"), "bad")
        state.set_text(words)
        state.classes(replace=f"kw-badge kw-{tone}")
        if topic is not None:
            figures.show(topic, view)
            show_tabs(topic, view)

    live.on_change(show)


def _tabs(
    console: Console, live: Live, name: str, asked: Asked
) -> tuple[MessagesPanel, Callable[[Topic, View], None]]:
    labels = {
        "messages": tr("Messages", "Mensagens"),
        "partitions": tr("Partitions", "Partições"),
        "groups": tr("Consumer groups", "Grupos de consumidores"),
        "history": tr("History", "Histórico"),
        "settings": tr("Settings", "Configurações"),
    }
    with ui.tabs().props("dense align=left no-caps inline-label outside-arrows") as tabs:
        for key, label in labels.items():
            ui.tab(key, label=label)
    with ui.tab_panels(tabs, value="messages", animated=False, keep_alive=True):
        with ui.tab_panel("messages"):
            panel = MessagesPanel(console, name, _partition_ids(live.view, name), asked)
        with ui.tab_panel("partitions"), card(labels["partitions"]):
            partitions = _partition_table()
        with ui.tab_panel("groups"), card(labels["groups"]):
            groups = _group_table()
        with ui.tab_panel("history"):
            title = tr("Messages written a second", "Mensagens gravadas por segundo")
            HistoryChart(console, live, "topic", name, title)
        with ui.tab_panel("settings"):
            config = _settings_panel(console, name)

    def show(topic: Topic, view: View) -> None:
        partitions.show([_partition_row(p) for p in topic.partitions], "")
        groups.show(_group_rows(view, name), _nobody())

    async def read_settings() -> None:
        if tabs.value == "settings":
            await config.refresh()

    tabs.on_value_change(read_settings)
    return panel, show


def _settings_panel(console: Console, name: str) -> SettingsPanel:
    def read() -> tuple[Setting, ...]:
        online = (broker.id for broker in console.state.view.brokers if broker.online)
        return console.inspector.topic_settings(name, next(online, None))

    def replicas() -> int | None:
        snapshot = console.state.view.snapshot
        topic = snapshot.topic_by_name.get(name) if snapshot else None
        return topic.replication_factor if topic else None

    return SettingsPanel(console, "topic", name, read, replicas)


def _write_buttons(
    console: Console, end: ui.element, name: str, panel: MessagesPanel, partitions: list[int]
) -> None:
    produce = ProduceDialog(console, name, partitions, panel.refresh)
    with end:
        button = ui.button(tr("Produce", "Produzir"), icon="send", on_click=produce.open)
        button.props("unelevated")
        _more_button(console, name)


def _more_button(console: Console, name: str) -> None:
    delete, add = DeleteTopicDialog(console, name), AddPartitionsDialog(console, name)
    purge, like = PurgeDialog(console, name), "/topics?like=" + quote(name, safe="")
    label = tr("Change this topic", "Alterar este tópico")
    button = ui.button(icon="more_vert", color=None).props("flat")
    button.props["aria-label"] = label  # a tooltip would cover the menu
    entries = (
        (tr("Add partitions…", "Adicionar partições…"), add.open),
        (tr("New topic like this…", "Novo tópico como este…"), lambda: ui.navigate.to(like)),
        (tr("Purge…", "Esvaziar…"), purge.look),
        (tr("Delete topic…", "Excluir tópico…"), delete.open),
    )
    with button, ui.menu().props("role=menu"):
        for text, action in entries:
            ui.menu_item(text, action).props("role=menuitem")


def _partition_ids(view: View, name: str) -> list[int]:
    topic = view.snapshot.topic_by_name.get(name) if view.snapshot else None
    return [p.id for p in topic.partitions] if topic else []


class _Figures:
    def __init__(self) -> None:
        with stats():
            self._count = Stat(tr("Messages", "Mensagens"))
            self._rate = Stat(tr("Written", "Gravadas"))
            self._partitions = Stat(tr("Partitions", "Partições"))
            self._factor = Stat(tr("Replicas", "Réplicas"))

    def show(self, topic: Topic, view: View) -> None:
        note = tr("estimate: compacted", "estimativa: compactado") if topic.compacted else ""
        self._count.show(count_text(topic), note)
        self._rate.show(formats.rate(view.rates.get(topic.name)))
        offline = tr("{n} without a leader", "{n} sem líder", n=topic.offline)
        self._partitions.show(
            str(len(topic.partitions)),
            offline if topic.offline else tr("all have a leader", "todas têm líder"),
            "bad" if topic.offline else "",
        )
        least = topic.config.get("min.insync.replicas", "")
        self._factor.show(
            str(topic.replication_factor),
            behind_text(topic.under_replicated)
            if topic.under_replicated
            else f"min.insync.replicas {least}",
            "warn" if topic.under_replicated else "",
        )


def _partition_table() -> Table:
    columns = [
        Column("id", tr("Partition", "Partição")),
        Column("leader", tr("Leader", "Líder"), "badge"),
        Column("replicas", tr("Replicas", "Réplicas")),
        Column("isr", "ISR", "badge"),
        Column("start", tr("Start", "Início"), "shown", right=True, wide=True),
        Column("end", tr("End", "Fim"), "shown", right=True, wide=True),
        Column("count", tr("Messages", "Mensagens"), "shown", right=True),
    ]
    return Table(columns, label=tr("Partitions", "Partições"), paged=True)


def _partition_row(p: Partition) -> Row:
    row: Row = {
        "id": p.id,
        "leader": tr("none", "nenhum") if p.leader is None else str(p.leader),
        "leader_tone": "bad" if p.leader is None else "accent",
        "replicas": ", ".join(map(str, p.replicas)),
        "isr": ", ".join(map(str, sorted(p.isr))) or tr("none", "nenhuma"),
        "isr_tone": "warn" if p.under_replicated else "good",
    }
    for name, value in (("start", p.start), ("end", p.end), ("count", p.count)):
        row[name] = -1 if value is None else value
        row[f"{name}_text"] = formats.number(value)
    return row


def _group_table() -> Table:
    columns = [
        Column("name", tr("Group", "Grupo"), "link"),
        Column("members", tr("Members", "Membros"), right=True),
        Column("lag", tr("Lag on this topic", "Lag neste tópico"), "shown", right=True),
    ]
    return Table(columns, label=tr("Consumer groups", "Grupos de consumidores"))


def _nobody() -> str:
    return tr("No consumer group reads this topic.", "Nenhum grupo lê este tópico.")


def _group_rows(view: View, topic: str) -> list[Row]:
    rows = []
    for group in view.snapshot.groups if view.snapshot else ():
        here = [p for p in group.partitions if p.topic == topic]
        lags = [p.lag for p in here if p.lag is not None]
        if here:
            rows.append(
                {
                    "id": group.id,
                    "name": group.id,
                    "href": "/groups/" + quote(group.id, safe=""),
                    "members": len(group.members),
                    "lag": sum(lags) if lags else -1,
                    "lag_text": formats.number(sum(lags) if lags else None),
                }
            )
    return rows
