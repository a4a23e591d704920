"""Chaos panel: break a service of the native run, and watch what that does to the cluster."""

import asyncio
from collections.abc import Callable

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.access.roles import Role, may
from kafka_workshop.console.chaos.orders import PRODUCER, RATE_LEAST, RATE_MOST
from kafka_workshop.console.chaos.supervision import System
from kafka_workshop.console.chaos.told import happening_text, happening_tone
from kafka_workshop.console.diagram.consumers import Stage, stage_of
from kafka_workshop.console.frame import Console, ConsolePage, Live, frame, title_row
from kafka_workshop.console.keeper import Seen
from kafka_workshop.console.pages.as_of import as_of
from kafka_workshop.console.pages.chaos_services import Services
from kafka_workshop.console.pages.overview_diagram import ledger
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import (
    Empty,
    Stat,
    badge,
    card,
    flat_button,
    muted,
    stats,
    trail,
)
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.messaging.topics import MonitorTopics
from kafka_workshop.settings import ConsoleSettings

LIVE_SECONDS = 0.5
_SHOWN = 30


def why_off(settings: ConsoleSettings) -> str:
    """Return why nothing can be broken here; empty if it may be."""
    if settings.run != "native":
        return tr(
            "Under Docker Compose the console has no hand on the containers: use docker compose "
            "kill, pause, stop and start in a shell, and watch the overview.",
            "Com Docker Compose o console não tem acesso aos containers: use docker compose kill, "
            "pause, stop e start no terminal e acompanhe na visão geral.",
        )
    if settings.data is None:
        return tr("The console has no data folder.", "O console não tem pasta de dados.")
    return ""


def register(console: Console) -> None:
    """Serve the page."""

    @ConsolePage("/chaos")
    def chaos() -> None:
        title = tr("Chaos panel", "Painel de caos")
        with frame(console, title, "/chaos") as live:
            with title_row(title):
                pass
            reason = why_off(console.settings)
            if reason:
                with ui.element("section").classes("kw-card"):
                    Empty("shield", reason)
                return
            _panel(console, live)


def _panel(console: Console, live: Live) -> None:
    when = _when()
    live.on_change(_effects(console))
    ledger(console, live)
    with card(tr("Services", "Serviços")):
        absent = Empty("power_off")
        services = Services(console, live)
    with ui.element("div").classes("kw-columns"):
        rate = _Rate(console)
        happened = _happened(console)

    def show() -> None:
        seen = console.system.seen
        when(seen)
        reason = _absent(seen)
        absent.say(reason)
        absent.box.set_visibility(bool(reason))
        services.show(seen.value or System(), enabled=not seen.stale)
        rate.show(seen.value or System())
        happened()

    show()
    ui.timer(LIVE_SECONDS, show)


def _when() -> Callable[[Seen[System]], None]:
    return as_of(
        tr("Asking the supervisor…", "Consultando o supervisor…"),
        tr("No supervisor answers.", "Nenhum supervisor responde."),
        lambda since, at: tr(
            "The supervisor has not answered since {since}. This is what was known at {at}.",
            "O supervisor não responde desde {since}. Isto é o que se sabia às {at}.",
            since=since,
            at=at,
        ),
    )


def _absent(seen: Seen[System]) -> str:
    if seen.value is None and seen.failing_since_ms is None:
        return tr("Asking the supervisor…", "Consultando o supervisor…")
    if seen.value is None:
        return tr(
            "Nobody supervises these brokers on this machine: ./workshop up starts a system whose "
            "services can be broken here.",
            "Ninguém supervisiona estes brokers nesta máquina: ./workshop up inicia um sistema "
            "cujos serviços podem ser quebrados aqui.",
        )
    if seen.value.foreign:
        return tr(
            "The supervisor of the data folder runs other brokers than this console shows.",
            "O supervisor da pasta de dados roda outros brokers que não os deste console.",
        )
    return ""


