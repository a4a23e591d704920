"""Who may talk to the console: hosts, origins, policy, cookies."""

import asyncio
import re

import pytest
from starlette.types import Message, Receive, Scope, Send

from kafka_workshop.console.browser import BrowserPreferences, from_cookies, preferences
from kafka_workshop.console.guard import Guard, allowed_hosts
from kafka_workshop.language import current, tr

PAGE = b"<html><script>1</script><script type=module>2</script></html>"


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with a page, or accepts a websocket."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        return
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": PAGE[:20], "more_body": True})
    await send({"type": "http.response.body", "body": PAGE[20:]})


def ask(method: str = "GET", kind: str = "http", **headers: str) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": f"{kind}.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope: Scope = {"type": kind, "method": method, "path": "/", "headers": encoded}
    asyncio.run(Guard(application, allowed_hosts(8087))(scope, receive, send))
    return sent


@pytest.mark.parametrize("host", ["localhost:8087", "127.0.0.1:8087", "[::1]:8087"])
def test_this_machine_under_its_own_names_is_served(host: str) -> None:
    assert ask(host=host)[0]["status"] == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example:8087", "localhost:80", "localhost", "", "localhost.evil.example:8087"],
)
def test_any_other_host_is_refused(host: str) -> None:
    assert ask(host=host)[0]["status"] == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://localhost:8087", ""])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_foreign_origin_is_refused(origin: str, method: str) -> None:
    assert ask(method, host="localhost:8087", origin=origin)[0]["status"] == 403


def test_a_write_without_an_origin_is_refused() -> None:
    assert ask("POST", host="localhost:8087")[0]["status"] == 403
    own = ask("POST", host="localhost:8087", origin="http://localhost:8087")
    assert own[0]["status"] == 200


def test_a_websocket_needs_our_own_origin() -> None:
    host = "127.0.0.1:8087"
    accepted = ask(kind="websocket", host=host, origin=f"http://{host}")
    assert accepted[0]["type"] == "websocket.accept"
    for refused in (
        ask(kind="websocket", host=host),
        ask(kind="websocket", host=host, origin="http://evil.example"),
        ask(kind="websocket", host="evil.example", origin=f"http://{host}"),
    ):
        assert refused[0]["type"] == "websocket.close"


def test_each_response_has_a_policy_with_a_nonce_of_its_own() -> None:
    policies = set()
    for _ in range(2):
        start, body = ask(host="localhost:8087")
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        policy = headers["content-security-policy"]
        policies.add(policy)
        nonce = re.search(r"'nonce-([\w-]+)'", policy)
        assert nonce is not None
        assert body["body"].count(f'<script nonce="{nonce[1]}"'.encode()) == 2
        assert headers["content-length"] == str(len(body["body"]))
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy.split("style-src")[0]
        assert headers["x-content-type-options"] == "nosniff"
    assert len(policies) == 2


def test_cookies_that_are_not_ours_count_as_not_said() -> None:
    chosen = from_cookies("workshop-language=pt-BR; workshop-theme=dark", "en")
    assert (chosen.language, chosen.theme) == ("pt-BR", "dark")
    hostile = "workshop-language=xx; workshop-theme=<b>; workshop-zone=../../etc/passwd; =;;"
    chosen = from_cookies(hostile, "pt-BR")
    assert (chosen.language, chosen.theme, chosen.zone.key) == ("pt-BR", None, "UTC")
    zone = from_cookies("workshop-zone=America%2FSao_Paulo", "en").zone
    assert zone.key == "America/Sao_Paulo"


def test_two_browsers_at_once_are_each_served_in_their_language() -> None:
    spoken: dict[str, list[str]] = {"en": [], "pt-BR": []}

    async def speaks(scope: Scope, _: Receive, __: Send) -> None:
        wanted = dict(scope["headers"])[b"wanted"].decode()
        for _again in range(3):  # the other one is served in between
            await asyncio.sleep(0)
            spoken[wanted].append(tr("topic", "tópico"))
        # What a handler starts later, or runs in a thread, inherits it.
        spoken[wanted].append(await asyncio.create_task(asyncio.to_thread(current)))
        spoken[wanted].append(preferences().language)

    async def nothing() -> Message:
        return {}

    async def ignore(_: Message) -> None:
        return

    async def both() -> None:
        app = BrowserPreferences(speaks, "en")
        await asyncio.gather(
            *(
                asyncio.create_task(
                    app(
                        {
                            "type": kind,
                            "headers": [
                                (b"cookie", f"workshop-language={wanted}".encode()),
                                (b"wanted", wanted.encode()),
                            ],
                        },
                        nothing,
                        ignore,
                    )
                )
                for kind, wanted in (("http", "en"), ("websocket", "pt-BR"))
            )
        )

    asyncio.run(both())
    assert spoken == {
        "en": ["topic"] * 3 + ["en", "en"],
        "pt-BR": ["tópico"] * 3 + ["pt-BR", "pt-BR"],
    }
