"""What a person sees and clicks, in a real Chromium, on the real cluster."""

import re
import uuid
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from playwright.sync_api import Browser, BrowserContext, expect

from kafka_workshop import logs
from kafka_workshop.console.actions import MB, Actions, TopicWish
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.settings import LogSettings
from tests.console.addresses import addresses
from tests.console.running import RunningConsole
from tests.console.watching import Watched, button, choose, rows
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.browser]
HOSTILE = "<script>alert(1)</script>"
HOSTILE_KEY = "<img src=x onerror=alert(1)>{{7*7}}"
SECONDS = 20_000


@pytest.fixture(scope="module")
def actions(bootstrap_servers: tuple[str, ...]) -> Actions:
    logger = logs.configure(LogSettings("ERROR", "json", 1), "test")
    return Actions(ClusterGateway(bootstrap_servers), logger)


@pytest.fixture
def topic(
    actions: Actions, kafka_ui: RunningConsole, bootstrap_servers: tuple[str, ...]
) -> Iterator[str]:
    """A topic with three partitions, 20 messages, and a hostile one."""
    name = f"browser-{uuid.uuid4().hex[:8]}"
    actions.create_topic(TopicWish(name, 3, 3, 2, 100 * MB, 7))
    produce(bootstrap_servers, name, [(f"k{n}", f'{{"n":{n}}}') for n in range(20)])
    produce(bootstrap_servers, name, [(HOSTILE_KEY, HOSTILE)])
    wait_until(lambda: name in kafka_ui.get("/api/topics")[1], 10, "the console knows the topic")
    yield name
    actions.delete_topic(name, name)


def produce(servers: tuple[str, ...], topic: str, messages: list[tuple[str, str]]) -> None:
    producer = Producer({"bootstrap.servers": ",".join(servers), "acks": "all"})
    for key, value in messages:
        producer.produce(topic, key=key.encode(), value=value.encode(), headers={"<b>": "<i>"})
    assert producer.flush(20) == 0


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    yield opened
    opened.close()


@pytest.fixture
def watched(context: BrowserContext, kafka_ui: RunningConsole) -> Iterator[Watched]:
    page = Watched(context, kafka_ui.url)
    yield page
    assert page.wrong == []


def test_three_brokers_and_one_controller_are_seen(watched: Watched) -> None:
    page = watched.open("/brokers")
    expect(rows(page, "Brokers")).to_have_count(3)
    expect(page.locator(".kw-badge", has_text="controller")).to_have_count(1)
    expect(page.locator(".kw-badge", has_text="online")).to_have_count(3)


def test_the_topic_its_partitions_and_its_messages_are_seen(watched: Watched, topic: str) -> None:
    page = watched.open("/topics")
    page.get_by_placeholder("Filter by name").fill(topic)
    expect(rows(page, "Topics")).to_have_count(1)
    page.get_by_role("link", name=topic).click()
    expect(rows(page, "Messages")).to_have_count(21)
    expect(page.get_by_role("status")).to_contain_text("21 shown. Read 21 messages")
    page.get_by_role("tab", name="Partitions").click()
    expect(rows(page, "Partitions")).to_have_count(3)
    expect(page.locator(".kw-badge.kw-warn")).to_have_count(0)


def test_a_hostile_message_is_text_and_does_nothing(watched: Watched, topic: str) -> None:
    page = watched.open(f"/topics/{topic}")
    row = rows(page, "Messages").filter(has_text=HOSTILE)
    expect(row).to_contain_text("onerror=alert(1)")
    expect(row).to_contain_text(HOSTILE)
    row.get_by_role("button").press("Enter")
    detail = page.get_by_role("dialog")
    expect(detail.locator(".kw-block").nth(0)).to_have_text(HOSTILE_KEY)
    expect(detail.locator(".kw-block").nth(1)).to_have_text(HOSTILE)
    expect(detail.get_by_text("<i>")).to_be_visible()
    assert page.locator("main img, .kw-side img, .kw-side script").count() == 0
    page.keyboard.press("Escape")
    expect(detail).to_be_hidden()


