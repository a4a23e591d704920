"""The Kafka UI of a running system, looked at in a real Chromium."""

from playwright.sync_api import expect

from tests.console.chromium import chromium
from tests.console.watching import Watched, rows
from tests.support.checkout import Checkout


def assert_the_page_shows_the_system(checkout: Checkout) -> None:
    """Find three brokers, the topic, its messages and the group's lag, without an error."""
    with chromium() as browser, browser.new_context(viewport={"width": 1200, "height": 900}) as tab:
        watched = Watched(tab, f"http://127.0.0.1:{checkout.console_port}")
        page = watched.open("/brokers")
        for port in checkout.broker_ports:
            expect(page.get_by_text(f"127.0.0.1:{port}").first).to_be_visible()
        page = watched.open("/topics")
        expect(page.get_by_role("link", name="transactions", exact=True)).to_be_visible()
        page = watched.open("/topics/transactions")
        expect(page.get_by_text("transaction_id").first).to_be_visible()
        page = watched.open("/groups/transaction-monitor")
        # Those of the labels stand there as well, once there are any.
        topic = page.get_by_role("cell", name="transactions", exact=True)
        expect(rows(page, "Lag by partition").filter(has=topic)).to_have_count(6)
        assert watched.wrong == []
