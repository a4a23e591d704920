"""Takes the README's pictures of a running console.

    python -m tests.console.screenshots docs/images --url http://localhost:8087

Every page once in light and once in dark, wide and as on a phone; `--topic` and `--group` choose
whose pages are shown, `--only topic-wide-dark` takes that one alone. Exits with 1 if a page logs
an error.
"""

import argparse
import sys
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit

from playwright.sync_api import Browser, Page

from tests.console.chromium import chromium

WIDTHS = {"wide": (1440, 900), "phone": (360, 780)}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def pages(topic: str, group: str) -> dict[str, str]:
    """Return the path of each picture by its name."""
    return {
        "overview": "/",
        "alerts": "/alerts",
        "dlq": "/dlq",
        "chaos": "/chaos",
        "zookeeper": "/zookeeper",
        "brokers": "/brokers",
        "topics": "/topics",
        "topic": "/topics/" + quote(topic, safe=""),
        "groups": "/groups",
        "audit": "/audit",
        "rest": "/api/docs",
        "group": "/groups/" + quote(group, safe=""),
    }


def settle(page: Page) -> None:
    """Wait until the page has drawn what the read model knows."""
    page.wait_for_selector("main h1")
    page.wait_for_function("document.fonts.status === 'loaded'")
    page.wait_for_function("!document.querySelector('.q-table__progress')")
    page.wait_for_timeout(1500)  # one refresh of the page, so that rates are shown


def shoot(
    browser: Browser,
    url: str,
    folder: Path,
    wanted: dict[str, str],
    language: str,
    only: list[str],
) -> int:
    """Write the pictures into `folder` and return how many errors the pages logged."""
    errors: list[str] = []
    for theme in THEMES:
        for width, (w, h) in WIDTHS.items():
            context = browser.new_context(
                viewport={"width": w, "height": h}, color_scheme=theme, device_scale_factor=1
            )
            cookies = {"workshop-language": language, "workshop-theme": theme}
            for name, value in cookies.items():
                context.add_cookies([{"name": name, "value": value, "url": url}])
            page = context.new_page()
            page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
            for name, path in wanted.items():
                picture = f"{name}-{width}-{theme}"
                if only and picture not in only:
                    continue
                page.goto(url + path)
                settle(page)
                page.screenshot(path=folder / f"{picture}.png")
            context.close()
    sys.stderr.writelines(f"{error}\n" for error in errors)
    return len(errors)


def main(arguments: list[str] | None = None) -> int:
    """Take the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", default="http://localhost:8087")
    parser.add_argument("--topic", default="transactions")
    parser.add_argument("--group", default="transaction-monitor")
    parser.add_argument("--language", choices=("en", "pt-BR"), default="en")
    parser.add_argument("--only", action="append", default=[], help="e.g. overview-wide-dark")
    chosen = parser.parse_args(arguments)
    if urlsplit(chosen.url).hostname not in {"localhost", "127.0.0.1", "::1"}:
        parser.error("the console is on this machine")
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        wanted = pages(chosen.topic, chosen.group)
        return bool(shoot(browser, chosen.url, chosen.folder, wanted, chosen.language, chosen.only))


if __name__ == "__main__":
    sys.exit(main())
