"""Every page by axe: nothing that keeps somebody with another way of reading out of it.

Half the combinations of theme, language and width show every colour and every word once.
"""

import uuid
from collections.abc import Iterator
from importlib import resources
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page

from kafka_workshop import logs
from kafka_workshop.console.actions import MB, Actions, TopicWish
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.settings import LogSettings
from tests.console.addresses import addresses
from tests.console.running import RunningConsole
from tests.console.watching import Watched
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.browser]
AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
GRAVE = {"serious", "critical"}


@pytest.fixture(scope="module")
def topic(kafka_ui: RunningConsole, bootstrap_servers: tuple[str, ...]) -> Iterator[str]:
    name = f"axe-{uuid.uuid4().hex[:8]}"
    logger = logs.configure(LogSettings("ERROR", "json", 1), "test")
    actions = Actions(ClusterGateway(bootstrap_servers), logger)
    actions.create_topic(TopicWish(name, 3, 3, 2, 100 * MB, 7))
    wait_until(lambda: name in kafka_ui.get("/api/topics")[1], 10, "the console knows the topic")
    yield name
    actions.delete_topic(name, name)


def grave(page: Page) -> list[str]:
    """Return the serious and critical findings on a page: rule, element, how to mend it."""
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize(
    ("theme", "language", "width"), [("light", "en", 1280), ("dark", "pt-BR", 360)]
)
def test_no_page_keeps_anybody_out(
    browser: Browser,
    kafka_ui: RunningConsole,
    topic: str,
    theme: Literal["light", "dark"],
    language: str,
    width: int,
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, locale=language
    )
    watched = Watched(context, kafka_ui.url)
    for path in addresses(topic):
        page = watched.open(path)
        page.wait_for_function("!document.querySelector('.q-table__progress')")
        assert grave(page) == [], path
    context.close()


def test_what_keeps_somebody_out_is_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<main><p style='color:#ccc;background:#fff'>pale</p><input></main>")
    found = " ".join(grave(page))
    assert "color-contrast" in found
    assert "label" in found
    page.close()
