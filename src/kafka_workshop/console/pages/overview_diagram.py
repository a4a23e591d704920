"""On the overview: the workshop's diagram, and the ledger in one strip beneath it."""

from collections.abc import Callable

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.diagram.drawing import Diagram
from kafka_workshop.console.diagram.picture import picture_of
from kafka_workshop.console.frame import Console, Live
from kafka_workshop.console.keeper import Seen
from kafka_workshop.console.pages.chaos_services import BoxOrders
from kafka_workshop.console.pages.ledger import tone_of, when
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import Tone, card, heading
from kafka_workshop.language import tr
from kafka_workshop.ledger.balance import Balance
from kafka_workshop.messaging.topics import MonitorTopics


def diagram(console: Console, live: Live) -> None:
    """Draw the diagram, which follows the read model."""
    names = MonitorTopics(console.settings.topic, console.settings.group)
    with ui.element("section").classes("kw-card"):
        with ui.element("div").classes("kw-card-head"):
            heading(tr("The system now", "O sistema agora"))
        orders = BoxOrders(console)
        drawn = Diagram(orders.draw)

    def show(view: View) -> None:
        drawn.show(picture_of(view, names, _producers(console.ledger.seen)))
        orders.show()

    live.on_tick(show)


def _producers(seen: Seen[Balance]) -> int | None:
    return None if seen.value is None or seen.stale else seen.value.alive


def ledger(console: Console, live: Live) -> None:
    """Draw the equation with what is lost and what is double."""
    with card(tr("Ledger", "Conferência")) as end:
        with end:
            ui.link(tr("The whole ledger", "A conferência completa"), "/ledger")
        show_terms = _terms()
        with ui.element("div").classes("kw-card-foot"):
            show_when = when()

    def show(_: View) -> None:
        show_terms(console.ledger.seen.value)
        show_when(console.ledger.seen)

    live.on_tick(show)


class _Term:
    """One number of the equation, with its sign before it and its name beneath."""

    def __init__(self, sign: str, name: str) -> None:
        with ui.element("div").classes("kw-term") as self.box:
            if sign:
                ui.label(sign).classes("kw-term-sign")
            with ui.element("div"):
                self._value = ui.label(formats.UNKNOWN).classes("kw-term-value")
                ui.label(name).classes("kw-stat-label")

    def show(self, value: int | None, tone: Tone = "") -> None:
        """Show a number, or a dash."""
        self._value.set_text(formats.number(value))
        self.box.classes(remove="kw-good kw-warn kw-bad", add=f"kw-{tone}" if tone else "")


def _terms() -> Callable[[Balance | None], None]:
    with ui.element("div").classes("kw-equation"):
        acknowledged = _Term("", tr("acknowledged", "confirmadas"))
        processed = _Term("=", tr("processed", "processadas"))
        dead = _Term("+", "DLQ")
        in_flight = _Term("+", tr("in flight", "em trânsito"))
        unbooked = _Term("+", tr("unbooked", "sem registro"))
        with ui.element("div").classes("kw-verdict"):
            lost = _Term("", tr("lost", "perdidas"))
            duplicated = _Term("", tr("duplicated", "duplicadas"))

    def show(found: Balance | None) -> None:
        unbooked.box.set_visibility(bool(found and found.unbooked))
        if found is None:
            return
        acknowledged.show(found.acknowledged)
        processed.show(found.processed)
        dead.show(found.dead)
        in_flight.show(found.in_flight)
        unbooked.show(found.unbooked)
        lost.show(found.lost, tone_of(found.lost))
        duplicated.show(found.duplicated, tone_of(found.duplicated))

    return show
