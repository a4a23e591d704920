"""A blocking call beside the event loop, which a Ctrl-C need not wait for.

`asyncio.to_thread` can be cancelled, but the loop's end waits for its thread: a request to brokers
that are gone holds it up for as long as that request is willing to wait.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def unawaited(call: Callable[[], T]) -> T:
    """Return what `call` returns, or raise what it raises; cancelled, leave it to itself."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(result)  # type: ignore[arg-type] # no error: it is a T

    def run() -> None:
        result, error = None, None
        try:
            result = call()
        except Exception as raised:  # noqa: BLE001 - it is raised again where it is awaited
            error = raised
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, result, error)

    context = contextvars.copy_context()  # for the language of an error
    threading.Thread(target=context.run, args=(run,), name="unawaited", daemon=True).start()
    return await answer
