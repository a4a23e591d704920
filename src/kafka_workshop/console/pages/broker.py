"""One broker: how it is, what it leads, and all its settings."""

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.frame import Console, ConsolePage, Live, frame, title_row
from kafka_workshop.console.managing.settings import Setting
from kafka_workshop.console.model import Broker
from kafka_workshop.console.pages.brokers import broker_state
from kafka_workshop.console.pages.settings_table import SettingsPanel
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import Empty, Stat, nothing, stats
from kafka_workshop.language import tr


def register(console: Console) -> None:
    """Serve the page."""

    @ConsolePage("/brokers/{number}")
    def broker(number: str) -> None:
        parent = (tr("Brokers", "Brokers"), "/brokers")
        with frame(console, f"Broker {number[:10]}", "/brokers", parent) as live:
            _one(console, live, number)


def _found(view: View, number: str) -> Broker | None:
    return next((b for b in view.brokers if str(b.id) == number), None)


def _one(console: Console, live: Live, number: str) -> None:
    with title_row(f"Broker {number[:10]}"):
        badge = ui.label("").classes("kw-badge")
    absent = Empty("search_off")
    with absent.box:
        ui.link(tr("All brokers", "Todos os brokers"), "/brokers")
    figures = _Figures()
    known = _found(live.view, number)
    if known is not None:
        _settings(console, known.id)

    def show(view: View) -> None:
        broker = _found(view, number)
        absent.box.set_visibility(broker is None)
        if broker is None:
            absent.say(nothing(view, tr("There is no such broker.", "Este broker não existe.")))
            return
        if known is None:  # it appeared after the page was opened
            ui.navigate.reload()
        state, tone = broker_state(broker)
        badge.set_text(state)
        badge.classes(replace=f"kw-badge kw-{tone}")
        figures.show(broker)

    live.on_change(show)


def _settings(console: Console, broker: int) -> None:
    def read() -> tuple[Setting, ...]:
        return console.inspector.broker_settings(broker)

    panel = SettingsPanel(console, "broker", str(broker), read)
    ui.timer(0.05, panel.refresh, once=True)


class _Figures:
    def __init__(self) -> None:
        with stats():
            self._address = Stat(tr("Address", "Endereço"), code=True)
            self._role = Stat(tr("Role", "Papel"))
            self._leaders = Stat(tr("Leads", "Lidera"))
            self._replicas = Stat(tr("Replicas in sync", "Réplicas em sincronia"))

    def show(self, broker: Broker) -> None:
        self._address.show(broker.address or formats.UNKNOWN)
        self._role.show("controller" if broker.controller else "broker")
        self._leaders.show(formats.number(broker.leaders))
        whole = tr("of {all}", "de {all}", all=formats.number(broker.replicas))
        behind = broker.in_sync < broker.replicas
        self._replicas.show(formats.number(broker.in_sync), whole, "warn" if behind else "")
