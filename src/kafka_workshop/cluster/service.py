"""What is supervised: a service is a command with a probe; a plan is services in stages."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kafka_workshop.cluster.process import Command
from kafka_workshop.cluster.readiness import Probe


@dataclass(frozen=True, slots=True)
class Service:
    """A supervised service; times in seconds.

    Attributes:
        name: as in Docker Compose.
        command: what is executed.
        probe: whether it does its work.
        ports: what it listens on.
        files: configuration to write before each start, path -> text.
        ready_file: removed before each start; the program makes it again.
        stop_rank: lower ranks stop first, equal ones together.
        start_seconds: time to become ready.
        stop_seconds: time from SIGTERM to SIGKILL.
        restart_delay: wait before the first restart; it doubles with each further one.
        passing: words in its last lines that tell a failed start that passes by itself: it is
            tried again, within the restart budget.
        spoken: its log lines are shown by `up`, not its warnings alone.
        may_refuse: it ends with code 2 if a person has to decide something first: then it is
            neither started again, nor is it a reason to stop the others.
        rate: how many messages a second it is told to send; None: it has no rate.
    """

    name: str
    command: Command
    probe: Probe
    stop_rank: int
    ports: tuple[int, ...] = ()
    files: Mapping[Path, str] = field(default_factory=dict)
    ready_file: Path | None = None
    start_seconds: float = 60.0
    stop_seconds: float = 4.0
    restart_delay: float = 0.5
    passing: str = ""
    spoken: bool = False
    may_refuse: bool = False
    rate: float | None = None


async def nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Services that start together; `after` runs once all of them are ready."""

    title: str
    services: tuple[Service, ...]
    after: Callable[[], Awaitable[None]] = nothing


@dataclass(frozen=True, slots=True)
class LastWord:
    """What is said once everything has stopped, and asked for before services of `rank` stop."""

    rank: int
    ask: Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Plan:
    """The stages in the order of their start.

    Attributes:
        stages: what starts, in order.
        scalable: service -> how its further instance number 2, 3, … is made.
        last_word: a sentence for the end of a run that was ready; None for none.
        paced: service -> how it is made to send so many messages a second.
        afterwards: runs beside the services once all are ready; given up when they stop.
    """

    stages: tuple[Stage, ...]
    scalable: Mapping[str, Callable[[int], Service]] = field(default_factory=dict)
    last_word: LastWord | None = None
    paced: Mapping[str, Callable[[float], Service]] = field(default_factory=dict)
    afterwards: Callable[[], Awaitable[None]] = nothing

    @property
    def services(self) -> tuple[Service, ...]:
        """Every service, in the order of its start."""
        return tuple(service for stage in self.stages for service in stage.services)