def test_messages_from_an_offset_of_one_partition(watched: Watched, topic: str) -> None:
    page = watched.open(f"/topics/{topic}")
    expect(rows(page, "Messages")).to_have_count(21)
    choose(page, "Show", "From offset")
    choose(page, "Partition", "1")
    page.get_by_label("Offset").first.fill("2")
    button(page, "Read").click()
    # Each choice reads anew; only the last one begins there.
    expect(page.locator(".kw-open").first).to_have_text("2")
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^(?!21 )\d+ shown"))
    offsets = page.locator(".kw-open").all_inner_texts()
    assert offsets == [str(n) for n in range(2, 2 + len(offsets))]
    assert offsets


def test_the_live_tail_shows_what_arrives_and_can_be_paused(
    watched: Watched, topic: str, bootstrap_servers: tuple[str, ...]
) -> None:
    page = watched.open(f"/topics/{topic}")
    choose(page, "Show", "Live")
    expect(page.get_by_role("status")).to_contain_text("Live · 0 shown")
    produce(bootstrap_servers, topic, [("a", "arrived while watching")])
    expect(rows(page, "Messages").first).to_contain_text("arrived while watching")
    button(page, "Pause").click()
    expect(page.get_by_role("status")).to_contain_text("Paused")
    produce(bootstrap_servers, topic, [("a", "arrived while paused")])
    page.wait_for_timeout(1500)
    expect(page.get_by_text("arrived while paused")).to_have_count(0)
    button(page, "Resume").click()
    expect(rows(page, "Messages").first).to_contain_text("arrived while paused")


def test_the_lag_of_a_group_and_partitions_without_a_commit_are_seen(
    watched: Watched, topic: str, bootstrap_servers: tuple[str, ...]
) -> None:
    name = f"browser-{uuid.uuid4().hex[:8]}"
    config = {"bootstrap.servers": ",".join(bootstrap_servers), "group.id": name}
    consumer = Consumer(config)
    consumer.commit(offsets=[TopicPartition(topic, 0, 1)], asynchronous=False)
    consumer.close()
    page = watched.open("/groups")
    page.get_by_placeholder("Filter by name").fill(name)
    page.get_by_role("link", name=name).click()
    row = rows(page, "Lag by partition")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(topic)
    lag = int(row.locator("td").nth(4).inner_text())
    assert int(row.locator("td").nth(3).inner_text()) == lag + 1


def test_the_offsets_of_an_empty_group_are_reset_as_previewed(
    watched: Watched, topic: str, bootstrap_servers: tuple[str, ...]
) -> None:
    name = f"browser-{uuid.uuid4().hex[:8]}"
    consumer = Consumer({"bootstrap.servers": ",".join(bootstrap_servers), "group.id": name})
    consumer.commit(offsets=[TopicPartition(topic, 0, 0)], asynchronous=False)
    consumer.close()
    page = watched.open(f"/groups/{name}")
    button(page, "Reset offsets").click()
    page.get_by_role("combobox", name="To", exact=True).click()
    page.get_by_role("option", name="The end").click()
    button(page, "Preview").click()
    dialog = page.get_by_role("dialog")
    expect(rows(page, "What is set")).to_have_count(3)
    expect(dialog.get_by_role("status")).to_contain_text("are passed over; partitions: 3.")
    button(page, "Reset").click()
    expect(page.get_by_text("The offsets are set.")).to_be_visible()
    expect(rows(page, "Lag by partition")).to_have_count(3)
    expect(rows(page, "Lag by partition").first.locator("td").nth(4)).to_have_text("0")


def test_a_topic_is_created_and_deleted_through_the_dialogs(watched: Watched) -> None:
    name = f"browser-{uuid.uuid4().hex[:8]}"
    page = watched.open("/topics")
    button(page, "Create topic").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("not a name!")
    button(page, "Create").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Name: 1 to 249 letters")
    dialog.get_by_label("Name").fill(name)
    button(page, "Create").click()
    expect(page.get_by_text(f"{name} was created.")).to_be_visible()
    page.get_by_role("link", name=name).click()
    expect(page.get_by_text("No messages yet.")).to_be_visible()
    button(page, "Change this topic").click()
    page.get_by_role("menuitem", name="Delete topic…").click()
    button(page, "Delete").click()
    expect(dialog.get_by_role("alert")).to_contain_text(f"Type {name} to confirm.")
    dialog.get_by_label("Type the topic's name").fill(name)
    button(page, "Delete").click()
    expect(page).to_have_url(re.compile("/topics$"))
    expect(page.get_by_role("link", name=name)).to_have_count(0)


