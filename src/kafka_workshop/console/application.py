"""Puts the console together: read model, guard, pages, REST; and serves it."""

import signal
import socket
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from nicegui import app, ui

from kafka_workshop import clock, language
from kafka_workshop.clock import Deadline
from kafka_workshop.console.access.audit import AuditLog
from kafka_workshop.console.access.entrance import Entrance
from kafka_workshop.console.access.house import open_house
from kafka_workshop.console.access.rest import audit_router
from kafka_workshop.console.actions import Actions
from kafka_workshop.console.alerting.following import AlertFollower
from kafka_workshop.console.alerting.known import Alerts
from kafka_workshop.console.alerting.rest import alerts_router
from kafka_workshop.console.api import ledger_router, router, score_router
from kafka_workshop.console.browser import BrowserPreferences
from kafka_workshop.console.chaos.orders import Orders
from kafka_workshop.console.chaos.rest import system_router
from kafka_workshop.console.chaos.supervision import Supervision, System
from kafka_workshop.console.chaos.trail import Trail
from kafka_workshop.console.dlq.following import LetterFollower, sources_of
from kafka_workshop.console.dlq.known import Letters
from kafka_workshop.console.dlq.rest import letters_router
from kafka_workshop.console.figures.following import FigureFollower
from kafka_workshop.console.figures.known import Figures
from kafka_workshop.console.frame import Console
from kafka_workshop.console.guard import Guard, allowed_hosts
from kafka_workshop.console.history.recording import RHYTHM as RECORDING
from kafka_workshop.console.history.recording import Recorder
from kafka_workshop.console.history.rest import history_router
from kafka_workshop.console.history.series import History
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.keeper import Keeper, Kept, Rhythm, Seen, stop
from kafka_workshop.console.managing.inspector import Inspector
from kafka_workshop.console.managing.rest import settings_router
from kafka_workshop.console.metrics import Sources, metrics_router
from kafka_workshop.console.openapi import described, openapi_router
from kafka_workshop.console.pages import alert as alert_page
from kafka_workshop.console.pages import alerts as alerts_page
from kafka_workshop.console.pages import api as api_page
from kafka_workshop.console.pages import audit as audit_page
from kafka_workshop.console.pages import broker, brokers, groups, missing, overview, topic, topics
from kafka_workshop.console.pages import chaos as chaos_page
from kafka_workshop.console.pages import ledger as ledger_page
from kafka_workshop.console.pages import letters as letters_page
from kafka_workshop.console.pages import score as score_page
from kafka_workshop.console.pages import znodes as znodes_page
from kafka_workshop.console.reading import Reader
from kafka_workshop.console.scoring import RHYTHM, STALE_SECONDS, Publisher, Scored, Scores
from kafka_workshop.console.state import ClusterState, Poller
from kafka_workshop.console.zookeeper.reading import Znodes
from kafka_workshop.console.zookeeper.rest import znodes_router
from kafka_workshop.errors import PortTaken
from kafka_workshop.language import tr
from kafka_workshop.ledger.balance import Balance
from kafka_workshop.ledger.scan import Ledger
from kafka_workshop.logs import Logger
from kafka_workshop.monitor.score.shelf import Shelf
from kafka_workshop.settings import ConsoleSettings

STATIC = Path(__file__).parent / "static"
STOP_SECONDS = 2
FAVICON = "🛰️"
LEDGER_RHYTHM = Rhythm(seconds=2.0)
# Each look waits for what comes: there is no pause between them.
FOLLOWING_RHYTHM = Rhythm(seconds=0.0)
# Half a second is soon enough for what a person mends, and there may be nothing to follow yet.
LETTERS_RHYTHM = Rhythm(seconds=0.5)
# One look may take so long; a first one that needs more goes on where it was with the next.
_LEDGER_SECONDS = 10.0


SYSTEM_RHYTHM = Rhythm(seconds=1.0)


