"""What one browser prefers: language, theme, time zone. Kept in its cookies, nowhere else.

The preferences are put into context variables before a request or a websocket is handled. Every
task that NiceGUI starts afterwards inherits them: the page's builder and its timers from the
request, event handlers from the browser's own websocket. So `tr` is right everywhere at once.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from kafka_workshop import language
from kafka_workshop.language import LANGUAGES, Language

LANGUAGE_COOKIE = "workshop-language"
THEME_COOKIE = "workshop-theme"
ZONE_COOKIE = "workshop-zone"
Theme = Literal["dark", "light"]
UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Preferences:
    """A browser's choices; a theme of `None` follows the operating system."""

    language: Language
    theme: Theme | None = None
    zone: ZoneInfo = UTC


_NONE = Preferences("en")
_current: ContextVar[Preferences] = ContextVar("preferences", default=_NONE)


def preferences() -> Preferences:
    """Return the preferences of the browser that is being served."""
    return _current.get()


def from_cookies(header: str, default: Language) -> Preferences:
    """Return what a `Cookie` header says; anything that is not ours counts as not said."""
    try:
        cookies = {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        cookies = {}
    wanted = cookies.get(LANGUAGE_COOKIE, "")
    chosen = next((known for known in LANGUAGES if known == wanted), default)
    themes: tuple[Theme, ...] = ("dark", "light")
    theme = next((known for known in themes if known == cookies.get(THEME_COOKIE)), None)
    return Preferences(chosen, theme, _zone(cookies.get(ZONE_COOKIE, "")))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name.replace("%2F", "/")) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


class BrowserPreferences:
    """ASGI middleware: serves each request and websocket with its browser's preferences."""

    def __init__(self, app: ASGIApp, default: Language) -> None:
        self._app, self._default = app, default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or websocket."""
        if scope["type"] in {"http", "websocket"}:
            chosen = from_cookies(Headers(scope=scope).get("cookie", ""), self._default)
            _current.set(chosen)
            language.use(chosen.language)
        await self._app(scope, receive, send)