def _effects(console: Console) -> Callable[[View], None]:
    """Draw the figures that a fault moves; return what brings them up to date."""
    with stats():
        brokers = Stat(tr("Brokers online", "Brokers no ar"))
        controller = Stat("Controller")
        replicated = Stat(tr("Under-replicated", "Sub-replicadas"))
        leaderless = Stat(tr("Without a leader", "Sem líder"))
        written = Stat(tr("Written", "Gravadas"))
        first, second = Stat(tr("Lag, consumer", "Lag, consumer")), Stat("Lag, consumer-merchant")
    names = MonitorTopics(console.settings.topic, console.settings.group)

    def show(view: View) -> None:
        online = sum(broker.online for broker in view.brokers)
        whole = len(view.brokers)
        brokers.show(f"{online}/{whole}", tone="good" if online == whole else "bad")
        leader = view.snapshot.controller if view.snapshot and not view.failure else None
        controller.show(f"broker-{leader.id}" if leader else formats.UNKNOWN)
        under = sum(topic.under_replicated for topic in view.topics)
        replicated.show(formats.number(under), tone="warn" if under else "good")
        gone = sum(topic.offline for topic in view.topics)
        leaderless.show(formats.number(gone), tone="bad" if gone else "good")
        written.show(formats.rate(view.rates.get(names.topic)), names.topic)
        _lag(first, stage_of(view, "consumer", names.group, names.topic))
        merchant = names.merchant_group, names.by_merchant
        _lag(second, stage_of(view, "consumer-merchant", *merchant))

    return show


def _lag(stat: Stat, stage: Stage) -> None:
    stat.show(formats.number(stage.lag), stage.state)


class _Rate:
    """The producer's rate, and how to change it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        title = tr("The producer's rate", "Taxa do producer")
        with card(title), ui.element("div").classes("kw-card-body"):
            self._now = ui.label("").classes("kw-lead")
            with ui.element("div").classes("kw-row") as row:
                row.set_visibility(may(Role.OPERATOR))
                label = tr("Transactions a second", "Transações por segundo")
                self._wanted = ui.number(label, value=200, min=RATE_LEAST, max=RATE_MOST)
                self._wanted.props("outlined dense inputmode=decimal").style("flex: 1 1 140px")
                self._button = flat_button(tr("Change", "Alterar"), "speed")
            self._error = ui.label("").classes("kw-error").props("role=alert")
            muted(
                tr(
                    "The supervisor starts the producer again with this rate; it goes on where it "
                    "was, and no transaction is lost or sent twice. The next ./workshop up begins "
                    "with RATE again.",
                    "O supervisor reinicia o producer com esta taxa; ele continua de onde estava, "
                    "sem perder nem repetir transação. O próximo ./workshop up volta a usar RATE.",
                )
            )
        self._button.on_click(self._change)

    async def _change(self) -> None:
        self._button.props("loading")
        self._error.set_text("")
        try:
            rate = float(self._wanted.value or 0.0)
            await asyncio.to_thread(self._console.orders.set_rate, rate)
        except WorkshopError as refused:
            self._error.set_text(str(refused))
        finally:
            self._button.props(remove="loading")

    def show(self, system: System) -> None:
        """Say what the producer is told to send."""
        status = system.status(PRODUCER)
        rate = status.rate if status else None
        self._now.set_text(tr("Now: {rate}", "Agora: {rate}", rate=formats.rate(rate)))
        self._button.set_enabled(rate is not None)


def _happened(console: Console) -> Callable[[], None]:
    """Draw what happened, newest first; return what brings it up to date."""
    with card(tr("What happened", "O que aconteceu")):
        place = trail(tr("What happened", "O que aconteceu"))
        nothing = Empty("timeline", tr("Nothing yet: all is as it was.", "Nada ainda."))
    drawn: list[object] = [None]

    def show() -> None:
        happened = console.trail.happened[:_SHOWN]
        nothing.box.set_visibility(not happened)
        if drawn[0] == happened:
            return
        drawn[0] = happened
        place.clear()
        with place:
            for each in happened:
                with ui.element("li").classes("kw-trail-line"):
                    ui.label(formats.time_of_day(each.at_ms)).classes("kw-muted kw-small")
                    badge(happening_text(each), happening_tone(each)).classes("kw-long")

    return show