def build(settings: ConsoleSettings, logger: Logger) -> Console:
    """Return a console whose pages are registered with NiceGUI's one application."""
    servers, audit = settings.bootstrap_servers, audit_log(settings, logger)
    house = open_house(settings, audit)
    state, gateway = ClusterState(), ClusterGateway(servers)
    poller = Poller(state, gateway.observe, servers, logger)
    ledger, score, alerts = Kept[Balance](), Kept[Scored](STALE_SECONDS), Kept[Alerts]()
    bookkeeper = ledger_keeper(settings, ledger, logger)
    judge = score_keeper(settings, score, logger)
    watch = alerts_keeper(settings, alerts, logger)
    figures = Kept[Figures]()
    count = figures_keeper(settings, figures, logger)
    reader, actions = Reader(servers), Actions(gateway, logger)
    history = History()
    recorder = history_keeper(settings, state, history, logger)
    inspector = Inspector(gateway)
    letters = Kept[Letters]()
    sorter = letters_keeper(settings, state, letters, logger)
    kept = ledger, bookkeeper.refresh, score, alerts, figures, history, inspector
    system, trail = Kept[System](), Trail()
    supervision = Supervision(settings.data, servers)
    observer = system_keeper(supervision, state, system, trail, logger)
    znodes = Znodes(settings.zookeeper)
    console = Console(
        settings, state, poller, reader, actions, *kept, letters=letters, system=system,
        trail=trail, znodes=znodes, orders=Orders(supervision, logger), audit=audit,
    )  # fmt: skip
    app.include_router(house.routes)
    app.add_middleware(Entrance, identify=house.identify)
    app.add_middleware(Guard, hosts=allowed_hosts(settings.port, settings.names))
    # Added last, so it is the outer one: the guard's own sentence is in the browser's language.
    app.add_middleware(BrowserPreferences, default=language.current())
    register(console)
    app.on_startup(lambda: logger.info("started", url=url(settings)))
    app.on_shutdown(console.reader.closing.set)
    keepers: tuple[Keeper[Any], ...] = (recorder, bookkeeper, judge, watch, sorter, count)
    if settings.run == "native":
        keepers = (*keepers, observer)
    app.on_startup(poller.start)
    for each in keepers:
        app.on_startup(each.start)
    app.on_shutdown(znodes.close)
    app.on_shutdown(poller.stop)
    app.on_shutdown(lambda: stop(*keepers))
    return console


def ledger_keeper(
    settings: ConsoleSettings, kept: Kept[Balance], logger: Logger
) -> Keeper[Balance]:
    """Return what keeps the ledger warm."""
    book = Ledger(settings.bootstrap_servers, settings.topic, settings.group)

    def look(_stopping: object) -> Balance:
        return book.take(Deadline(_LEDGER_SECONDS))

    return Keeper("ledger", kept, look, LEDGER_RHYTHM, logger, close=book.close)


def score_keeper(settings: ConsoleSettings, kept: Kept[Scored], logger: Logger) -> Keeper[Scored]:
    """Return what keeps the score warm, and its topic up to date."""
    of = settings.bootstrap_servers, settings.topic, settings.group
    shelf = Shelf(*of)
    publisher = Publisher(shelf.put, logger)
    return Keeper(
        "score", kept, Scores(*of).look, RHYTHM, logger, then=publisher.offer, close=shelf.close
    )


def alerts_keeper(settings: ConsoleSettings, kept: Kept[Alerts], logger: Logger) -> Keeper[Alerts]:
    """Return what follows the alerts, and what people decide about them."""
    follower = AlertFollower(settings.bootstrap_servers, settings.topic, settings.group)
    return Keeper("alerts", kept, follower.look, FOLLOWING_RHYTHM, logger, close=follower.close)


def letters_keeper(
    settings: ConsoleSettings, state: ClusterState, kept: Kept[Letters], logger: Logger
) -> Keeper[Letters]:
    """Return what follows the dead letters of every topic that has some."""
    servers = settings.bootstrap_servers
    follower = LetterFollower(servers, lambda: sources_of(state.view))
    return Keeper("letters", kept, follower.look, LETTERS_RHYTHM, logger, close=follower.close)


