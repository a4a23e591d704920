"""The group of services: order of start and stop, signals, rotation of logs."""

import asyncio
import re
import signal
import time
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from itertools import groupby

from kafka_workshop.cluster import logfiles
from kafka_workshop.cluster.folders import SUPERVISOR, RunFolders
from kafka_workshop.cluster.roll import Roll
from kafka_workshop.cluster.service import Plan, Service, Stage
from kafka_workshop.cluster.states import (
    AT_REST,
    FAILED,
    READY,
    STOPPED,
    STOPPING,
    Event,
    Report,
    Status,
)
from kafka_workshop.cluster.stopping import StopTime
from kafka_workshop.cluster.supervised import Supervised
from kafka_workshop.errors import UserError, WorkshopError
from kafka_workshop.language import tr

ROTATE_EVERY_S = 5.0
MOST_INSTANCES = 12
_START_EVENTS = 100


class UnknownService(UserError):
    """The person named a service that does not exist."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(
            tr(
                "No service {name!r}. There are: {all}",
                "Não há serviço {name!r}. Existem: {all}",
                name=name,
                all=", ".join(known),
            )
        )


class NotScalable(UserError):
    """The person asked for a number of instances that cannot be."""

    def __init__(self, name: str, count: int, scalable: list[str]) -> None:
        super().__init__(
            tr(
                "{name}={count} is not allowed: {all}=1 to {most} is.",
                "{name}={count} não é permitido: {all}=1 a {most} é.",
                name=name,
                count=count,
                all=", ".join(scalable),
                most=MOST_INSTANCES,
            )
        )


class NotPaced(UserError):
    """The person asked for a rate of a service that has none."""

    def __init__(self, name: str, paced: list[str]) -> None:
        super().__init__(
            tr(
                "{name} has no rate; these have: {all}.",
                "{name} não tem taxa; têm: {all}.",
                name=name,
                all=", ".join(paced),
            )
        )


def instance_name(service: str, number: int) -> str:
    """Return the name of a scaled service's further instance.

    >>> instance_name("consumer", 2)
    'consumer-2'
    """
    return f"{service}-{number}"


class Supervisor:
    """Starts a plan stage by stage, keeps it running, stops it in the order of `stop_rank`."""

    def __init__(self, plan: Plan, folders: RunFolders, report: Report) -> None:
        self._plan = plan
        self._folders = folders
        self._listeners: list[Report] = [report]
        self._roll = Roll(folders)
        self._services = {service.name: self._supervise(service) for service in plan.services}
        self._stop_requested = asyncio.Event()
        self.system = Event("", "starting")
        self._told: list[Event] = []

    def _supervise(self, service: Service) -> Supervised:
        return Supervised(service, self._folders, self._tell, self._roll)

    async def run(self) -> int:
        """Start everything, wait for a request to stop, stop everything; return the exit code."""
        self._folders.make()
        housekeeping = asyncio.create_task(self._rotate_logs())
        await self._start_unless_stopped()
        failed = self.system.state == FAILED
        if not failed:
            await self._stay()
        await self._stop_all()
        housekeeping.cancel()
        with suppress(asyncio.CancelledError):
            await housekeeping
        return 1 if failed else 0

    async def _stay(self) -> None:
        afterwards = asyncio.ensure_future(self._plan.afterwards())
        await self._stop_requested.wait()
        afterwards.cancel()
        await asyncio.gather(afterwards, return_exceptions=True)

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
            supervised.kill_at_once()

    @property
    def supervised(self) -> list[Supervised]:
        """Every service, in the order of start; further instances last."""
        return list(self._services.values())

    def instances(self, name: str) -> list[Supervised]:
        """Return a service and, if it is scaled, its further instances.

        Raises:
            UnknownService: there is none of this name.
        """
        if name not in self._services:
            raise UnknownService(name, list(self._services))
        further = [each for each in self._services if self._is_instance(each, name)]
        return [self._services[each] for each in (name, *further)]

    def _is_instance(self, name: str, service: str) -> bool:
        scaled = service in self._plan.scalable
        return scaled and re.fullmatch(re.escape(service) + r"-\d+", name) is not None

    async def scale(self, name: str, count: int) -> None:
        """Make it `count` instances: `name`, `name`-2, `name`-3, …; the highest leave first.

        Raises:
            NotScalable: it exists only once, or `count` is none of 1 to `MOST_INSTANCES`.
            ServiceFailed: an instance did not start.
        """
        if name not in self._plan.scalable or not 1 <= count <= MOST_INSTANCES:
            raise NotScalable(name, count, list(self._plan.scalable))
        wanted = [instance_name(name, number) for number in range(2, count + 1)]
        present = [each for each in self._services if self._is_instance(each, name)]
        await asyncio.gather(*(self._remove(each) for each in present if each not in wanted))
        for number, each in enumerate(wanted, 2):
            if each not in self._services:
                self._services[each] = self._supervise(self._plan.scalable[name](number))
        await _together(self._services[each].start() for each in (name, *wanted))

    async def set_rate(self, name: str, rate: float) -> None:
        """Have a service send so many messages a second: started anew, if it is not at rest.

        Raises:
            NotPaced: it has no rate.
            UserError: there can be no such rate; the text says what is allowed.
            ServiceFailed: it did not start.
        """
        if name not in self._plan.paced:
            raise NotPaced(name, list(self._plan.paced))
        supervised = self._services[name]
        supervised.service = self._plan.paced[name](rate)
        if supervised.state not in AT_REST:
            await supervised.stop()
            await supervised.start()

    async def _remove(self, name: str) -> None:
        await self._services[name].stop()
        del self._services[name]

    @property
    def settled(self) -> bool:
        """Whether the start is over and nobody has asked for the end."""
        return self.system.state == READY and not self._stop_requested.is_set()

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
        word = self._plan.last_word if self.system.state == READY else None
        said = ""
        self._tell_system(STOPPING, 0.0)
        groups = by_rank(self._services.values())
        time_left = StopTime(max(each.service.stop_seconds for each in group) for group in groups)
        for group in groups:
            if word and group[0].service.stop_rank == word.rank:
                said = await word.ask()
            at_most = time_left.next()
            await asyncio.gather(*(each.stop(at_most) for each in group))
        self._tell_system(STOPPED, time.monotonic() - began, said)

    async def _rotate_logs(self) -> None:
        while True:
            await asyncio.sleep(ROTATE_EVERY_S)
            for name in (*self._services, SUPERVISOR):
                with suppress(OSError):  # a disk that is full: at a later turn
                    logfiles.rotate(self._folders.log_of(name))

    def _tell_system(self, state: str, seconds: float, detail: str = "") -> None:
        self.system = Event("", state, seconds, detail)
        self._tell(self.system)

    def _tell(self, event: Event) -> None:
        if len(self._told) < _START_EVENTS:
            self._told.append(event)
        for listener in list(self._listeners):
            listener(event)


def by_rank(services: Iterable[Supervised]) -> list[list[Supervised]]:
    """Return services in groups that stop together, in the order in which they stop."""
    ranked = sorted(services, key=lambda each: each.service.stop_rank)
    return [list(group) for _, group in groupby(ranked, key=lambda each: each.service.stop_rank)]


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
