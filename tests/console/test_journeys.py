"""What a person does when things go wrong, in a real Chromium, on a system of its own."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from confluent_kafka import Producer
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.console.native import Native, native
from tests.console.test_accessibility import grave
from tests.console.watching import Watched, button, rows

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.browser,
    pytest.mark.timeout(420),
]
SECONDS, PAGE_SECONDS = 60_000, 20_000
SMALL = {"HISTORY_TRANSACTIONS": "2000", "HISTORY_DAYS": "5", "LOG_LINES": "0", "RATE": "5"}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Native]:
    with native(tmp_path_factory.mktemp("native"), **SMALL) as running:
        yield running


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    """A broker that starts needs longer than a page."""
    expect.set_options(timeout=SECONDS)
    yield
    expect.set_options(timeout=PAGE_SECONDS)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1280, "height": 1000}, locale="en-US")
    yield opened
    opened.close()


@pytest.fixture
def watched(context: BrowserContext, system: Native) -> Iterator[Watched]:
    page = Watched(context, system.url)
    yield page
    assert page.wrong == []


def nothing_lost(page: Page) -> None:
    verdict = page.locator(".kw-verdict .kw-term")
    expect(verdict).to_have_text([re.compile("^0"), re.compile("^0")])
    expect(page.locator(".kw-verdict .kw-term.kw-bad")).to_have_count(0)


def test_a_dead_letter_is_found_redriven_comes_back_and_is_mended(
    watched: Watched, system: Native
) -> None:
    producer = Producer({"bootstrap.servers": ",".join(system.bootstrap_servers), "acks": "all"})
    producer.produce("transactions", key=b"A1", value=b'{"<b>broken": ', headers={"trace": b"7"})
    assert producer.flush(20) == 0
    page = watched.open("/dlq")
    letters = rows(page, "Letters")
    expect(letters).to_have_count(1)
    expect(letters).to_contain_text("waiting")
    letters.get_by_role("button").press("Enter")
    drawer = page.get_by_role("dialog", name="Dead letter")
    asked = page.get_by_role("dialog", name="Send back")
    expect(drawer).to_contain_text('{"<b>broken": ')
    expect(drawer).to_contain_text("dlq.error.class")
    drawer.get_by_role("button", name="Redrive this one…").click()
    expect(asked).to_contain_text("To send back to transactions: 1 (not-json 1)")
    expect(drawer).to_be_hidden()
    button(page, "Redrive").click()
    expect(page.get_by_text("Sent back to transactions: 1.")).to_be_visible()
    # It still can't be decoded, so it is a new letter, which no redrive takes by itself.
    expect(letters).to_have_count(2)
    expect(letters.filter(has_text="redriven")).to_have_count(1)
    again = letters.filter(has_text="came back")
    expect(again).to_have_count(1)
    button(page, "Redrive…").click()
    expect(asked).to_contain_text("Nothing to redrive.")
    button(page, "Cancel").click()
    again.get_by_role("button").click()
    button(page, "Edit and redrive…").click()
    dialog = page.get_by_role("dialog", name="Edit and redrive")
    expect(dialog).to_contain_text("What you send is a new message of transactions")
    dialog.get_by_label("Value", exact=True).fill('{"mended": "but no transaction"}')
    dialog.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Sent to transactions as a new message")).to_be_visible()
    expect(letters.filter(has_text="redriven")).to_have_count(2)


@pytest.mark.zookeeper
def test_a_broker_is_killed_and_the_isr_shrinks_and_returns_with_nothing_lost(
    watched: Watched, context: BrowserContext, system: Native
) -> None:
    page = watched.open("/chaos")
    tree = Watched(context, system.url)
    election = tree.open("/zookeeper")
    expect(page.get_by_label("broker-2", exact=True)).to_contain_text("ready")
    expect(election.get_by_text("1, 2, 3")).to_be_visible()
    nothing_lost(page)
    page.get_by_role("button", name="Kill broker-2").press("Enter")
    box = page.get_by_label("broker-2", exact=True)
    expect(box).to_contain_text("killed")
    expect(box).to_contain_text("leads 0 · ISR 0/")
    happened = page.get_by_role("log")
    expect(happened).to_contain_text(re.compile(r"under-replicated partitions: 0 → \d+"))
    expect(happened).to_contain_text("the others lost broker-2")
    expect(election.get_by_role("log")).to_contain_text("/brokers/ids/2 is gone")
    page.get_by_role("button", name="Start broker-2").click()
    expect(box).to_contain_text("ready")
    expect(box).to_contain_text(re.compile(r"ISR (\d+)/\1"))
    expect(happened).to_contain_text(re.compile(r"under-replicated partitions: \d+ → 0"))
    expect(election.get_by_role("log")).to_contain_text("/brokers/ids/2 is there")
    nothing_lost(page)
    assert tree.wrong == []


@pytest.mark.zookeeper
def test_without_zookeeper_its_page_stays_and_says_since_when(
    watched: Watched, context: BrowserContext, system: Native
) -> None:
    page = watched.open("/zookeeper")
    expect(page.get_by_text("1, 2, 3")).to_be_visible()
    panel = Watched(context, system.url).open("/chaos")
    panel.get_by_role("button", name="Kill zookeeper").click()
    expect(page.get_by_text("ZooKeeper has not answered since")).to_be_visible()
    expect(page.get_by_text("1, 2, 3")).to_be_visible()
    panel.get_by_role("button", name="Start zookeeper").click()
    expect(page.get_by_text("ZooKeeper has not answered since")).to_have_count(0)


def test_the_rate_of_the_producer_is_changed_and_nothing_is_lost(watched: Watched) -> None:
    page = watched.open("/chaos")
    expect(page.get_by_text("Now: 5.0/s")).to_be_visible()
    page.get_by_label("Transactions a second").fill("15")
    button(page, "Change").click()
    expect(page.get_by_text("Now: 15/s")).to_be_visible()
    expect(page.get_by_label("producer", exact=True)).to_contain_text("ready")
    nothing_lost(page)


@pytest.mark.parametrize(
    ("width", "theme", "language"), [(360, "dark", "pt-BR"), (1920, "light", "en")]
)
def test_the_pages_of_a_running_system_fit_and_keep_nobody_out(
    browser: Browser, system: Native, width: int, theme: Literal["light", "dark"], language: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=theme, locale=language
    )
    watched = Watched(context, system.url)
    for path in ("/", "/dlq", "/chaos", "/zookeeper", "/zookeeper?path=/brokers/ids/1"):
        page = watched.open(path)
        page.wait_for_timeout(1500)
        over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert over <= 0, f"{path} is {over} px too wide at {width} px"
        assert grave(page) == [], path
    assert watched.wrong == []
    context.close()
