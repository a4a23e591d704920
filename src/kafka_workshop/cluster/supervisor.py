"""The group of services: order of start and stop, signals, rotation of logs."""

import asyncio
import signal
import time
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from itertools import groupby

from kafka_workshop.cluster import logfiles
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.service import Plan, Stage
from kafka_workshop.cluster.supervised import (
    FAILED,
    READY,
    STOPPED,
    STOPPING,
    Event,
    Report,
    Status,
    Supervised,
)
from kafka_workshop.errors import WorkshopError

ROTATE_EVERY_S = 5.0
_START_EVENTS = 100


class Supervisor:
    """Starts a plan stage by stage, keeps it running, stops it in the order of `stop_rank`."""

    def __init__(self, plan: Plan, folders: RunFolders, report: Report) -> None:
        self._plan = plan
        self._folders = folders
        self._listeners: list[Report] = [report]
        self._services = {s.name: Supervised(s, folders, self._tell) for s in plan.services}
        self._stop_requested = asyncio.Event()
        self.system = Event("", "starting")
        self._told: list[Event] = []

    async def run(self) -> int:
        """Start everything, wait for a request to stop, stop everything; return the exit code."""
        self._folders.make()
        housekeeping = asyncio.create_task(self._rotate_logs())
        await self._start_unless_stopped()
        failed = self.system.state == FAILED
        if not failed:
            await self._stop_requested.wait()
        await self._stop_all()
        housekeeping.cancel()
        with suppress(asyncio.CancelledError):
            await housekeeping
        return 1 if failed else 0

    def handle_signals(self) -> None:
        """SIGINT, SIGTERM and SIGHUP: the first drains and stops, the second kills."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._on_signal)

    def _on_signal(self) -> None:
        if self._stop_requested.is_set():
            self.kill_all()
        self.request_stop()

    def request_stop(self) -> None:
        """Drain and stop."""
        self._stop_requested.set()

    def kill_all(self) -> None:
        """Send SIGKILL to every service."""
        for supervised in self._services.values():
            supervised.kill()

    def subscribe(self, listener: Report) -> None:
        """Report every further event to `listener` too."""
        self._listeners.append(listener)

    def unsubscribe(self, listener: Report) -> None:
        """Report no more to `listener`."""
        self._listeners.remove(listener)

    def start_events(self) -> list[Event]:
        """Return what was reported since the start, for who comes late."""
        return list(self._told)

    def status(self) -> list[Status]:
        """Return what `ps` says, in the order of start."""
        return [supervised.status() for supervised in self._services.values()]

    async def _start_unless_stopped(self) -> None:
        starting = asyncio.create_task(self._start_all())
        stopping = asyncio.create_task(self._stop_requested.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        starting.cancel()  # without effect on one that is done
        with suppress(asyncio.CancelledError):
            await starting

    async def _start_all(self) -> None:
        began = time.monotonic()
        try:
            for stage in self._plan.stages:
                await self._start_stage(stage)
        except WorkshopError as error:
            self._tell_system(FAILED, time.monotonic() - began, str(error))
        else:
            self._tell_system(READY, time.monotonic() - began)

    async def _start_stage(self, stage: Stage) -> None:
        began = time.monotonic()
        self._tell(Event("", "stage", 0.0, stage.title))
        await _together(self._services[service.name].start() for service in stage.services)
        await stage.after()
        self._tell(Event("", "stage-done", time.monotonic() - began, stage.title))

    async def _stop_all(self) -> None:
        began = time.monotonic()
        self._tell_system(STOPPING, 0.0)
        ranked = sorted(self._services.values(), key=lambda each: each.service.stop_rank)
        for _, group in groupby(ranked, key=lambda each: each.service.stop_rank):
            await asyncio.gather(*(each.stop() for each in group))
        self._tell_system(STOPPED, time.monotonic() - began)

    async def _rotate_logs(self) -> None:
        while True:
            await asyncio.sleep(ROTATE_EVERY_S)
            for name in self._services:
                logfiles.rotate(self._folders.log_of(name))

    def _tell_system(self, state: str, seconds: float, detail: str = "") -> None:
        self.system = Event("", state, seconds, detail)
        self._tell(self.system)

    def _tell(self, event: Event) -> None:
        if len(self._told) < _START_EVENTS:
            self._told.append(event)
        for listener in list(self._listeners):
            listener(event)


async def _together(coroutines: Iterable[Coroutine[object, object, None]]) -> None:
    """Run coroutines together; the first failure cancels the rest and is raised as it is."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        for done in asyncio.as_completed(tasks):
            await done
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
