"""One supervised service: started, watched, restarted within a budget, stopped."""

import asyncio
import math
import signal
import time
from contextlib import suppress

from kafka_workshop.clock import Deadline
from kafka_workshop.cluster import logfiles, sentences
from kafka_workshop.cluster.budget import RestartBudget
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.process import Child
from kafka_workshop.cluster.readiness import wait_until
from kafka_workshop.cluster.roll import Entry, Roll
from kafka_workshop.cluster.service import Service
from kafka_workshop.cluster.states import (
    AT_REST,
    EXITED,
    FAILED,
    KILLED,
    PAUSED,
    READY,
    RESTARTING,
    STARTING,
    STOPPED,
    STOPPING,
    WAITING,
    Event,
    Report,
    Status,
)
from kafka_workshop.errors import ServiceFailed, TimedOut
from kafka_workshop.language import tr

# `UserError.exit_code`: the input has to be mended first.
REFUSED = 2
# What is shown when a service is given up, and how far back its reason is looked for.
_LAST_LINES, _TOLD_LINES = 8, 200


class Supervised:
    """Keeps one service running; every change of state is reported.

    One order at a time, but that `stop` and `kill` do not wait for a start: they end it.
    """

    def __init__(self, service: Service, folders: RunFolders, report: Report, roll: Roll) -> None:
        self.service = service
        self.state = WAITING
        self._log = folders.log_of(service.name)
        self._report = report
        self._roll = roll
        self._child: Child | None = None
        self._since = time.time()
        self._restarts = 0
        self._worked = 0.0
        self._ready_at = 0.0
        self._budget = RestartBudget(service.restart_delay)
        self._watch: asyncio.Task[None] | None = None
        self._starting: asyncio.Task[None] | None = None
        self._order = asyncio.Lock()

    async def start(self) -> None:
        """Start it and wait until it is ready; from then on it is watched.

        One that runs already is left alone. A start by hand has a fresh restart budget.

        Raises:
            ServiceFailed: it ended, or was not ready in time; with its last log lines.
        """
        async with self._order:
            if self._child is not None and self._child.running:
                return
            await self._stop_watching()
            self._budget = RestartBudget(self.service.restart_delay)
            await self._start_interruptibly()
            self._watch = asyncio.create_task(self._keep_running())

    async def _start_interruptibly(self) -> None:
        self._starting = asyncio.create_task(self._start_within_budget())
        try:
            await self._starting
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task and task.cancelling():
                raise
            raise ServiceFailed(sentences.start_stopped(self.service.name)) from None

    def _interrupt_start(self) -> None:
        if self._starting:
            self._starting.cancel()

    async def _start_within_budget(self) -> None:
        while True:
            try:
                await self._start_once()
                return
            except ServiceFailed as error:
                if not await self._passes(str(error)):
                    await self._end_child()
                    self._set(FAILED)
                    raise

    async def _passes(self, reason: str) -> bool:
        """Wait before another try if a failed start passes by itself; return whether it does."""
        if not self.service.passing or self.service.passing not in reason:
            return False
        delay = self._budget.take(self._worked)
        if delay is None:
            return False
        self._enter(RESTARTING, seconds=delay, detail=sentences.still_known(self.service.name))
        await asyncio.sleep(delay)
        return True

    async def _start_once(self) -> None:
        self._enter(STARTING)
        began = time.monotonic()
        self._child = Child(self.service.command, self._log)
        await self._begin(self._child)
        await self._become_ready(self._child)
        self._ready_at = time.monotonic()
        if not self._has_refused(self._child):
            self._enter(READY, seconds=time.monotonic() - began)

    async def _begin(self, child: Child) -> None:
        try:
            self._prepare()
            await child.start()
            self._roll.enter(self._entry(child))
        except OSError as error:  # a disk that is full, a program that is not there
            raise ServiceFailed(sentences.not_begun(self.service.name, error)) from error

    def _entry(self, child: Child) -> Entry:
        service = self.service
        return Entry(
            service.name,
            child.identity,
            time.time(),
            service.ports,
            service.stop_rank,
            service.stop_seconds,
        )

    def _prepare(self) -> None:
        self.service.command.folder.mkdir(parents=True, exist_ok=True)
        for path, text in self.service.files.items():
            path.write_text(text, encoding="utf-8")
        if self.service.ready_file:
            self.service.ready_file.unlink(missing_ok=True)

    async def _become_ready(self, child: Child) -> None:
        async def ready_or_ended() -> bool:
            return not child.running or await asyncio.to_thread(self.service.probe)

        deadline = Deadline(self.service.start_seconds)
        try:
            await wait_until(ready_or_ended, deadline, self._why_not_ready)
        except TimedOut as error:
            raise ServiceFailed(str(error)) from error
        if not child.running and child.exit_code != 0 and not self._has_refused(child):
            raise ServiceFailed(self._why_ended(child) + self._last_lines())

    async def _keep_running(self) -> None:
        while self._child is not None:
            code = await self._child.wait()
            self._worked += time.monotonic() - self._ready_at
            self._roll.strike(self.service.name)
            if code == 0:
                self._enter(EXITED)
                return
            if self._has_refused(self._child):
                self._enter(FAILED, detail=self._why_ended(self._child) + self._last_lines())
                return
            if not await self._restart(self._why_ended(self._child)):
                return

    def _has_refused(self, child: Child) -> bool:
        return self.service.may_refuse and child.exit_code == REFUSED

    async def _restart(self, reason: str) -> bool:
        # The last lines are shown once, when it is given up: each time they would be the same.
        while (delay := self._budget.take(self._worked)) is not None:
            self._restarts += 1
            self._enter(RESTARTING, seconds=delay, detail=reason)
            await asyncio.sleep(delay)
            try:
                await self._start_once()
            except ServiceFailed as error:
                reason = str(error).partition("\n")[0]
                await self._end_child()
            else:
                return True
        self._enter(FAILED, detail=reason + self._last_lines() + self._advice(reason))
        return False

    async def _end_child(self, at_most: float = math.inf) -> None:
        if self._child and self._child.running:
            await self._child.stop(min(at_most, self.service.stop_seconds))
        self._roll.strike(self.service.name)

    async def _stop_watching(self) -> None:
        if self._watch:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None

    async def stop(self, at_most: float = math.inf) -> None:
        """Stop it: SIGTERM, and SIGKILL after its time, `at_most` seconds; it stays down."""
        self._interrupt_start()
        async with self._order:
            running = self._child is not None and self._child.running
            self._enter(STOPPING) if running else self._set(STOPPING)
            await self._stop_watching()
            began = time.monotonic()
            await self._end_child(at_most)
            seconds = time.monotonic() - began
            self._enter(STOPPED, seconds=seconds) if running else self._set(STOPPED)

    async def kill(self) -> None:
        """Send SIGKILL; as with `docker kill`, it stays dead until it is started again."""
        self._interrupt_start()
        async with self._order:
            if self._child is None or self.state in AT_REST:
                return
            await self._stop_watching()
            self.kill_at_once()
            await self._child.wait()
            self._roll.strike(self.service.name)
            self._enter(KILLED)

    def kill_at_once(self) -> None:
        """Send SIGKILL and do no more."""
        if self._child:
            self._child.signal(signal.SIGKILL)

    def pause(self) -> None:
        """Send SIGSTOP: it stands still, alive, until `unpause`."""
        if self._child and self._child.running:
            self._child.signal(signal.SIGSTOP)
            self._enter(PAUSED)

    def unpause(self) -> None:
        """Send SIGCONT to a paused one."""
        if self.state == PAUSED and self._child:
            self._child.signal(signal.SIGCONT)
            self._enter(READY)

    def status(self) -> Status:
        """Return what `ps` says."""
        child = self._child
        running = child is not None and child.running
        return Status(
            service=self.service.name,
            state=self.state,
            pid=child.pid if child and running else None,
            ports=self.service.ports,
            restarts=self._restarts,
            exit_code=child.exit_code if child else None,
            since=self._since,
            memory=child.memory() if child and running else 0,
            rate=self.service.rate,
        )

    def _set(self, state: str) -> None:
        self.state, self._since = state, time.time()

    def _enter(self, state: str, seconds: float = 0.0, detail: str = "") -> None:
        self._set(state)
        self._report(Event(self.service.name, state, seconds, detail))

    def _why_not_ready(self) -> str:
        service = self.service
        return sentences.not_ready(service.name, service.start_seconds) + self._last_lines()

    def _why_ended(self, child: Child) -> str:
        return sentences.ended(self.service.name, child.exit_code)

    def _advice(self, reason: str) -> str:
        lines = [*logfiles.tail(self._log, _TOLD_LINES), reason]
        return "\n    " + sentences.what_to_do(self.service.name, lines)

    def _last_lines(self) -> str:
        lines = logfiles.tail(self._log, _LAST_LINES)
        intro = tr("; its last lines, {log}:", "; suas últimas linhas, {log}:", log=self._log)
        return "\n    ".join([intro, *lines]) if lines else ""
