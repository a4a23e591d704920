"""What the verbs ask of a running supervisor, with Docker Compose's meaning, in a safe order.

======== ==================================================================
verb     meaning
======== ==================================================================
stop     SIGTERM, SIGKILL after a while; it stays down
start    start what is down and wait until it is ready
restart  stop, then start
kill     SIGKILL; it stays down (the restart policy is for accidents)
pause    SIGSTOP: alive, and silent
unpause  SIGCONT
======== ==================================================================
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from kafka_workshop.cluster.supervised import Supervised
from kafka_workshop.cluster.supervisor import Supervisor, by_rank
from kafka_workshop.errors import UserError
from kafka_workshop.language import tr

Order = Callable[[list[Supervised]], Awaitable[None]]


class NotNow(UserError):
    """The system is starting or stopping and takes no orders."""


async def carry_out(supervisor: Supervisor, verb: str, names: Sequence[str]) -> None:
    """Do `verb` to the services named, to all of them where none is.

    Raises:
        UnknownService: names one that does not exist; nothing was done.
        NotNow: the system is starting or stopping.
        ServiceFailed: one did not start; with its last log lines.
    """
    _require_settled(supervisor)
    chosen = [each for name in names for each in supervisor.instances(name)]
    chosen = chosen or supervisor.supervised
    await ORDERS[verb](chosen)


async def scale(supervisor: Supervisor, name: str, count: int) -> None:
    """Make `name` so many instances.

    Raises:
        NotNow, NotScalable, ServiceFailed: as `carry_out` and `Supervisor.scale`.
    """
    _require_settled(supervisor)
    await supervisor.scale(name, count)


async def set_rate(supervisor: Supervisor, name: str, rate: float) -> None:
    """Make `name` send so many messages a second.

    Raises:
        NotNow, NotPaced, UserError, ServiceFailed: as `carry_out` and `Supervisor.set_rate`.
    """
    _require_settled(supervisor)
    await supervisor.set_rate(name, rate)


def _require_settled(supervisor: Supervisor) -> None:
    if not supervisor.settled:
        raise NotNow(
            tr(
                "The system is starting or stopping: ./workshop ps shows it.",
                "O sistema está iniciando ou parando: ./workshop ps mostra.",
            )
        )


async def _stop(services: list[Supervised]) -> None:
    for group in by_rank(services):
        await asyncio.gather(*(each.stop() for each in group))


async def _start(services: list[Supervised]) -> None:
    # What stops last starts first: brokers after ZooKeeper, programs after brokers.
    for group in reversed(by_rank(services)):
        await asyncio.gather(*(each.start() for each in group))


async def _restart(services: list[Supervised]) -> None:
    await _stop(services)
    await _start(services)


async def _kill(services: list[Supervised]) -> None:
    await asyncio.gather(*(each.kill() for each in services))


async def _pause(services: list[Supervised]) -> None:
    for each in services:
        each.pause()


async def _unpause(services: list[Supervised]) -> None:
    for each in services:
        each.unpause()


ORDERS: dict[str, Order] = {
    "stop": _stop,
    "start": _start,
    "restart": _restart,
    "kill": _kill,
    "pause": _pause,
    "unpause": _unpause,
}