def test_a_message_is_produced_through_the_dialog(watched: Watched, topic: str) -> None:
    page = watched.open(f"/topics/{topic}")
    expect(rows(page, "Messages")).to_have_count(21)
    button(page, "Produce").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Key").fill("from-the-page")
    dialog.get_by_label("Value").first.fill('{"typed": true}')
    dialog.get_by_label("Headers").fill("trace=1")
    button(page, "Send").click()
    expect(page.get_by_text(re.compile(r"Acknowledged: partition \d, offset \d+"))).to_be_visible()
    expect(rows(page, "Messages").first).to_contain_text("from-the-page")


def test_two_browsers_read_two_languages_also_in_what_comes_later(
    browser: Browser, kafka_ui: RunningConsole, topic: str
) -> None:
    contexts = [browser.new_context(locale="en-US") for _ in range(2)]
    english, portuguese = (Watched(context, kafka_ui.url) for context in contexts)
    english.open("/topics")
    portuguese.open("/topics")
    button(portuguese.page, "Português").click()
    expect(portuguese.page.locator("html")).to_have_attribute("lang", "pt-BR")
    # An event handler speaks: the dialog's refusal is made when the button is clicked.
    for page, create, make in (
        (portuguese.page, "Criar tópico", "Criar"),
        (english.page, "Create topic", "Create"),
    ):
        button(page, create).click()
        button(page, make).click()
    expect(portuguese.page.get_by_role("alert").last).to_contain_text("Nome: de 1 a 249 letras")
    expect(english.page.get_by_role("alert").last).to_contain_text("Name: 1 to 249 letters")
    # A timer speaks: the header's figure is written anew after every poll.
    expect(portuguese.open(f"/topics/{topic}").get_by_role("status")).to_contain_text("mostradas")
    expect(english.open(f"/topics/{topic}").get_by_role("status")).to_contain_text("shown")
    assert english.wrong + portuguese.wrong == []
    for context in contexts:
        context.close()


def test_the_theme_is_remembered(watched: Watched) -> None:
    page = watched.open("/")
    before = page.locator("body").get_attribute("class") or ""
    button(page, "Light or dark").click()
    wanted = "body--light" if "body--dark" in before else "body--dark"
    expect(page.locator("body")).to_have_class(re.compile(wanted))
    page.reload()
    expect(page.locator("body")).to_have_class(re.compile(wanted))


@pytest.mark.parametrize("width", [360, 1920])
def test_no_page_scrolls_sideways(
    browser: Browser, kafka_ui: RunningConsole, topic: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    watched = Watched(context, kafka_ui.url)
    for path in addresses(topic):
        page = watched.open(path)
        page.wait_for_timeout(500)
        over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert over <= 0, f"{path} is {over} px too wide at {width} px"
        expect(button(page, "Light or dark")).to_be_in_viewport(ratio=1)
    assert watched.wrong == []
    context.close()


def test_times_are_told_in_the_zone_of_the_browser(
    browser: Browser, kafka_ui: RunningConsole, topic: str
) -> None:
    context = browser.new_context(timezone_id="America/Sao_Paulo", locale="en-US")
    watched = Watched(context, kafka_ui.url)
    page = watched.open(f"/topics/{topic}")
    page.locator(".kw-open").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("America/Sao_Paulo")
    assert watched.wrong == []
    context.close()


def test_a_table_is_sorted_by_keyboard(watched: Watched) -> None:
    page = watched.open("/brokers")
    first = rows(page, "Brokers").first.locator("td").first
    header = page.get_by_role("button", name="Broker", exact=True)
    header.press("Enter")
    # The rows stood in this order before: the header says that it is sorted now.
    expect(page.locator("th", has=header)).to_have_class(re.compile(r"\bsorted\b"))
    expect(first).to_have_text("1")
    header.press("Enter")
    expect(first).to_have_text("3")


def test_the_keyboard_reaches_content_navigation_and_dialogs(watched: Watched) -> None:
    page = watched.open("/topics")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    button(page, "Create topic").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