def system_keeper(
    supervision: Supervision, state: ClusterState, kept: Kept[System], trail: Trail, logger: Logger
) -> Keeper[System]:
    """Return what asks the supervisor of the native run how its services stand."""

    def then(seen: Seen[System]) -> None:
        trail.take(None if seen.stale else seen.value, state.view, clock.now_ms())

    return Keeper("system", kept, supervision.look, SYSTEM_RHYTHM, logger, then)


def figures_keeper(
    settings: ConsoleSettings, kept: Kept[Figures], logger: Logger
) -> Keeper[Figures]:
    """Return what follows the counts of the monitor."""
    follower = FigureFollower(settings.bootstrap_servers, settings.topic, settings.group)
    return Keeper("figures", kept, follower.look, FOLLOWING_RHYTHM, logger, close=follower.close)


def history_keeper(
    settings: ConsoleSettings, state: ClusterState, history: History, logger: Logger
) -> Keeper[int | None]:
    """Return what keeps lag and throughput, and saves them now and then and at the end."""
    path = settings.data / "console" / "history" if settings.data else None
    recorder, kept = Recorder(state, history, path, logger), Kept[int | None]()
    return Keeper("history", kept, recorder.look, RECORDING, logger, close=recorder.save)


def audit_log(settings: ConsoleSettings, logger: Logger) -> AuditLog:
    """Return the audit log, which makes its file with the first attempt."""
    return AuditLog(settings.data / "console" if settings.data else None, logger)


def register(console: Console) -> None:
    """Register the pages, what they load, and REST; the page for unknown addresses comes last."""
    app.add_static_files("/static", STATIC)
    routers = rest_routers(console)
    document = described(route for each in routers for route in each.routes)
    for each in (*routers, openapi_router(document)):
        app.include_router(each)
    api_page.register(console, document)
    for page in (overview, alerts_page, alert_page, brokers, broker, topics, topic, groups):
        page.register(console)
    for page in (
        letters_page,
        znodes_page,
        chaos_page,
        ledger_page,
        score_page,
        audit_page,
        missing,
    ):
        page.register(console)


def rest_routers(console: Console) -> list[APIRouter]:
    """Return all that REST has, which is what its document describes."""
    return [
        router(console.state, console.settings.run),
        ledger_router(console.ledger, console.refresh_ledger),
        score_router(console.score),
        alerts_router(console.alerts),
        letters_router(console.letters),
        system_router(console.system, console.trail),
        znodes_router(console.znodes),
        history_router(console.history),
        audit_router(console.audit),
        metrics_router(Sources(console.state, console.figures, console.ledger)),
        settings_router(console.inspector, console.state),
    ]


def serve(settings: ConsoleSettings, logger: Logger) -> None:
    """Serve until SIGTERM or SIGINT, then stop within a few seconds.

    Raises:
        PortTaken: another program listens on the console's port.
    """
    _refuse_taken_port(settings.host, settings.port)
    build(settings, logger)
    for number in (signal.SIGTERM, signal.SIGINT):
        # The web server stops, then repeats the signal to us: by then there is no more to do.
        signal.signal(number, lambda *_: None)
    ui.run(
        host=settings.host,
        port=settings.port,
        title="Kafka Workshop",
        favicon=FAVICON,
        reload=False,
        show=False,
        show_welcome_message=False,
        tailwind=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    logger.info("stopped")


def url(settings: ConsoleSettings) -> str:
    """Return the address to open in a browser."""
    name = "[::1]" if settings.host == "::1" else "localhost"
    return f"http://{name}:{settings.port}"


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PortTaken(
                tr(
                    "Port {port} on {host} is in use; set CONSOLE_PORT to a free one.",
                    "A porta {port} em {host} está em uso; defina CONSOLE_PORT com uma livre.",
                    port=port,
                    host=host,
                )
            ) from None
