"""A browser's page under watch, and the words for finding things on it."""

from playwright.sync_api import BrowserContext, Dialog, Locator, Page, expect


class Watched:
    """A page and whatever it must never do: log errors, ask other hosts, open an alert."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.page: Page = context.new_page()
        self._url = url
        self.wrong: list[str] = []
        self.page.on("console", lambda m: self._note(m.type in {"error", "warning"}, m.text))
        self.page.on("pageerror", lambda error: self._note(True, str(error)))
        self.page.on("request", lambda r: self._note(not self._own(r.url), r.url))
        self.page.on("dialog", self._alerted)

    def _own(self, address: str) -> bool:
        return address.startswith((self._url, self._url.replace("http", "ws"), "data:", "blob:"))

    def _alerted(self, dialog: Dialog) -> None:
        self._note(True, "an alert")
        dialog.dismiss()

    def _note(self, wrong: bool, what: str) -> None:
        if wrong:
            self.wrong.append(what)

    def open(self, path: str) -> Page:
        self.page.goto(self._url + path)
        expect(self.page.locator("main h1")).to_be_visible()
        return self.page


def rows(page: Page, label: str) -> Locator:
    return page.locator(f'[aria-label="{label}"] tbody tr')


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def choose(page: Page, field: str, option: str) -> None:
    page.get_by_role("combobox", name=field).click()
    page.get_by_role("option", name=option, exact=True).click()
