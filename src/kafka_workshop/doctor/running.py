"""Where the system runs, if it does: natively, under Docker Compose, or as somebody else's."""

from dataclasses import dataclass
from enum import Enum

from kafka_workshop.cluster import ports
from kafka_workshop.cluster.control import ControlClient
from kafka_workshop.cluster.sole import is_running
from kafka_workshop.cluster.states import READY, Status
from kafka_workshop.doctor.installation import Installation
from kafka_workshop.errors import Unavailable
from kafka_workshop.language import tr
from kafka_workshop.messaging.bounded import OneAtATime
from kafka_workshop.messaging.reach import listens
from kafka_workshop.settings import BOOTSTRAP_SERVERS

_SUPERVISOR_S = 3.0
PAUSED = "paused"
# A service that its supervisor holds to be well and that does not answer is stuck.
_REVIVING = {READY: "restart", PAUSED: "unpause"}


class Way(Enum):
    """How the system runs."""

    NATIVE = "native"
    COMPOSE = "compose"
    ELSEWHERE = "elsewhere"  # brokers answer that neither of the two has started
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Running:
    """What runs.

    Attributes:
        way: how.
        servers: where clients look for brokers.
        statuses: the supervisor's, natively; None if it lives but does not answer.
    """

    way: Way
    servers: tuple[str, ...]
    statuses: tuple[Status, ...] | None = ()

    def revive(self, *services: str) -> str:
        """Return what brings services back that do not do their work."""
        names = " ".join(services)
        if self.way is Way.NATIVE:
            return self._native(services)
        if self.way is Way.COMPOSE:
            return f"docker-compose restart {names}"
        return tr("start again: {names}", "inicie de novo: {names}", names=names)

    def _native(self, services: tuple[str, ...]) -> str:
        states = {status.service: status.state for status in self.statuses or ()}
        verbs: dict[str, list[str]] = {}
        for service in services:
            verbs.setdefault(_REVIVING.get(states.get(service, ""), "start"), []).append(service)
        return " && ".join(f"./workshop {verb} {' '.join(names)}" for verb, names in verbs.items())

    @property
    def is_ours(self) -> bool:
        """Whether our commands reach it."""
        return self.way in (Way.NATIVE, Way.COMPOSE)


def look(installation: Installation) -> Running:
    """Find out what runs; takes at most a few seconds."""
    settings = installation.settings
    if is_running(installation.folders):
        return Running(Way.NATIVE, settings.bootstrap_servers, _statuses(installation))
    servers = BOOTSTRAP_SERVERS.read(installation.environment)
    if _compose_has(installation):
        return Running(Way.COMPOSE, servers)
    way = Way.ELSEWHERE if any(map(listens, servers)) else Way.NOWHERE
    return Running(way, servers)


def _statuses(installation: Installation) -> tuple[Status, ...] | None:
    found: list[Status] = []

    def ask() -> None:
        try:
            found.extend(ControlClient(installation.folders).ps())
        except Unavailable:
            return  # it is starting or ending, or it is stuck: nobody answers

    # A supervisor that was paused would keep us waiting for good.
    OneAtATime().run(ask, _SUPERVISOR_S)
    return tuple(found) or None


def _compose_has(installation: Installation) -> bool:
    settings = installation.settings
    if ports.running_as(settings.host, settings.console_port) == Way.COMPOSE.value:
        return True
    # Its page is not up yet, or has failed. One port may be that of anybody's container.
    published = ports.published_by_docker(installation.ports)
    return set(installation.brokers.values()) <= published
