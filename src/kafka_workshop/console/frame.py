"""What every page shares: header, navigation, switches, the word about silent brokers, the clock.

A page is a function in a module of `pages`; it fills the frame and registers what to do when the
read model has changed. It neither knows where figures come from nor asks Kafka for them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from nicegui import ui

from kafka_workshop import clock
from kafka_workshop.console import formats
from kafka_workshop.console.access.audit import AuditLog
from kafka_workshop.console.access.roles import Role, caller, may
from kafka_workshop.console.actions import Actions
from kafka_workshop.console.alerting.known import Alerts
from kafka_workshop.console.browser import preferences
from kafka_workshop.console.chaos.orders import Orders, orders_to_nobody
from kafka_workshop.console.chaos.supervision import System
from kafka_workshop.console.chaos.trail import Trail
from kafka_workshop.console.dlq.known import Letters
from kafka_workshop.console.figures.known import Figures
from kafka_workshop.console.history.series import History
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.keeper import Kept, Refresh, never_fresh
from kafka_workshop.console.managing.inspector import Inspector
from kafka_workshop.console.model import KRAFT
from kafka_workshop.console.reading import Reader
from kafka_workshop.console.scoring import Scored
from kafka_workshop.console.state import ClusterState, Poller, View, stale_text
from kafka_workshop.console.widgets import badge, heading
from kafka_workshop.console.zookeeper.reading import Znodes
from kafka_workshop.language import Language, tr
from kafka_workshop.ledger.balance import Balance
from kafka_workshop.settings import ConsoleSettings

TICK_SECONDS = 1.0
# A cluster with KRaft has none: its page says so to whoever still has its address.
_ZOOKEEPER_PAGE = "/zookeeper"


@dataclass(frozen=True)
class Console:
    """What pages are given: what is known, how to read messages, how to change things."""

    settings: ConsoleSettings
    state: ClusterState
    poller: Poller
    reader: Reader
    actions: Actions
    ledger: Kept[Balance] = field(default_factory=Kept)
    refresh_ledger: Refresh = never_fresh
    score: Kept[Scored] = field(default_factory=Kept)
    alerts: Kept[Alerts] = field(default_factory=Kept)
    figures: Kept[Figures] = field(default_factory=Kept)
    history: History = field(default_factory=History)
    inspector: Inspector = field(default_factory=lambda: Inspector(ClusterGateway(())))
    audit: AuditLog = field(default_factory=lambda: AuditLog(None, structlog.get_logger()))
    letters: Kept[Letters] = field(default_factory=Kept)
    system: Kept[System] = field(default_factory=Kept)
    trail: Trail = field(default_factory=Trail)
    znodes: Znodes = field(default_factory=lambda: Znodes(()))
    orders: Orders = field(default_factory=orders_to_nobody)


class ConsolePage(ui.page):
    """A page in the language and theme of the browser that asks for it."""

    def resolve_language(self) -> Any:
        """Return the language of the texts of Quasar's own pieces and of the `lang` attribute."""
        return "pt-BR" if preferences().language == "pt-BR" else "en-US"

    def resolve_dark(self) -> bool | None:
        """Return the browser's theme; `None` follows the operating system."""
        theme = preferences().theme
        return None if theme is None else theme == "dark"


class Live:
    """Calls back when the read model has changed, in the context of one open page."""

    def __init__(self, state: ClusterState) -> None:
        self._state = state
        self._changed: list[Callable[[View], None]] = []
        self._ticked: list[Callable[[View], None]] = []
        self._version = -1

    @property
    def view(self) -> View:
        """What is known now."""
        return self._state.view

    def on_change(self, show: Callable[[View], None]) -> None:
        """Call `show` now and after every refresh of the read model."""
        show(self.view)
        self._changed.append(show)

    def on_tick(self, show: Callable[[View], None]) -> None:
        """Call `show` now and every second."""
        show(self.view)
        self._ticked.append(show)

    def tick(self) -> None:
        """Bring the page up to date."""
        view = self.view
        for show in self._ticked:
            show(view)
        if view.version != self._version:
            self._version = view.version
            for show in self._changed:
                show(view)


@contextmanager
def frame(
    console: Console, title: str, active: str, parent: tuple[str, str] | None = None
) -> Iterator[Live]:
    """Draw the frame and yield inside its main part; `parent` is the title and path above."""
    ui.page_title(f"{title} · Kafka Workshop")
    ui.add_head_html('<link rel="stylesheet" href="/static/console.css">')
    ui.add_head_html('<script src="/static/console.js"></script>')
    live = Live(console.state)
    _navigation(active, _header(console, live), live.view)
    with ui.element("main").classes("kw-main").props('tabindex="-1"') as main:
        _banner(live)
        if parent is not None:
            ui.link(f"← {parent[0]}", parent[1]).classes("kw-crumb")
        yield live
    ui.skip_link(tr("Skip to the content", "Pular para o conteúdo"), target=main)
    ui.timer(TICK_SECONDS, live.tick)


@contextmanager
def title_row(title: str) -> Iterator[ui.element]:
    """The page's title; yields inside its row, for badges and buttons."""
    with ui.element("div").classes("kw-title") as row:
        heading(title, "h1")
        yield row


def _header(console: Console, live: Live) -> ui.button:
    with ui.header().classes("kw-header"):
        menu = _icon_button("menu", tr("Menu", "Menu")).classes("kw-menu")
        with ui.link(target="/").classes("kw-brand") as brand:
            brand.props["aria-label"] = "Kafka Workshop"
            ui.icon("hub").props("aria-hidden=true")
            ui.label("Kafka Workshop").classes("kw-brand-name")
        ui.space()
        health = badge("")
        live.on_tick(lambda view: _show_health(health, view))
        _who(logged_in=console.settings.users is not None)
        _language_button()
        button = _icon_button("contrast", tr("Light or dark", "Claro ou escuro"))
        button.on("click", js_handler="() => workshop.theme()")
    return menu


