"""A call that blocks holds up no end."""

import asyncio
import threading
import time

import pytest

from kafka_workshop import language
from kafka_workshop.cli.unawaited import unawaited
from kafka_workshop.errors import Unavailable
from kafka_workshop.language import tr


def test_what_the_call_returns_or_raises_comes_back() -> None:
    def refuse() -> str:
        raise Unavailable(tr("nobody there", "ninguém"))

    language.use("pt-BR")
    assert asyncio.run(unawaited(lambda: "done")) == "done"
    with pytest.raises(Unavailable, match="ninguém"):
        asyncio.run(unawaited(refuse))


def test_the_end_of_the_loop_does_not_wait_for_it() -> None:
    begun, released = threading.Event(), threading.Event()

    def stuck() -> None:
        begun.set()
        released.wait(60)

    async def scenario() -> None:
        call = asyncio.create_task(unawaited(stuck))
        assert await asyncio.to_thread(begun.wait, 10)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    started = time.monotonic()
    asyncio.run(scenario())
    ended = time.monotonic()
    released.set()
    assert ended - started < 20


def test_an_answer_that_comes_after_the_loop_has_ended_disturbs_nobody() -> None:
    released = threading.Event()

    async def scenario() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(unawaited(lambda: released.wait(60)), 0.01)

    asyncio.run(scenario())
    released.set()
    late = [thread for thread in threading.enumerate() if thread.name == "unawaited"]
    for thread in late:
        thread.join(10)
    assert not any(thread.is_alive() for thread in late)
