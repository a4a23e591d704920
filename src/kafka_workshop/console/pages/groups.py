"""Consumer groups: how far each has read, who reads what, and how much is left."""

from urllib.parse import quote

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.access.roles import Role, may
from kafka_workshop.console.frame import Console, ConsolePage, Live, frame, title_row
from kafka_workshop.console.model import Group, GroupPartition
from kafka_workshop.console.pages.group_dialogs import DeleteGroupDialog, ResetDialog
from kafka_workshop.console.pages.history_chart import HistoryChart
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import (
    Column,
    Empty,
    Row,
    Stat,
    Table,
    Tone,
    card,
    muted,
    nothing,
    stats,
)
from kafka_workshop.language import tr

_TONES: dict[str, Tone] = {"Stable": "good", "Empty": "", "Dead": "bad"}


def register(console: Console) -> None:
    """Serve the list and the page of one group."""

    @ConsolePage("/groups")
    def groups() -> None:
        title = tr("Consumer groups", "Grupos de consumidores")
        with frame(console, title, "/groups") as live:
            with title_row(title):
                pass
            with card(tr("All groups", "Todos os grupos")) as end:
                with end:
                    search = _search()
                table = _table()
            live.on_change(lambda view: _show(table, view, search.value or ""))
            search.on_value_change(lambda: _show(table, live.view, search.value or ""))

    @ConsolePage("/groups/{group:path}")
    def group_page(group: str) -> None:
        parent = (tr("Consumer groups", "Grupos de consumidores"), "/groups")
        with frame(console, group, "/groups", parent) as live:
            _one(console, live, group)


def _search() -> ui.input:
    label = tr("Filter by name", "Filtrar por nome")
    return (
        ui.input(placeholder=label).props("outlined dense clearable").props(f'aria-label="{label}"')
    )


def _table() -> Table:
    columns = [
        Column("name", tr("Group", "Grupo"), "link"),
        Column("state", tr("State", "Estado"), "badge"),
        Column("members", tr("Members", "Membros"), right=True, wide=True),
        Column("topics", tr("Topics", "Tópicos"), wide=True),
        Column("coordinator", tr("Coordinator", "Coordenador"), right=True, wide=True),
        Column("lag", "Lag", "shown", right=True),
    ]
    return Table(columns, label=tr("Consumer groups", "Grupos de consumidores"), paged=True)


def _show(table: Table, view: View, wanted: str) -> None:
    groups = view.snapshot.groups if view.snapshot else ()
    rows = [_row(group) for group in groups if wanted.lower() in group.id.lower()]
    text = tr(
        "No consumer group here. One appears as soon as a consumer commits or joins.",
        "Nenhum grupo de consumidores. Um grupo aparece quando um consumidor confirma ou entra.",
    )
    table.show(rows, nothing(view, text))


def _row(group: Group) -> Row:
    topics = sorted({p.topic for p in group.partitions})
    coordinator = group.coordinator
    return {
        "id": group.id,
        "name": group.id,
        "href": "/groups/" + quote(group.id, safe=""),
        "state": state_text(group.state),
        "state_tone": _TONES.get(group.state, "warn"),
        "members": len(group.members),
        "topics": ", ".join(topics[:4]) + (" …" if len(topics) > 4 else ""),
        "coordinator": formats.UNKNOWN if coordinator is None else coordinator,
        "lag": -1 if group.lag is None else group.lag,
        "lag_text": _lag_text(group),
    }


def state_text(state: str) -> str:
    """Return Kafka's word for a group's state in this context's language."""
    return {
        "Stable": tr("stable", "estável"),
        "Empty": tr("no members", "sem membros"),
        "Dead": tr("dead", "morto"),
        "Preparing Rebalancing": tr("rebalancing", "rebalanceando"),
        "Completing Rebalancing": tr("rebalancing", "rebalanceando"),
    }.get(state, state.lower())


def _lag_text(group: Group) -> str:
    if group.lag is None and group.partitions:
        return tr("no committed offset", "sem offset confirmado")
    return formats.number(group.lag)