def _who(*, logged_in: bool) -> None:
    """Who is here, and the way out; where there is no login, only that nothing may be written."""
    who = caller()
    if who is not None and who.read_only:
        badge(tr("read-only", "só leitura"), "warn")
    if who is None or not logged_in:
        return
    ui.label(f"{who.name} · {who.role.word}").classes("kw-muted kw-small kw-wide")
    button = _icon_button("logout", tr("Log out", "Sair"))
    button.on("click", js_handler="() => workshop.logout()")


def _icon_button(icon: str, label: str) -> ui.button:
    button = ui.button(icon=icon).props("flat round dense color=none")
    button.props["aria-label"] = label
    button.tooltip(label)
    return button


def _language_button() -> None:
    other: Language = "en" if preferences().language == "pt-BR" else "pt-BR"
    name = {"en": "English", "pt-BR": "Português"}[other]
    button = ui.button(other[:2].upper()).props("flat dense color=none")
    button.props["aria-label"] = name
    button.props["lang"] = other
    button.tooltip(name)
    button.on("click", js_handler=f"() => workshop.language('{other}')")


def _show_health(chip: ui.label, view: View) -> None:
    online = sum(b.online for b in view.brokers)
    whole = len(view.brokers)
    if view.answering:
        chip.set_text(tr("{n}/{all} brokers", "{n}/{all} brokers", n=online, all=whole))
    elif view.failure is not None:
        chip.set_text(tr("no answer", "sem resposta"))
    else:
        chip.set_text(tr("asking…", "consultando…"))
    doubtful = view.stale or online < whole
    tone = "bad" if view.failure else "warn" if doubtful else "good" if whole else ""
    chip.classes(remove="kw-good kw-warn kw-bad", add=f"kw-{tone}" if tone else "")


def _navigation(active: str, menu: ui.button, view: View) -> None:
    kraft = view.snapshot is not None and view.snapshot.coordination == KRAFT
    drawer = ui.left_drawer().classes("kw-drawer").props("width=224 breakpoint=1023")
    with drawer, ui.element("nav").style("width:100%") as nav:
        nav.props["aria-label"] = tr("Pages", "Páginas")
        for title, pages in _pages():
            if title:
                ui.label(title).classes("kw-nav-group")
            for path, icon, label in pages:
                if not (kraft and path == _ZOOKEEPER_PAGE != active):
                    _nav_link(path, icon, label, path == active)
    menu.on_click(drawer.toggle)


def _pages() -> tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]:
    """Return the groups of pages: each page's path, icon and name."""
    monitoring = (
        ("/alerts", "notifications_active", tr("Alerts", "Alertas")),
        ("/dlq", "move_to_inbox", tr("Dead letters", "Mensagens na DLQ")),
        ("/score", "fact_check", tr("Detection quality", "Qualidade da detecção")),
        ("/ledger", "balance", tr("Ledger", "Conferência")),
    )
    cluster = (
        ("/brokers", "dns", tr("Brokers", "Brokers")),
        ("/topics", "topic", tr("Topics", "Tópicos")),
        ("/groups", "groups", tr("Consumer groups", "Grupos de consumidores")),
        (_ZOOKEEPER_PAGE, "account_tree", "ZooKeeper"),
        ("/chaos", "bolt", tr("Chaos panel", "Painel de caos")),
    )
    audit = ("/audit", "history_edu", tr("Audit log", "Auditoria"))
    access = (
        *((audit,) if may(Role.OPERATOR, writes=False) else ()),
        ("/api/docs", "data_object", "REST"),
    )
    return (
        ("", (("/", "dashboard", tr("Overview", "Visão geral")),)),
        (tr("Monitoring", "Monitoramento"), monitoring),
        ("Cluster", cluster),
        (tr("Access", "Acesso"), access),
    )


def _nav_link(path: str, icon: str, label: str, active: bool) -> None:
    with ui.link(target=path).classes("kw-nav") as link:
        ui.icon(icon).props("aria-hidden=true")
        ui.label(label)
    if active:
        link.props("aria-current=page")


def _banner(live: Live) -> None:
    with ui.element("div").classes("kw-banner").props("role=alert") as box:
        ui.icon("cloud_off").props("aria-hidden=true")
        with ui.element("div"):
            with ui.element("strong"):
                what = ui.label("")
            why = ui.label("").classes("kw-small")

    def show(view: View) -> None:
        box.set_visibility(view.failure is not None or view.stale)
        if view.failure is not None:
            what.set_text(_silence(view))
            why.set_text(view.failure.text())
        elif view.stale:
            what.set_text(stale_text(view))
            why.set_text("")

    live.on_tick(show)


def _silence(view: View) -> str:
    since_ms = view.failing_since_ms or clock.now_ms()
    lasting = formats.duration((clock.now_ms() - since_ms) / 1000)
    if view.snapshot is None:
        return tr(
            "No broker has answered yet ({lasting}). Trying again every two seconds.",
            "Nenhum broker respondeu ainda ({lasting}). Nova tentativa a cada dois segundos.",
            lasting=lasting,
        )
    return tr(
        "The brokers have not answered since {since} ({lasting}). This is what was known at {at}.",
        "Os brokers não respondem desde {since} ({lasting}). Isto é o que se sabia às {at}.",
        since=formats.time_of_day(since_ms),
        lasting=lasting,
        at=formats.time_of_day(view.snapshot.at_ms),
    )
