"""The login: who gets in, with what, for how long; and that nobody else gets anything."""

import asyncio
import stat
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI
from nicegui import app as nicegui_app
from starlette.types import Message, Receive, Scope, Send

from kafka_workshop import logs
from kafka_workshop.console.access import passwords, roles
from kafka_workshop.console.access.audit import AuditLog
from kafka_workshop.console.access.entrance import Entrance, is_open
from kafka_workshop.console.access.failures import FAILURES_IN_ALL, FAILURES_PER_NAME, Failures
from kafka_workshop.console.access.house import open_house
from kafka_workshop.console.access.login import own_path
from kafka_workshop.console.access.roles import LOCAL, Role, Session
from kafka_workshop.console.access.sessions import (
    LIFETIME_SECONDS,
    Ended,
    Sessions,
    local_pass,
    secret_in,
)
from kafka_workshop.console.access.users import User, Users, WrongUser, parse, read, rendered, write
from kafka_workshop.console.guard import Guard, allowed_hosts
from kafka_workshop.console.outgoing import NotAllowed
from kafka_workshop.errors import InvalidSetting
from kafka_workshop.settings import ConsoleSettings
from tests.console.visiting import LOG, paths_of, visit_console

PASSWORD = "correct horse battery"  # noqa: S105 - of these tests
KEPT = passwords.hashed(PASSWORD)
ANA, OLGA, VERA = (
    User(name, role, KEPT)
    for name, role in (("ana", Role.ANALYST), ("olga", Role.OPERATOR), ("vera", Role.VIEWER))
)
URL = "http://localhost:8087"
Story = Callable[[httpx.AsyncClient], Awaitable[None]]


@pytest.fixture(autouse=True)
def everybody_again() -> Iterator[None]:
    yield
    roles.use(Session(lambda: LOCAL))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "users", (ANA, OLGA, VERA))
    return tmp_path


def settings_in(folder: Path, *, read_only: bool = False) -> ConsoleSettings:
    return ConsoleSettings(
        ("127.0.0.1:9",), "127.0.0.1", 8087, "native", LOG,
        data=folder, users=folder / "users", read_only=read_only,
    )  # fmt: skip