def _one(console: Console, live: Live, name: str) -> None:
    with title_row(name):
        state = ui.label("").classes("kw-badge")
        buttons = _buttons(console, name)
    absent = Empty("groups")
    with stats():
        lag, members = Stat(tr("Total lag", "Lag total")), Stat(tr("Members", "Membros"))
        assigned = Stat(tr("Partitions", "Partições"))
        coordinator = Stat(tr("Coordinator", "Coordenador"))
    title = tr("Lag in messages", "Lag em mensagens")
    HistoryChart(console, live, "group", name, title)
    with card(tr("Lag by partition", "Lag por partição")):
        partitions = _partition_table()
    with card(tr("Members", "Membros")):
        people = _member_table()
    muted(
        tr(
            "Lag = end offset − committed offset. “No committed offset” is not lag 0: the group "
            "has never confirmed anything there.",
            "Lag = offset final − offset confirmado. “Sem offset confirmado” não é lag 0: o grupo "
            "nunca confirmou nada ali.",
        )
    )

    def show(view: View) -> None:
        group = view.snapshot.group_by_id.get(name) if view.snapshot else None
        absent.box.set_visibility(group is None)
        buttons.set_visibility(group is not None)
        if group is None:
            text = nothing(view, tr("There is no such group.", "Este grupo não existe."))
            absent.say(text)
            partitions.show([], text)
            people.show([], text)
            return
        state.set_text(state_text(group.state))
        state.classes(replace=f"kw-badge kw-{_TONES.get(group.state, 'warn')}")
        _show_figures(group, lag, members, assigned, coordinator)
        partitions.show([_partition_row(p, group) for p in group.partitions], _nothing_read())
        people.show(_member_rows(group), tr("No members now.", "Nenhum membro agora."))

    live.on_change(show)


def _buttons(console: Console, name: str) -> ui.element:
    reset, delete = ResetDialog(console, name), DeleteGroupDialog(console, name)
    with ui.element("div").classes("kw-row kw-end").style("width:auto") as box:
        if not may(Role.OPERATOR):
            return box
        text = tr("Reset offsets", "Redefinir offsets")
        ui.button(text, icon="restart_alt", on_click=reset.open).props("unelevated")
        label = tr("Delete group", "Excluir grupo")
        button = ui.button(icon="delete_outline", color=None, on_click=delete.open).props("flat")
        button.props["aria-label"] = label
        button.tooltip(label)
    return box


def _nothing_read() -> str:
    return tr("Nothing assigned or committed.", "Nada atribuído nem confirmado.")


def _show_figures(group: Group, lag: Stat, members: Stat, assigned: Stat, node: Stat) -> None:
    note = ""
    if group.uncommitted:
        note = tr(
            "{n} partitions without a committed offset",
            "{n} partições sem offset confirmado",
            n=group.uncommitted,
        )
    if group.uncommitted == 1:
        note = tr("1 partition without a committed offset", "1 partição sem offset confirmado")
    lag.show(formats.number(group.lag), note)
    members.show(str(len(group.members)), group.assignor)
    assigned.show(str(len(group.partitions)))
    known = group.coordinator is not None
    node.show(str(group.coordinator) if known else formats.UNKNOWN, "broker" if known else "")


def _partition_table() -> Table:
    columns = [
        Column("topic", tr("Topic", "Tópico"), "link"),
        Column("partition", tr("Partition", "Partição"), right=True),
        Column("committed", tr("Committed", "Confirmado"), "shown", right=True, wide=True),
        Column("end", tr("End", "Fim"), "shown", right=True, wide=True),
        Column("lag", "Lag", "shown", right=True),
        Column("member", tr("Member", "Membro"), "code", wide=True),
    ]
    return Table(columns, label=tr("Lag by partition", "Lag por partição"), paged=True)


def _partition_row(part: GroupPartition, group: Group) -> Row:
    clients = {member.id: member.client_id for member in group.members}
    none = tr("no committed offset", "sem offset confirmado")
    return {
        "id": f"{part.topic}/{part.partition}",
        "topic": part.topic,
        "href": "/topics/" + quote(part.topic, safe=""),
        "partition": part.partition,
        "committed": -1 if part.committed is None else part.committed,
        "committed_text": none if part.committed is None else formats.number(part.committed),
        "end": -1 if part.end is None else part.end,
        "end_text": formats.number(part.end),
        "lag": -1 if part.lag is None else part.lag,
        "lag_text": tr("no offset", "sem offset")
        if part.committed is None
        else formats.number(part.lag),
        "member": clients.get(part.member, formats.UNKNOWN),
    }


def _member_table() -> Table:
    columns = [
        Column("client", tr("Client id", "Id do cliente")),
        Column("host", "Host"),
        Column("count", tr("Partitions", "Partições"), right=True),
        Column("assigned", tr("Assigned", "Atribuídas"), "fill", wide=True),
        Column("member", tr("Member id", "Id do membro"), "code", wide=True),
    ]
    return Table(columns, label=tr("Members", "Membros"))


def _member_rows(group: Group) -> list[Row]:
    return [
        {
            "id": member.id,
            "client": member.client_id,
            "host": member.host,
            "count": len(member.assigned),
            "assigned": ", ".join(f"{topic}-{p}" for topic, p in member.assigned),
            "member": member.id,
        }
        for member in group.members
    ]
