"""Who may talk to the console, and what a browser may do with its pages.

A page on any other site can make a browser send requests here, so loopback alone protects
nothing: the `Host` header must name this machine (against DNS rebinding), and whatever carries an
`Origin` must come from our own pages (against cross-site websockets and posts).

The content security policy is as strict as NiceGUI allows. What it forces:

- `'unsafe-eval'` for scripts: Vue compiles templates in the browser and NiceGUI evaluates its
  handlers. No data ever reaches either: texts go through Vue's interpolation.
- `'unsafe-inline'` for styles: Quasar and NiceGUI place inline style attributes.

Its inline scripts get a nonce of their own for each response, so an injected one does not run.
"""

import secrets
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kafka_workshop.language import tr

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def allowed_hosts(port: int, more: Iterable[str] = ()) -> frozenset[str]:
    """Return the values of `Host` that name this machine at `port`, and `more` that were chosen.

    >>> sorted(allowed_hosts(80, ["ui.example", "x:81"]) - allowed_hosts(80))
    ['ui.example', 'ui.example:80', 'x:81']
    """
    # Without a port is what a browser sends at port 80 or 443, to a proxy in front of us.
    chosen = {name if ":" in name else f"{name}:{port}" for name in more} | {*more}
    return frozenset(f"{name}:{port}" for name in _LOOPBACK) | chosen


def content_security_policy(nonce: str) -> str:
    """Return the policy for a page whose scripts carry `nonce`."""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{nonce}' 'unsafe-eval'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class Guard:
    """ASGI middleware: refuses foreign hosts and origins, adds the security headers."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app, self._hosts = app, hosts
        # A chosen name may be that of a proxy in front of us, which speaks TLS.
        chosen = {host for host in hosts if not host.startswith(_LOOPBACK)}
        self._origins = {f"http://{host}" for host in hosts} | {f"https://{h}" for h in chosen}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve or refuse one request or websocket."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
        elif not self._admitted(scope):
            await _refuse(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _Protected(send))

    def _admitted(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        if headers.get("host", "") not in self._hosts:
            return False
        origin = headers.get("origin")
        if origin is not None:
            return origin in self._origins
        # Browsers send an origin with every websocket and every write; so must anything else.
        return scope["type"] == "http" and scope["method"] in _SAFE_METHODS


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()  # the connect event; a close before accept is answered with 403
        await send({"type": "websocket.close", "code": 1008})
        return
    text = tr(
        "Open this page as http://localhost on this machine.",
        "Abra esta página como http://localhost nesta máquina.",
    )
    await PlainTextResponse(text, status_code=403)(scope, receive, send)


class _Protected:
    """Sends a response with security headers; gives the scripts of a page their nonce."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._nonce = secrets.token_urlsafe(16)
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            _secure(headers, self._nonce)
            if headers.get("content-type", "").startswith("text/html"):
                self._start = message  # its length changes with the nonces: wait for the body
                return
        elif self._start is not None and message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_page(self._start)
            return
        await self._send(message)

    async def _send_page(self, start: Message) -> None:
        # Data never holds a literal "<script": NiceGUI and Jinja escape it (a test makes sure).
        body = self._body.replace(b"<script", b'<script nonce="' + self._nonce.encode() + b'"')
        MutableHeaders(scope=start)["content-length"] = str(len(body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _secure(headers: MutableHeaders, nonce: str) -> None:
    headers["Content-Security-Policy"] = content_security_policy(nonce)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
