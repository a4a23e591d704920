"""Says who is asking before a request or a websocket is handled, and lets nobody else in.

As with a browser's language, every task that NiceGUI starts afterwards inherits it: a page's
builder and timers from the request, event handlers from the browser's own websocket. A websocket
whose session has ended is closed with the next message in either direction.
"""

from collections.abc import Callable
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kafka_workshop.console.access import roles
from kafka_workshop.console.access.cookie import token_of
from kafka_workshop.console.access.roles import LOCAL, Attempt, Caller, Need, Role, Session, why_not
from kafka_workshop.console.access.sessions import Sessions

Recorder = Callable[[Attempt], None]
Identify = Callable[[Headers], Session]
LOGIN, LOGOUT = "/login", "/logout"
# What somebody without a session may have: health, the login itself, and what its page loads.
OPEN = frozenset({"/livez", "/readyz", "/favicon.ico", LOGIN, LOGOUT})
OPEN_FOLDERS = ("/static/",)
# The transport of NiceGUI's events, which also posts; what an event does is checked where it acts.
_EVENTS = "/_nicegui_ws/"
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_POLICY_VIOLATED = 1008


def everybody(record: Recorder, *, read_only: bool) -> Identify:
    """Return what takes everybody for an operator: a loopback address without a login."""
    session = Session(lambda: Caller(LOCAL.name, LOCAL.role, read_only), record)
    return lambda _: session


def by_cookie(sessions: Sessions, cookie: str, record: Recorder, *, read_only: bool) -> Identify:
    """Return what looks up whose session a request's cookie is, each time somebody asks."""

    def identify(headers: Headers) -> Session:
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return Session(lambda: sessions.local(shown), record)
        token = token_of(headers, cookie)
        return Session(lambda: sessions.caller(token, read_only=read_only), record)

    return identify


def is_open(path: str) -> bool:
    """Return whether a path is for everybody, logged in or not."""
    return path in OPEN or (path.startswith(OPEN_FOLDERS) and ".." not in path)


class Entrance:
    """ASGI middleware: serves each request and websocket as its caller, or refuses it."""

    def __init__(self, app: ASGIApp, identify: Identify) -> None:
        self._app, self._identify = app, identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or websocket."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        session = self._identify(Headers(scope=scope))
        roles.use(session)
        if scope["type"] == "websocket":
            await self._websocket(session, scope, receive, send)
            return
        refusal = _refusal(scope, session.caller())
        await (refusal or self._app)(scope, receive, send)

    async def _websocket(
        self, session: Session, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if session.caller() is None:
            await receive()  # the connect event; a close before accept is answered with 403
            await send({"type": "websocket.close", "code": _POLICY_VIOLATED})
            return
        watched = _Watched(session, receive, send)
        await self._app(scope, watched.receive, watched.send)


def _refusal(scope: Scope, caller: Caller | None) -> Response | None:
    path = str(scope["path"])
    if is_open(path):
        return None
    if caller is None:
        return _send_to_login(scope, path)
    if scope["method"] in _SAFE_METHODS or path.startswith(_EVENTS):
        return None
    # Whatever else posts, like a file for an import: the functions behind it ask once more.
    reason = why_not(caller, Need(Role.OPERATOR))
    return JSONResponse({"detail": reason}, status_code=403) if reason else None


def _send_to_login(scope: Scope, path: str) -> Response:
    accepted = Headers(scope=scope).get("accept", "")
    if scope["method"] in _SAFE_METHODS and "text/html" in accepted and "/api/" not in path:
        query = scope.get("query_string", b"").decode("latin-1")
        wanted = path + (f"?{query}" if query else "")
        where = LOGIN if wanted == "/" else f"{LOGIN}?next={quote(wanted, safe='')}"
        return RedirectResponse(where, status_code=303)
    reason = why_not(None, Need(Role.VIEWER))
    return JSONResponse({"detail": reason}, status_code=401)


class _Watched:
    """A websocket that is closed once its session has ended."""

    def __init__(self, session: Session, receive: Receive, send: Send) -> None:
        self._session, self._receive, self._send = session, receive, send
        self._closed = False

    async def receive(self) -> Message:
        """Hand on the next message, or say that the other side has gone."""
        message = await self._receive()
        if message["type"] != "websocket.receive" or not await self._over():
            return message
        return {"type": "websocket.disconnect", "code": _POLICY_VIOLATED}

    async def send(self, message: Message) -> None:
        """Hand on a message, unless nobody may have it any more."""
        if message["type"] == "websocket.close":
            if not self._closed:
                self._closed = True
                await self._send(message)
        elif not await self._over():
            await self._send(message)

    async def _over(self) -> bool:
        if self._closed:
            return True
        if self._session.caller() is not None:
            return False
        self._closed = True
        await self._send({"type": "websocket.close", "code": _POLICY_VIOLATED})
        return True
