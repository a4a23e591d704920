"""Overview: the system as a living diagram, its health at a glance, and what to look at next."""

from collections.abc import Callable
from urllib.parse import quote

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.alerting.known import Alerts
from kafka_workshop.console.alerting.told import alert_row, no_alert
from kafka_workshop.console.frame import Console, ConsolePage, frame, title_row
from kafka_workshop.console.model import Topic
from kafka_workshop.console.pages.alerts import LIVE_SECONDS, alert_table
from kafka_workshop.console.pages.brokers import broker_table, show_brokers
from kafka_workshop.console.pages.overview_diagram import diagram, ledger
from kafka_workshop.console.pages.overview_figures import figures
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import Column, Row, Stat, Table, card, nothing, stats
from kafka_workshop.language import tr

_BUSIEST, _NEWEST = 8, 5


def register(console: Console) -> None:
    """Serve the page."""

    @ConsolePage("/")
    def overview() -> None:
        with frame(console, tr("Overview", "Visão geral"), "/") as live:
            with title_row(tr("Overview", "Visão geral")):
                pass
            diagram(console, live)
            ledger(console, live)
            figures(console, live)
            _alerts(console)
            live.on_change(_health())
            with card("Brokers") as end:
                with end:
                    ui.link(tr("All brokers", "Todos os brokers"), "/brokers")
                brokers = broker_table()
            live.on_change(lambda view: show_brokers(brokers, view))
            with ui.element("div").classes("kw-columns"):
                live.on_change(_topics())
                live.on_change(_groups())


def _alerts(console: Console) -> None:
    title = tr("Newest alerts", "Alertas mais novos")
    with card(title) as end:
        with end:
            ui.link(tr("All alerts", "Todos os alertas"), "/alerts")
        table = alert_table(title)

    def show() -> None:
        seen = console.alerts.seen
        alerts = seen.value or Alerts()
        newest = list(alerts.raised.values())[:_NEWEST]
        table.show([alert_row(each, alerts) for each in newest], no_alert(seen, filtered=False))

    show()
    ui.timer(LIVE_SECONDS, show)


def _health() -> Callable[[View], None]:
    with stats():
        brokers = Stat(tr("Brokers online", "Brokers no ar"))
        topics = Stat(tr("Topics", "Tópicos"))
        replicated = Stat(tr("Under-replicated", "Sub-replicadas"))
        rate = Stat(tr("Messages written", "Mensagens gravadas"))
        lag = Stat(tr("Total lag", "Lag total"))

    def show(view: View) -> None:
        _show_brokers(brokers, view)
        own = [t for t in view.topics if not t.internal]
        _show_topics(topics, own, view)
        _show_replication(replicated, view)
        written = sum(view.rates.get(t.name, 0.0) for t in own)
        rate.show(formats.rate(written if view.rates else None))
        _show_lag(lag, view)

    return show


def _show_topics(stat: Stat, own: list[Topic], view: View) -> None:
    if view.snapshot is None:
        return stat.show(formats.UNKNOWN)
    parts = sum(len(topic.partitions) for topic in own)
    note = tr("{n} partitions", "{n} partições", n=formats.number(parts))
    if parts == 1:
        note = tr("1 partition", "1 partição")
    return stat.show(str(len(own)), note)


def _show_brokers(stat: Stat, view: View) -> None:
    online = sum(b.online for b in view.brokers)
    controller = view.snapshot.controller if view.snapshot else None
    stat.show(
        f"{online}/{len(view.brokers)}" if view.brokers else formats.UNKNOWN,
        tr("controller: {id}", "controller: {id}", id=controller.id) if controller else "",
        "bad" if view.failure or online < len(view.brokers) else "",
    )


def _show_replication(stat: Stat, view: View) -> None:
    under = sum(t.under_replicated for t in view.topics)
    offline = sum(t.offline for t in view.topics)
    note = tr("every replica is in sync", "todas as réplicas em sincronia")
    if under:
        note = tr("partitions, {n} offline", "partições, {n} fora do ar", n=offline)
    if under == 1:
        note = tr("partition, {n} offline", "partição, {n} fora do ar", n=offline)
    if view.snapshot is None:
        return stat.show(formats.UNKNOWN)
    return stat.show(str(under), note, "bad" if offline else "warn" if under else "")


def _show_lag(stat: Stat, view: View) -> None:
    groups = view.snapshot.groups if view.snapshot else ()
    lags = [group.lag for group in groups if group.lag is not None]
    note = tr("{n} consumer groups", "{n} grupos de consumidores", n=len(groups))
    if len(groups) == 1:
        note = tr("1 consumer group", "1 grupo de consumidores")
    stat.show(formats.number(sum(lags)) if lags else formats.UNKNOWN, note if groups else "")


def _topics() -> Callable[[View], None]:
    with ui.element("div"), card(tr("Busiest topics", "Tópicos mais ativos")) as end:
        with end:
            ui.link(tr("All topics", "Todos os tópicos"), "/topics")
        table = Table(
            [
                Column("name", tr("Topic", "Tópico"), "link"),
                Column("rate", tr("Written", "Gravadas"), "shown", right=True),
                Column("count", tr("Messages", "Mensagens"), "shown", right=True),
            ],
            label=tr("Busiest topics", "Tópicos mais ativos"),
        )

    def show(view: View) -> None:
        own = [topic for topic in view.topics if not topic.internal]
        own.sort(key=lambda t: (-view.rates.get(t.name, 0.0), -(t.count or 0), t.name))
        rows: list[Row] = [
            {
                "id": t.name,
                "name": t.name,
                "href": "/topics/" + quote(t.name, safe=""),
                "rate": view.rates.get(t.name, -1.0),
                "rate_text": formats.rate(view.rates.get(t.name)),
                "count": t.count if t.count is not None else -1,
                "count_text": formats.number(t.count),
            }
            for t in own[:_BUSIEST]
        ]
        table.show(rows, nothing(view, tr("No topic yet.", "Nenhum tópico ainda.")))

    return show


def _groups() -> Callable[[View], None]:
    title = tr("Consumer groups", "Grupos de consumidores")
    with ui.element("div"), card(title) as end:
        with end:
            ui.link(tr("All groups", "Todos os grupos"), "/groups")
        table = Table(
            [
                Column("name", tr("Group", "Grupo"), "link"),
                Column("members", tr("Members", "Membros"), right=True),
                Column("lag", "Lag", "shown", right=True),
            ],
            label=title,
        )

    def show(view: View) -> None:
        groups = sorted(
            view.snapshot.groups if view.snapshot else (), key=lambda g: (-(g.lag or 0), g.id)
        )
        rows: list[Row] = [
            {
                "id": g.id,
                "name": g.id,
                "href": "/groups/" + quote(g.id, safe=""),
                "members": len(g.members),
                "lag": g.lag if g.lag is not None else -1,
                "lag_text": formats.number(g.lag),
            }
            for g in groups[:_BUSIEST]
        ]
        table.show(rows, nothing(view, tr("No consumer group yet.", "Nenhum grupo ainda.")))

    return show
