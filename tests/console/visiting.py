"""Pages over a read model that a test fills itself, with no Kafka and no browser."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from nicegui import Client, app, ui
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction
from nicegui.testing.user_simulation import user_simulation

from kafka_workshop import logs
from kafka_workshop.console import application
from kafka_workshop.console.actions import Actions
from kafka_workshop.console.frame import Console
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.reading import Reader
from kafka_workshop.console.state import ClusterState, Poller
from kafka_workshop.settings import ConsoleSettings, LogSettings

LOG = LogSettings("ERROR", "json", 1)
SETTINGS = ConsoleSettings(("127.0.0.1:9",), "127.0.0.1", 8087, "native", LOG)


def visit(story: Callable[[User, ClusterState], Awaitable[None]]) -> None:
    """Let `story` use pages over a state of its own."""
    visit_console(lambda user, console: story(user, console.state))


def visit_console(
    story: Callable[[User, Console], Awaitable[None]],
    prepared: Callable[[Console], Console] = lambda console: console,
) -> None:
    """Let `story` use pages over a console of its own, `prepared` before its pages are made."""

    async def run() -> None:
        # Each router that is included wraps it once more: after some hundred visits it is too deep.
        lifespan = app.router.lifespan_context
        async with user_simulation() as user:
            try:
                console = prepared(unconnected())
                application.register(console)
                await story(user, console)
            finally:
                # Otherwise the simulation forgets our modules at its end, and imports them twice.
                Client.page_routes.clear()
                app.router.lifespan_context = lifespan

    asyncio.run(run())


def unconnected() -> Console:
    state, logger = ClusterState(), logs.configure(LOG, "test")
    gateway = ClusterGateway(SETTINGS.bootstrap_servers)
    poller = Poller(state, gateway.observe, gateway.servers, logger)
    return Console(SETTINGS, state, poller, Reader(gateway.servers), Actions(gateway, logger))


def table_rows(user: User, label: str) -> list[dict[str, object]]:
    found = [t for t in user.find(ui.table).elements if t.props["aria-label"] == label]
    assert len(found) == 1
    rows: list[dict[str, object]] = found[0].rows
    return rows


def field(user: User, label: str) -> ui.input:
    """The one line of text of this label."""
    lines = [f for f in user.find(ui.input).elements if not isinstance(f, ui.textarea)]
    (found,) = (line for line in lines if line.props.get("label") == label)
    return found


def chosen(user: User, label: str) -> ui.select:
    """The one choice of this label."""
    (found,) = (f for f in user.find(ui.select).elements if f.props.get("label") == label)
    return found


def press(user: User, text: str) -> None:
    """Press the button that says exactly `text`."""
    (button,) = (b for b in user.find(ui.button).elements if b.text == text)
    UserInteraction(user=user, elements={button}, target=None).click()


def press_entry(user: User, text: str) -> None:
    """Press the entry of a menu that says `text`."""
    (entry,) = (
        item
        for item in user.find(ui.menu_item).elements
        if any(getattr(part, "text", "") == text for part in item.descendants())
    )
    UserInteraction(user=user, elements={entry}, target=None).click()


def paths_of(routes: Iterable[object]) -> list[str]:
    """The paths of all routes, those of routers that were included too."""
    found = []
    for route in routes:
        included = getattr(route, "original_router", None)
        found += paths_of(included.routes) if included else [str(getattr(route, "path", ""))]
    return found
