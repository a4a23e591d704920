"""A supervisor of small real processes in the place of servers, and what it reported."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.process import Command
from kafka_workshop.cluster.readiness import FileMade
from kafka_workshop.cluster.service import LastWord, Plan, Service, Stage, nothing
from kafka_workshop.cluster.states import Event
from kafka_workshop.cluster.supervisor import Supervisor

SERVER = """
import pathlib, signal, sys, time
ready, trace, name = sys.argv[1:4]
def leave(*_):
    with open(trace, "a") as file:
        file.write(f"{name} ended\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
with open(trace, "a") as file:
    file.write(f"{name} started\\n")
pathlib.Path(ready).touch()
while True:
    time.sleep(60)
"""
STUBBORN = SERVER.replace("signal.SIGTERM, leave", "signal.SIGTERM, signal.SIG_IGN")
DYING = "import sys; print('out of cheese'); sys.exit(3)"
FINISHING = "import pathlib, sys; pathlib.Path(sys.argv[1]).touch()"


class Bench:
    """A supervisor of small programs, and what it reported."""

    def __init__(self, folder: Path) -> None:
        self.folders = RunFolders(folder)
        self.folders.make()
        self.trace = folder / "trace"
        self.events: list[Event] = []

    def service(self, name: str, code: str = SERVER, rank: int = 0) -> Service:
        ready = self.folders.ready_file_of(name)
        arguments = [sys.executable, "-c", code, str(ready), str(self.trace), name]
        return Service(
            name=name,
            command=Command(arguments, {}, self.folders.root),
            probe=FileMade(ready),
            stop_rank=rank,
            ready_file=ready,
            start_seconds=10.0,
            stop_seconds=0.5 if code == STUBBORN else 5.0,
            restart_delay=0.01,
        )

    def run(
        self,
        *stages: Stage,
        then: Callable[[Supervisor], Awaitable[None]] | None = None,
        scalable: Mapping[str, Callable[[int], Service]] | None = None,
        last_word: LastWord | None = None,
        paced: Mapping[str, Callable[[float], Service]] | None = None,
        afterwards: Callable[[], Awaitable[None]] = nothing,
    ) -> int:
        plan = Plan(stages, scalable or {}, last_word, paced or {}, afterwards)
        return asyncio.run(self._run(plan, then))

    async def _run(self, plan: Plan, then: Callable[[Supervisor], Awaitable[None]] | None) -> int:
        supervisor = Supervisor(plan, self.folders, self.events.append)
        running = asyncio.create_task(supervisor.run())
        try:
            await until(lambda: supervisor.system.state != "starting", "the start to end")
            if then:
                await then(supervisor)
        finally:
            supervisor.request_stop()
        return await running

    def states(self, service: str) -> list[str]:
        return [event.state for event in self.events if event.service == service]

    def lines(self) -> list[str]:
        return self.trace.read_text().splitlines() if self.trace.exists() else []


async def until(condition: Callable[[], bool], what: str, seconds: float = 15.0) -> None:
    async def wait() -> None:
        while not condition():
            await asyncio.sleep(0.01)

    try:
        await asyncio.wait_for(wait(), seconds)
    except TimeoutError:
        raise AssertionError(f"not within {seconds:.0f} s: {what}") from None
