"""Brokers: who is there, who was, and what each leads, holds and keeps in sync."""

from collections.abc import Callable

from kafka_workshop.console import formats
from kafka_workshop.console.frame import Console, ConsolePage, frame, title_row
from kafka_workshop.console.model import KRAFT, ZOOKEEPER, Broker
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import (
    Column,
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


def register(console: Console) -> None:
    """Serve the page."""

    @ConsolePage("/brokers")
    def brokers() -> None:
        with frame(console, tr("Brokers", "Brokers"), "/brokers") as live:
            with title_row(tr("Brokers", "Brokers")):
                pass
            show_figures = _figures()
            with card(tr("All brokers ever seen", "Todos os brokers já vistos")):
                table = broker_table()
            remark = muted("")

            def show_remark(view: View) -> None:
                remark.set_text(_who_controls(view))

            live.on_change(show_figures)
            live.on_change(lambda view: show_brokers(table, view))
            live.on_change(show_remark)


def _who_controls(view: View) -> str:
    coordination = view.snapshot.coordination if view.snapshot else ""
    if coordination == KRAFT:
        return tr(
            "The controller assigns leaders. With KRaft it is the node that leads the quorum of "
            "the controllers.",
            "O controller atribui os líderes. Com KRaft, é o nó que lidera o quórum dos "
            "controllers.",
        )
    if coordination == ZOOKEEPER:
        return tr(
            "The controller assigns leaders. With ZooKeeper it is the broker that holds "
            "the ephemeral node /controller.",
            "O controller atribui os líderes. Com ZooKeeper, é o broker que detém o nó "
            "efêmero /controller.",
        )
    return tr("The controller assigns leaders.", "O controller atribui os líderes.")


def broker_table() -> Table:
    """Return an empty table of brokers."""
    columns = [
        Column("id", tr("Broker", "Broker"), "link"),
        Column("role", tr("Role", "Papel"), "badge"),
        Column("state", tr("State", "Estado"), "badge"),
        Column("address", tr("Address", "Endereço"), wide=True),
        Column("leaders", tr("Leads", "Lidera"), right=True),
        Column("replicas", tr("Replicas", "Réplicas"), right=True, wide=True),
        Column("in_sync", tr("In sync", "Em sincronia"), right=True, wide=True),
        Column("seen", tr("Last seen", "Visto em"), wide=True),
    ]
    table = Table(columns, label=tr("Brokers", "Brokers"))
    table.element.classes("kw-tight")
    return table


def show_brokers(table: Table, view: View) -> None:
    """Fill `table` from `view`."""
    rows = [_row(broker, view) for broker in view.brokers]
    table.show(rows, nothing(view, tr("No broker.", "Nenhum broker.")))


def broker_state(broker: Broker) -> tuple[str, Tone]:
    """Return in words, and as a tone, how a broker is."""
    if broker.online and broker.in_sync < broker.replicas:
        return tr("catching up", "recuperando"), "warn"
    if broker.online:
        return tr("online", "no ar"), "good"
    return tr("offline", "fora do ar"), "bad"


def _row(broker: Broker, view: View) -> Row:
    state, tone = broker_state(broker)
    return {
        "id": broker.id,
        "href": f"/brokers/{broker.id}",
        "address": broker.address or formats.UNKNOWN,
        "state": state,
        "state_tone": tone,
        "role": "controller" if broker.controller else "",
        "role_tone": "accent",
        "leaders": broker.leaders,
        "replicas": broker.replicas,
        "in_sync": broker.in_sync,
        "seen": _seen(broker, view),
    }


def _seen(broker: Broker, view: View) -> str:
    if broker.online and view.answering:
        return tr("now", "agora")
    return formats.instant(broker.seen_at_ms)[:19]


def _figures() -> Callable[[View], None]:
    with stats():
        online = Stat(tr("Online", "No ar"))
        controller = Stat(tr("Controller", "Controller"))
        replicas = Stat(tr("Replicas in sync", "Réplicas em sincronia"))
        cluster = Stat(tr("Cluster id", "Id do cluster"), code=True)

    def show(view: View) -> None:
        brokers = view.brokers
        if not brokers:
            return
        up = sum(b.online for b in brokers)
        online.show(f"{up}/{len(brokers)}", tone="" if up == len(brokers) else "bad")
        leading = view.snapshot.controller if view.snapshot else None
        controller.show(
            formats.UNKNOWN if leading is None else str(leading.id),
            "" if leading is None else leading.address,
        )
        held, synced = sum(b.replicas for b in brokers), sum(b.in_sync for b in brokers)
        whole = tr("of {all}", "de {all}", all=formats.number(held))
        replicas.show(formats.number(synced), whole, "" if synced == held else "warn")
        cluster.show(view.snapshot.cluster_id if view.snapshot else formats.UNKNOWN)

    return show
