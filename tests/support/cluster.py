"""A real cluster for tests, of either coordination, under the project's own supervisor."""

import asyncio
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from kafka_workshop.cli import plan
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.orders import carry_out
from kafka_workshop.cluster.properties import render
from kafka_workshop.cluster.service import Plan, Service, Stage
from kafka_workshop.cluster.states import FAILED, READY, Event, Status
from kafka_workshop.cluster.supervisor import Supervisor
from kafka_workshop.settings import PROJECT_FOLDER, ZOOKEEPER, ClusterSettings, cluster_settings
from tests.support.machine import free_ports

START_S, STOP_S = 120.0, 30.0
# Service -> server property -> value, over what `cluster.properties` says.
Overrides = Mapping[str, Mapping[str, str]]


def chosen_coordination() -> str:
    """What the shared cluster and the fresh copies run on: `WORKSHOP_TEST_COORDINATION`."""
    return os.environ.get("WORKSHOP_TEST_COORDINATION", ZOOKEEPER)


_CACHE = PROJECT_FOLDER / ".pytest_cache" / "workshop"


def free_port_settings() -> dict[str, str]:
    """Return a free port for every server, as settings."""
    ports = [str(port) for port in free_ports(8)]
    return {
        "ZOOKEEPER_PORT": ports[0],
        "BROKER_PORTS": ",".join(ports[1:4]),
        "CONTROLLER_PORTS": ",".join(ports[4:7]),
        "CONSOLE_PORT": ports[7],
    }


def test_settings(folder: Path, coordination: str | None = None) -> ClusterSettings:  # noqa: PT028 - no test
    """Return settings with free ports, data in `folder`, and the user's jars if all are there.

    Else the tests' own, fetched once for all their runs: no test writes into the user's cache.
    """
    environment = {
        "WORKSHOP_DATA": str(folder / "data"),
        "COORDINATION": coordination or chosen_coordination(),
        **free_port_settings(),
    }
    users = cluster_settings(environment)
    if not plan.jar_cache(users).missing(plan.locked_jars(users)):
        return users
    return cluster_settings({**environment, "WORKSHOP_CACHE": str(_CACHE)})


test_settings.__test__ = False  # type: ignore[attr-defined]


def overridden(stages: Iterable[Stage], overrides: Overrides) -> tuple[Stage, ...]:
    """Return the stages with other server properties."""
    return tuple(
        replace(stage, services=tuple(_overridden(s, overrides) for s in stage.services))
        for stage in stages
    )


def _overridden(service: Service, overrides: Overrides) -> Service:
    own = f"{service.name}.properties"
    files = {
        path: render({**_parsed(text), **overrides.get(service.name, {})})
        if path.name == own
        else text
        for path, text in service.files.items()
    }
    return replace(service, files=files)


def _parsed(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


@dataclass
class RealCluster:
    """The supervisor of a test cluster, in a thread of its own."""

    settings: ClusterSettings
    overrides: Overrides = field(default_factory=dict)
    _ended: threading.Event = field(default_factory=threading.Event)
    _settled: threading.Event = field(default_factory=threading.Event)
    _failure: str = ""
    _thread: threading.Thread | None = None

    @property
    def started(self) -> bool:
        """Whether it was told to start."""
        return self._thread is not None

    def start(self) -> None:
        """Install the jars if needed, start everything and wait until it is ready."""
        plan.jar_cache(self.settings).install(plan.locked_jars(self.settings))
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        assert self._settled.wait(START_S), f"the cluster is not ready after {START_S:.0f} s"
        assert not self._failure, self._failure

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        stages = overridden(plan.cluster_stages(self.settings), self.overrides)
        whole = Plan(stages, afterwards=partial(plan.make_class_archive, self.settings))
        self._supervisor = Supervisor(whole, RunFolders(self.settings.data), self._hear)
        try:
            await self._supervisor.run()
        finally:
            self._ended.set()

    def _hear(self, event: Event) -> None:
        if not event.service and event.state in (READY, FAILED):
            self._failure = event.detail
            self._settled.set()

    def statuses(self) -> dict[str, Status]:
        """Return service -> status."""
        return {status.service: status for status in self._supervisor.status()}

    def order(self, verb: str, service: str) -> None:
        """Give the supervisor an order as `./workshop VERB SERVICE` does, and wait for its end."""
        order = carry_out(self._supervisor, verb, [service])
        asyncio.run_coroutine_threadsafe(order, self._loop).result(START_S)

    def stop(self) -> None:
        """Stop everything in its order; nothing to do if it was never started."""
        if self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._supervisor.request_stop)
        assert self._ended.wait(STOP_S), f"the cluster has not stopped after {STOP_S:.0f} s"
        self._thread.join(STOP_S)
