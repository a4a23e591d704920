"""One run of the system: prepared, supervised in this process or in one of its own, ended."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from kafka_workshop.cli import coordination, plan
from kafka_workshop.cli.ending import await_end, end_left_behind
from kafka_workshop.cli.outlet import Outlet
from kafka_workshop.cli.view import View, is_warning
from kafka_workshop.clock import Deadline
from kafka_workshop.cluster import java, logfiles, ports
from kafka_workshop.cluster.control import ControlClient, ControlServer
from kafka_workshop.cluster.folders import SUPERVISOR, RunFolders
from kafka_workshop.cluster.identity import Identity, identify
from kafka_workshop.cluster.sole import AlreadyRunning, is_running, sole_supervisor
from kafka_workshop.cluster.states import FAILED, READY, STOPPED, Event
from kafka_workshop.cluster.supervisor import Supervisor
from kafka_workshop.errors import ServiceFailed, Unavailable
from kafka_workshop.language import tr
from kafka_workshop.monitor.risk.model import load_model
from kafka_workshop.monitor.rules import load_rules
from kafka_workshop.settings import (
    MONITOR_MODEL,
    MONITOR_RULES,
    PROJECT_FOLDER,
    ClusterSettings,
    console_settings,
    consumer_settings,
    producer_settings,
)

_LOOK_S = 0.2
_APPEARS_S = 15.0
_LAST_WORDS_S = 2.0
_STAGE_STEP = {0: 3, 1: 3, 2: 4}


def check_settings() -> None:
    """Refuse a bad setting of any program before anything starts.

    Raises:
        InvalidSetting: names it.
        InvalidRules: the file that `MONITOR_RULES` names says something that is not allowed.
        InvalidModel: so does the one that `MONITOR_MODEL` names.
    """
    for read in (producer_settings, consumer_settings, console_settings):
        read(os.environ)
    load_rules(MONITOR_RULES.read(os.environ))
    load_model(MONITOR_MODEL.read(os.environ))


def anchor_files() -> None:
    """Give the services the files of rules and model by whole paths: they run in another folder."""
    for variable in (MONITOR_RULES, MONITOR_MODEL):
        path = variable.read(os.environ)
        if path is not None:
            os.environ[variable.name] = str(path)


def prepare(settings: ClusterSettings, view: View) -> None:
    """Check that nothing runs and every port is free; have Java and every jar.

    Raises:
        AlreadyRunning: a supervisor has this data folder.
        CoordinatedOtherwise: it has, and with the other coordination.
        PortTaken: names each taken port.
        ArtefactError: Java or a jar cannot be had.
    """
    folders = RunFolders(settings.data)
    if is_running(folders):
        coordination.require_same(settings)
        raise AlreadyRunning(folders.root)
    end_left_behind(folders, view)
    ports.require_free(settings.host, plan.ports_of(settings), plan.port_settings())
    java.executable()
    install_jars(settings, view)


def install_jars(settings: ClusterSettings, view: View) -> None:
    """Fetch the jars that the cache lacks, saying how much and showing the bytes."""
    began = time.monotonic()
    cache, jars = plan.jar_cache(settings), plan.locked_jars(settings)
    missing = cache.missing(jars)
    view.step(2, _jars_title(len(jars), len(missing)))
    if missing:
        total = sum(jar.size for jar in missing)
        view.say(
            tr(
                "    to download, once: {mb:.0f} MB, into {folder}",
                "    a baixar, uma única vez: {mb:.0f} MB, em {folder}",
                mb=total / 1e6,
                folder=settings.cache,
            )
        )
        with view.downloading(total) as report:
            cache.install(jars, report)
    view.say(tr("    checked, {s:.1f} s", "    conferido, {s:.1f} s", s=time.monotonic() - began))


def _jars_title(count: int, missing: int) -> str:
    if missing:
        return tr(
            "Java and Kafka: {missing} of {count} jars are missing",
            "Java e Kafka: faltam {missing} de {count} jars",
            missing=missing,
            count=count,
        )
    return tr("Java and Kafka: {count} jars", "Java e Kafka: {count} jars", count=count)


class StartView:
    """Turns events into the steps 3/4 and 4/4 and their services."""

    def __init__(self, view: View, settings: ClusterSettings) -> None:
        self._view = view
        self._settings = settings
        self._stage = 0
        self._step = 2

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if event.state == "stage":
            self._show_stage(event.detail)
        elif event.state == READY and not event.service:
            self._view.say(ready_sentence(self._settings, event.seconds), "bold green")
        else:
            self._view.event(event)

    def _show_stage(self, title: str) -> None:
        step = _STAGE_STEP[self._stage]
        if step != self._step:
            self._view.step(step, title if step == 4 else tr("Kafka cluster", "Cluster Kafka"))
        self._step, self._stage = step, self._stage + 1


def ready_sentence(settings: ClusterSettings, seconds: float) -> str:
    """Return what to tell once everything is ready."""
    return tr(
        "Ready in {seconds:.1f} s. Kafka UI: http://localhost:{port}  Brokers: {brokers}",
        "Pronto em {seconds:.1f} s. Kafka UI: http://localhost:{port}  Brokers: {brokers}",
        seconds=seconds,
        port=settings.console_port,
        brokers=",".join(settings.bootstrap_servers),
    )


def run_here(settings: ClusterSettings) -> int:
    """Supervise in this process, showing log lines, until Ctrl-C; return the exit code."""
    outlet = Outlet(sys.stdout)
    view = View(outlet)
    show_logs = _LogView(settings, view)
    show_start = StartView(view, settings)

    def report(event: Event) -> None:
        show_logs.hear(event)
        show_start(event)

    try:
        return asyncio.run(_supervise(settings, report, show_logs))
    finally:
        outlet.drain(_LAST_WORDS_S)


def run_in_background(settings: ClusterSettings) -> int:
    """Supervise in the process that `start_detached` makes; events go to its log, with the time."""
    view = View()

    def report(event: Event) -> None:
        view.say(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ} {event.service or '-'} {event.state}")
        view.event(event)

    return asyncio.run(_supervise(settings, report, None))


LogReader = Callable[[], None]


async def _supervise(
    settings: ClusterSettings, report: Callable[[Event], None], show_logs: LogReader | None
) -> int:
    folders = RunFolders(settings.data)
    with sole_supervisor(folders):
        coordination.note(settings)
        supervisor = Supervisor(plan.system_plan(settings), folders, report)
        supervisor.handle_signals()
        control = ControlServer(supervisor, folders)
        await control.start()
        follow = asyncio.create_task(_follow(show_logs)) if show_logs else None
        try:
            return await supervisor.run()
        finally:
            if follow:
                follow.cancel()
            await control.close()


async def _follow(show: LogReader) -> None:
    while True:
        show()
        await asyncio.sleep(_LOOK_S)


class _LogView:
    """Shows what programs say, and the warnings of the others while all is meant to be well.

    While brokers start and stop they warn of each other's absence, which is no news.
    """

    def __init__(self, settings: ClusterSettings, view: View) -> None:
        self._folders = RunFolders(settings.data)
        self._view = view
        self._settled = False
        services = plan.system_plan(settings).services
        self._servers = {service.name for service in services if not service.spoken}
        self._followers = {s.name: logfiles.Follower(self._log(s.name)) for s in services}

    def _log(self, service: str) -> Path:
        return self._folders.log_of(service)

    def hear(self, event: Event) -> None:
        """Note whether the system is ready, and instances that `scale` adds."""
        if not event.service:
            self._settled = event.state == READY
        elif event.service not in self._followers:
            self._followers[event.service] = logfiles.Follower(self._log(event.service))

    def __call__(self) -> None:
        """Show what was written since the last call."""
        for position, (service, follower) in enumerate(self._followers.items()):
            for line in follower.new_lines():
                if service not in self._servers or (self._settled and is_warning(line)):
                    self._view.log_line(service, line, position)


def start_detached(settings: ClusterSettings, view: View) -> None:
    """Start a supervisor in a session of its own and show its events until all is ready.

    Raises:
        ServiceFailed: the system did not start; with the reason.
    """
    folders = RunFolders(settings.data)
    folders.make()
    log = folders.log_of(SUPERVISOR)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "kafka_workshop.cli.background"],
            cwd=PROJECT_FOLDER,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    client = ControlClient(folders)
    supervisor = identify(process.pid)
    _await_presence(process, client, folders)
    _show_until_ready(client, StartView(view, settings), folders, supervisor)


def _await_presence(
    process: "subprocess.Popen[bytes]", client: ControlClient, folders: RunFolders
) -> None:
    deadline = Deadline(_APPEARS_S)
    while not deadline.expired:
        with suppress(Unavailable):
            if client.presence().identity.pid == process.pid:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    lines = "\n    ".join(logfiles.tail(folders.log_of(SUPERVISOR), 8))
    raise ServiceFailed(
        tr(
            "The supervisor did not start:\n    {lines}",
            "O supervisor não iniciou:\n    {lines}",
            lines=lines,
        )
    )


def _show_until_ready(
    client: ControlClient, show: StartView, folders: RunFolders, supervisor: Identity
) -> None:
    last = Event("", STOPPED)
    for event in client.wait():
        last = event
        if event.state != FAILED or event.service:
            show(event)
    if last.state != READY:
        await_end(folders, supervisor)
        raise ServiceFailed(
            tr("Could not start: {d}", "Não foi possível iniciar: {d}", d=last.detail)
        )
