"""The login: a plain page with a form, no script and no websocket, so nobody unknown has either."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from kafka_workshop.console.access import login_page, passwords
from kafka_workshop.console.access.cookie import give, token_of
from kafka_workshop.console.access.entrance import LOGIN, LOGOUT
from kafka_workshop.console.access.failures import Failures
from kafka_workshop.console.access.roles import Attempt, Outcome
from kafka_workshop.console.access.sessions import Sessions
from kafka_workshop.console.access.users import NAME, User, Users
from kafka_workshop.language import tr

_MAX_FORM_BYTES = 4_096


@dataclass(frozen=True)
class Form:
    """What was typed, and the page that was asked for before."""

    name: str = ""
    password: str = ""
    wanted: str = "/"


@dataclass(frozen=True)
class Desk:
    """What the login needs; `record` writes into the audit log."""

    users: Users
    sessions: Sessions
    failures: Failures
    cookie: str
    record: Callable[[Attempt], None]

    def enter(self, form: Form) -> tuple[User | None, str]:
        """Return who it is, or `None` and why not; it blocks for some tenths of a second."""
        name = form.name if NAME.fullmatch(form.name) else ""
        wait = self.failures.wait_seconds(name)
        if wait:
            self._tell(name, None, "refused", "too many failures")
            return None, too_many(wait)
        user = self.users.find(name)
        if not passwords.matches(form.password, user.password if user else None) or user is None:
            self.failures.add(name)
            self._tell(name, None, "refused", "wrong name or password")
            return None, tr("Name or password is wrong.", "Nome ou senha incorretos.")
        self._tell(name, user, "done", "")
        return user, ""

    def leave(self, token: str) -> None:
        """End a session, and write that down."""
        caller = self.sessions.caller(token, read_only=False)
        self.sessions.close(token)
        if caller is not None:
            self.record(Attempt(caller.name, caller.role.word, "logout", "", "done"))

    def _tell(self, name: str, user: User | None, outcome: Outcome, why: str) -> None:
        role = user.role.word if user else ""
        self.record(Attempt(name, role, "login", "", outcome, why))


def too_many(seconds: int) -> str:
    """Return the sentence for somebody who was wrong too often."""
    return tr(
        "Too many failed attempts. Try again in {n} s.",
        "Tentativas demais. Tente de novo em {n} s.",
        n=seconds,
    )


def read_form(body: bytes) -> Form:
    """Return what a form says; what is none of it counts as empty.

    >>> read_form(b"name=ana&password=a%20b&next=//evil.example")
    Form(name='ana', password='a b', wanted='/')
    """
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=5)
    except ValueError:
        return Form()
    name, password, wanted = (fields.get(n, [""])[0] for n in ("name", "password", "next"))
    return Form(name.strip(), password, own_path(wanted))


def own_path(wanted: str) -> str:
    """Return a path of this console; anything that leads elsewhere becomes the first page.

    >>> own_path("/topics/a?x=1"), own_path("//evil.example"), own_path("/\\\\evil.example")
    ('/topics/a?x=1', '/', '/')
    """
    plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted
    ours = wanted.startswith("/") and not wanted.startswith("//")
    return wanted if plain and ours and not wanted.startswith((LOGIN, LOGOUT)) else "/"


def login_router(desk: Desk) -> APIRouter:
    """Return the routes of login and logout, which are for everybody."""
    routes = APIRouter()

    @routes.get(LOGIN, include_in_schema=False)
    def page(request: Request) -> Response:
        wanted = own_path(request.query_params.get("next", "/"))
        if desk.sessions.caller(token_of(request.headers, desk.cookie), read_only=True):
            return RedirectResponse(wanted, status_code=303)
        return login_page.answer(wanted)

    @routes.post(LOGIN, include_in_schema=False)
    async def enter(request: Request) -> Response:
        body = await _bounded_body(request)
        form = read_form(body)
        user, reason = await asyncio.to_thread(desk.enter, form)
        if user is None:
            limited = desk.failures.wait_seconds(form.name)
            status = 429 if limited and reason == too_many(limited) else 401
            return login_page.answer(form.wanted, form.name, reason, status)
        answer = RedirectResponse(form.wanted, status_code=303)
        secure = request.headers.get("origin", "").startswith("https://")
        give(answer, desk.cookie, desk.sessions.open(user), secure=secure)
        return answer

    @routes.post(LOGOUT, include_in_schema=False)
    async def leave(request: Request) -> Response:
        token = token_of(request.headers, desk.cookie)
        await asyncio.to_thread(desk.leave, token)
        answer = RedirectResponse(LOGIN, status_code=303)
        give(answer, desk.cookie, "", secure=False)
        return answer

    return routes


async def _bounded_body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MAX_FORM_BYTES:
            return b""
    return body
