"""Logging in, looking at what was done, and logging out, in a real Chromium; no brokers needed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from kafka_workshop import logs
from kafka_workshop.console.access.audit import AuditLog
from kafka_workshop.console.access.passwords import hashed
from kafka_workshop.console.access.roles import Attempt, Role
from kafka_workshop.console.access.users import User, write
from tests.console.running import RunningConsole, console, free_port
from tests.console.test_accessibility import grave
from tests.console.visiting import LOG
from tests.console.watching import Watched, button, rows

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"  # noqa: S105 - of these tests
HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningConsole]:
    """A console with a login, whose audit log holds hostile text."""
    folder = tmp_path_factory.mktemp("guarded")
    kept = hashed(PASSWORD)
    write(folder / "users", [User("olga", Role.OPERATOR, kept), User("vera", Role.VIEWER, kept)])
    plant(folder)
    users = {"CONSOLE_USERS": str(folder / "users")}
    with console((f"127.0.0.1:{free_port()}",), folder, **users) as running:
        yield running


def plant(folder: Path) -> None:
    audit = AuditLog(folder / "console", logs.configure(LOG, "test"))
    action = "<script>alert(1)</script>"
    audit.record(Attempt(HOSTILE, "operator", action, HOSTILE, "done", HOSTILE))
    audit.record(Attempt("vera", "viewer", "delete_topic", "orders", "refused", "needs operator"))


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    yield opened
    opened.close()


@pytest.fixture
def watched(context: BrowserContext, guarded: RunningConsole) -> Iterator[Watched]:
    page = Watched(context, guarded.url)
    yield page
    assert page.wrong == []


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    button(page, "Log in").click()


def test_an_operator_logs_in_sees_what_was_done_and_logs_out(
    watched: Watched, context: BrowserContext, guarded: RunningConsole
) -> None:
    page = watched.open("/audit?outcome=done")
    expect(page).to_have_url(re.compile(r"/login\?next="))
    assert grave(page) == []
    log_in(page, "olga", "not the password")
    expect(page.get_by_role("alert")).to_have_text("Name or password is wrong.")
    assert all("401" in each for each in watched.wrong)
    watched.wrong.clear()
    log_in(page, "olga")
    expect(page).to_have_url(re.compile(r"/audit\?outcome=done$"))
    expect(rows(page, "Audit log").filter(has_text="log in")).to_have_count(1)
    expect(rows(page, "Audit log").filter(has_text=HOSTILE)).to_have_count(1)
    assert page.locator("main img").count() == 0
    (cookie,) = (c for c in context.cookies() if c["name"].startswith("workshop-session"))
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    other = Watched(context, guarded.url)
    other.open("/topics")
    expect(button(other.page, "Create topic")).to_be_visible()
    button(page, "Log out").click()
    expect(page).to_have_url(re.compile("/login$"))
    other.page.reload()
    expect(other.page).to_have_url(re.compile(r"/login\?next=%2Ftopics$"))


def test_a_viewer_is_offered_nothing_that_writes(watched: Watched) -> None:
    page = watched.open("/topics")
    log_in(page, "vera")
    expect(page).to_have_url(re.compile("/topics$"))
    expect(page.get_by_text("vera · viewer")).to_be_visible()
    expect(button(page, "Create topic")).to_have_count(0)
    expect(page.get_by_role("link", name="Audit log")).to_have_count(0)
    page = watched.open("/audit")
    expect(page.get_by_text("This needs the role operator; vera is viewer.")).to_be_visible()


@pytest.mark.parametrize(("width", "language"), [(360, "pt-BR"), (1920, "en-US")])
def test_the_login_fits_every_width_and_language(
    browser: Browser, guarded: RunningConsole, width: int, language: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 700}, locale=language)
    cookie = {"name": "workshop-language", "value": language[:2].replace("pt", "pt-BR")}
    context.add_cookies([{**cookie, "url": guarded.url}])  # type: ignore[typeddict-item]
    watched = Watched(context, guarded.url)
    page = watched.open("/login")
    expect(page.locator("h1")).to_have_text("Entrar" if language == "pt-BR" else "Log in")
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert over <= 0
    assert grave(page) == []
    assert watched.wrong == []
    context.close()
