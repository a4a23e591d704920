"""The session's cookie: its name, how it is read from a request and written to a browser."""

from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.responses import Response

from kafka_workshop.console.access.sessions import LIFETIME_SECONDS


def cookie_name(port: int) -> str:
    """Return the cookie's name; a browser has one jar for all ports of a host."""
    return f"workshop-session-{port}"


def token_of(headers: Headers, name: str) -> str:
    """Return the token that a request carries, or nothing."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def give(response: Response, name: str, token: str, *, secure: bool) -> None:
    """Have a browser keep a token; an empty one takes it away."""
    response.set_cookie(
        name,
        token,
        max_age=LIFETIME_SECONDS if token else 0,
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )
