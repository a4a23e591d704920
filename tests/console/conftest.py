"""Who asks, unless a test says otherwise; a Chromium and a console for the tests of a module."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from kafka_workshop.console.access import roles
from kafka_workshop.console.access.roles import LOCAL, Session
from tests.console.chromium import chromium, executable
from tests.console.running import RunningConsole, console
from tests.support.waiting import wait_until

_MILLISECONDS = 20_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running Chromium; what is expected on a page is waited for, 20 seconds at most."""
    if executable() is None and "CI" not in os.environ:
        pytest.skip("no Chromium on this machine")
    expect.set_options(timeout=_MILLISECONDS)
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def kafka_ui(
    bootstrap_servers: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningConsole]:
    """A console beside the brokers, which answer it."""
    with console(bootstrap_servers, tmp_path_factory.mktemp("ui")) as running:
        wait_until(lambda: '"answer"' in running.get("/readyz")[1], 20, "the brokers answer")
        yield running


@pytest.fixture(autouse=True, scope="session")
def somebody() -> None:
    """As on a loopback address without a login: everybody is an operator."""
    roles.use(Session(lambda: LOCAL))