class Door:
    """An application behind guard and entrance that says who is asking."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.audit = AuditLog(folder / "console", logs.configure(LOG, "test"))
        house = open_house(settings_in(folder, read_only=read_only), self.audit)
        self.app = FastAPI()
        self.app.include_router(house.routes)
        self.app.api_route("/who", methods=["GET", "POST"])(self._who)
        self.app.api_route("/_nicegui_ws/socket.io/", methods=["POST"])(self._who)
        self.app.add_middleware(Entrance, identify=house.identify)
        self.app.add_middleware(Guard, hosts=allowed_hosts(8087))

    async def _who(self) -> dict[str, object]:
        who = roles.caller()
        return {"name": who.name if who else None, "operator": roles.may(Role.OPERATOR)}

    def visit(self, story: Story) -> None:
        async def run() -> None:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
                await story(client)

        asyncio.run(run())

    def told(self) -> list[tuple[str, str, str]]:
        return [(e.who, e.action, e.outcome) for e in reversed(self.audit.entries())]


async def log_in(
    client: httpx.AsyncClient, name: str = "olga", password: str = PASSWORD, **more: str
) -> httpx.Response:
    form = urlencode({"name": name, "password": password, **more})
    kind = {"origin": URL, "content-type": "application/x-www-form-urlencoded"}
    return await client.post("/login", content=form, headers=kind)


def test_a_password_is_kept_salted_and_only_itself_matches() -> None:
    again = passwords.hashed(PASSWORD)
    assert again != KEPT
    assert PASSWORD not in again
    assert passwords.matches(PASSWORD, again)
    assert not passwords.matches(PASSWORD + " ", again)
    assert not passwords.matches(PASSWORD, None)
    assert not passwords.matches("", again)
    assert len({passwords.generated() for _ in range(20)}) == 20
    passwords.check(passwords.generated())


@pytest.mark.parametrize("wrong", ["short", "x" * 201, ""])
def test_a_password_too_short_or_too_long_is_refused_without_being_said(wrong: str) -> None:
    with pytest.raises(NotAllowed, match="12 to 200") as refused:
        passwords.check(wrong)
    assert not wrong or wrong not in str(refused.value)


def test_the_users_file_is_its_owners_alone_and_reads_as_it_was_written(folder: Path) -> None:
    path = folder / "users"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(read(path).values()) == {ANA, OLGA, VERA}
    assert parse("# people\n\n" + rendered([ANA])) == {"ana": ANA}
    assert PASSWORD not in path.read_text()
    assert KEPT not in repr(ANA)
    assert [p.name for p in folder.iterdir()] == ["users"]


@pytest.mark.parametrize(
    "line",
    [
        "ana", "ana:boss:KEPT", "a b:viewer:KEPT", "ana:viewer:PASSWORD",
        "ana:viewer:scrypt$1099511627776$8$3$AAAA$AAAA", "x:viewer:KEPT\nx:operator:KEPT",
        "ana:viewer:scrypt$32768$8$3$AAAA$?", ":viewer:KEPT", "ana:viewer:plain$1$1$1$AA$AA",
    ],
)  # fmt: skip
def test_a_line_that_is_no_user_is_named_by_its_number_not_by_what_it_says(line: str) -> None:
    with pytest.raises(WrongUser, match=r"Line \d") as refused:
        parse(line.replace("KEPT", KEPT).replace("PASSWORD", PASSWORD))
    assert PASSWORD not in str(refused.value)


def test_a_console_that_would_let_nobody_in_does_not_start(tmp_path: Path) -> None:
    for content in (None, "", "ana\n"):
        if content is not None:
            (tmp_path / "users").write_text(content)
        with pytest.raises(InvalidSetting, match="CONSOLE_USERS"):
            Door(tmp_path)
    assert not (tmp_path / "console").exists()


def test_nobody_gets_a_page_or_a_figure_without_a_login(folder: Path) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        page = await client.get("/who?x=1", headers={"accept": "text/html"})
        assert (page.status_code, page.headers["location"]) == (303, "/login?next=%2Fwho%3Fx%3D1")
        answer = await client.get("/who")
        assert (answer.status_code, answer.json()) == (401, {"detail": "Log in first."})
        assert (await client.post("/who", headers={"origin": URL})).status_code == 401
        forged = {"cookie": "workshop-session-8087=WyJvbGdhIl0.aaaa.bbbb"}
        assert (await client.get("/who", headers=forged)).status_code == 401

    Door(folder).visit(story)


def test_a_login_opens_a_session_in_a_strict_cookie_and_goes_on_where_one_was(folder: Path) -> None:
    door = Door(folder)

    async def story(client: httpx.AsyncClient) -> None:
        answer = await log_in(client, next="/topics/a?x=1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/topics/a?x=1")
        cookie = answer.headers["set-cookie"]
        for word in ("workshop-session-8087=", "HttpOnly", "SameSite=strict", "Path=/"):
            assert word in cookie
        assert (await client.get("/who")).json() == {"name": "olga", "operator": True}
        assert (await client.get("/login")).status_code == 303
        await client.post("/logout", headers={"origin": URL})
        assert (await client.get("/who")).status_code == 401
        # The token itself has ended, not only the browser's copy of it.
        kept = {"cookie": cookie.split(";")[0]}
        assert (await client.get("/who", headers=kept)).status_code == 401

    door.visit(story)
    assert door.told() == [("olga", "login", "done"), ("olga", "logout", "done")]
    # A restart forgets neither the secret nor who has logged out.
    Door(folder).visit(lambda client: _still_out(client, folder))


async def _still_out(client: httpx.AsyncClient, folder: Path) -> None:
    key = folder / "console" / "session.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    answer = await log_in(client)
    assert answer.status_code == 303
    assert (folder / "console" / "sessions-ended.json").read_text() != "{}"


def test_a_wrong_name_and_a_wrong_password_are_answered_alike_and_soon_no_more(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, checked = Door(folder), []

    def matches(_: str, kept: str | None) -> bool:
        checked.append(kept)
        return False

    monkeypatch.setattr(passwords, "matches", matches)

    async def story(client: httpx.AsyncClient) -> None:
        for name in ("olga", "nobody", "<b>"):
            answer = await log_in(client, name, "wrong <b>")
            assert answer.status_code == 401
            assert "Name or password is wrong." in answer.text
            assert "wrong &lt;b&gt;" not in answer.text
            assert "<b>" not in answer.text
        for _ in range(FAILURES_PER_NAME - 1):
            await log_in(client, "olga", "wrong")
        heard = len(checked)
        answer = await log_in(client, "olga", PASSWORD)
        assert answer.status_code == 429
        assert "Too many failed attempts" in answer.text
        assert len(checked) == heard
        assert (await log_in(client, "vera", "wrong")).status_code == 401

    door.visit(story)
    # Of a name that nobody has, a password is compared all the same: it takes as long.
    assert None in checked
    assert door.told()[-2] == ("olga", "login", "refused")
    assert "wrong" not in {e.target for e in door.audit.entries()}


def test_failures_are_forgotten_after_a_minute_and_bounded_in_all() -> None:
    now = [0.0]
    failures = Failures(lambda: now[0])
    for n in range(FAILURES_IN_ALL):
        assert failures.wait_seconds("ana") == 0
        failures.add(f"name-{n}")
    now[0] = 59.5
    assert failures.wait_seconds("ana") == 1
    now[0] = 60.0
    assert failures.wait_seconds("ana") == 0


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "",
     "/login?next=/", "/logout", "/a\nb", "/\t/evil.example", "topics"],
)  # fmt: skip
def test_a_login_leads_to_a_page_of_ours_alone(elsewhere: str) -> None:
    assert own_path(elsewhere) == "/"


def test_a_form_from_another_site_is_refused(folder: Path) -> None:
    door = Door(folder)

    async def story(client: httpx.AsyncClient) -> None:
        for origin in ({}, {"origin": "null"}, {"origin": "http://evil.example"}):
            for path in ("/login", "/logout", "/who"):
                answer = await client.post(path, headers=origin)
                assert answer.status_code == 403
        assert (await client.get("/login", headers={"host": "evil.example"})).status_code == 403

    door.visit(story)
    assert door.told() == []


def test_what_posts_is_for_operators_but_for_the_transport_of_events(folder: Path) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        await log_in(client, "vera")
        answer = await client.post("/who", headers={"origin": URL})
        assert (answer.status_code, answer.json()["detail"]) == (
            403, "This needs the role operator; vera is viewer.",
        )  # fmt: skip
        events = await client.post("/_nicegui_ws/socket.io/", headers={"origin": URL})
        assert events.json() == {"name": "vera", "operator": False}

    Door(folder).visit(story)


def test_read_only_makes_an_operator_look(folder: Path) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        await log_in(client)
        assert (await client.get("/who")).json() == {"name": "olga", "operator": False}
        answer = await client.post("/who", headers={"origin": URL})
        assert "CONSOLE_READ_ONLY=1" in answer.json()["detail"]

    Door(folder, read_only=True).visit(story)


def test_who_is_taken_out_or_given_another_password_or_role_is_so_at_once(folder: Path) -> None:
    path = folder / "users"

    async def story(client: httpx.AsyncClient) -> None:
        await log_in(client)
        write(path, (ANA, User("olga", Role.VIEWER, KEPT)))
        assert (await client.get("/who")).json() == {"name": "olga", "operator": False}
        write(path, (ANA, User("olga", Role.OPERATOR, passwords.hashed(PASSWORD))))
        assert (await client.get("/who")).status_code == 401
        await log_in(client)
        write(path, (ANA,))
        assert (await client.get("/who")).status_code == 401
        path.write_text("nonsense")
        assert (await log_in(client, "ana")).status_code == 401

    Door(folder).visit(story)


def test_a_token_ends_by_time_and_with_another_secret(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = Users(folder / "users")
    sessions = Sessions(users, "a" * 64, Ended(None))
    token = sessions.open(OLGA)
    assert sessions.caller(token, read_only=False)
    for other in (token[:-1], token + "A", "", "x" * 2_000, token.replace(".", "")):
        assert sessions.caller(other, read_only=False) is None
    assert Sessions(users, "b" * 64, Ended(None)).caller(token, read_only=False) is None
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + LIFETIME_SECONDS + 5)
    assert sessions.caller(token, read_only=False) is None


def test_the_command_line_may_look_with_the_secret_of_the_data_folder(folder: Path) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        shown = {"authorization": f"Bearer {local_pass(folder / 'console')}"}
        assert (await client.get("/who", headers=shown)).json() == {
            "name": "local", "operator": False,
        }  # fmt: skip
        wrong = {"authorization": "Bearer nonsense"}
        assert (await client.get("/who", headers=wrong)).status_code == 401
        answer = await client.post("/who", headers=shown | {"origin": URL})
        assert answer.status_code == 403

    Door(folder).visit(story)


def test_a_secret_is_made_once_and_one_cut_short_is_made_anew(tmp_path: Path) -> None:
    secret = secret_in(tmp_path)
    assert secret_in(tmp_path) == secret
    assert len(secret) == 64
    (tmp_path / "session.key").write_text("")
    assert len(secret_in(tmp_path)) == 64
    assert secret_in(None) != secret_in(None)


def test_a_websocket_needs_a_session_and_ends_with_it(folder: Path) -> None:
    sessions: list[Sessions] = []
    users = Users(folder / "users")
    sessions.append(Sessions(users, "a" * 64, Ended(None)))
    token = sessions[0].open(VERA)

    def identify(_: object) -> Session:
        return Session(lambda: sessions[0].caller(shown[0], read_only=False))

    shown = [""]
    sent: list[str] = []
    received: list[str] = []

    async def echo(_: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        for _turn in range(2):
            received.append((await receive())["type"])
            await send({"type": "websocket.send", "text": "figures"})

    async def receive() -> Message:
        if len(sent) > 1:
            sessions[0].close(token)
        return {"type": "websocket.receive"}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    entrance = Entrance(echo, identify)
    asyncio.run(entrance({"type": "websocket", "headers": []}, receive, send))
    assert (sent, received) == (["websocket.close"], [])
    shown[0], sent[:] = token, []
    asyncio.run(entrance({"type": "websocket", "headers": []}, receive, send))
    assert received == ["websocket.receive", "websocket.disconnect"]
    assert sent == ["websocket.accept", "websocket.send", "websocket.close"]


def test_every_route_but_the_open_ones_is_closed_to_nobody(folder: Path) -> None:
    house = open_house(settings_in(folder), AuditLog(None, logs.configure(LOG, "test")))
    roles.use(Session(lambda: None))

    async def story(_user: object, _console: object) -> None:
        reached: list[str] = []

        async def inner(scope: Scope, *_: object) -> None:
            reached.append(scope["path"])

        entrance = Entrance(inner, house.identify)
        transport = httpx.ASGITransport(entrance)
        paths = [_path(path) for path in paths_of(nicegui_app.routes)]
        assert {"/api/audit", "/metrics", "/topics/name", "/audit"} <= set(paths)
        async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
            for path in filter(None, paths):
                if is_open(path):
                    continue
                for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                    status = (await client.request(method, path)).status_code
                    assert status in {303, 401}, (method, path)
        assert reached == []

    visit_console(story)
    assert all(is_open(p) for p in ("/livez", "/readyz", "/login", "/static/console.css"))
    assert not any(is_open(p) for p in ("/", "/api/brokers", "/metrics", "/static/../api"))


def _path(path: str) -> str:
    return path.replace("{", "").replace("}", "").replace(":path", "")


def test_the_login_page_speaks_the_browsers_language_and_loads_nothing_foreign(
    folder: Path,
) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        answer = await client.get("/login?next=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
        assert answer.status_code == 200
        assert "<script" not in answer.text
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert "http" not in answer.text.replace("http-equiv", "")

    Door(folder).visit(story)
