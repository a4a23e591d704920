"""Says who is asking before a request or a websocket is handled.

As with a browser's language, every task that NiceGUI starts afterwards inherits it: a page's
builder and timers from the request, event handlers from the browser's own websocket.
"""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from kafka_workshop.console.access import roles
from kafka_workshop.console.access.roles import LOCAL, Attempt, Caller, Session

Recorder = Callable[[Attempt], None]
Identify = Callable[[Headers], Session]


def everybody(record: Recorder, *, read_only: bool) -> Identify:
    """Return what takes everybody for an operator: a loopback address without a login."""
    session = Session(lambda: Caller(LOCAL.name, LOCAL.role, read_only), record)
    return lambda _: session


class Entrance:
    """ASGI middleware: serves each request and websocket as its caller."""

    def __init__(self, app: ASGIApp, identify: Identify) -> None:
        self._app, self._identify = app, identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or websocket."""
        if scope["type"] in {"http", "websocket"}:
            roles.use(self._identify(Headers(scope=scope)))
        await self._app(scope, receive, send)
