"""Which coordination a run has, and whose data stands in the folder: ZooKeeper's or KRaft's."""

import os
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from kafka_workshop.cluster import nodes
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.roll import left_behind
from kafka_workshop.cluster.sole import is_running
from kafka_workshop.errors import UserError
from kafka_workshop.language import tr
from kafka_workshop.settings import COORDINATION, KRAFT, ZOOKEEPER, ClusterSettings


class Coordination(StrEnum):
    """How brokers coordinate."""

    ZOOKEEPER = ZOOKEEPER
    KRAFT = KRAFT


class CoordinatedOtherwise(UserError):
    """The system that runs has the other coordination."""


def choose(option: Coordination | None) -> None:
    """Let the option stand for the setting, for this process and those it starts."""
    if option:
        os.environ[COORDINATION.name] = option.value


def note(settings: ClusterSettings) -> None:
    """Write down which coordination this run has, for the verbs that come later."""
    _note(RunFolders(settings.data)).write_text(settings.coordination, encoding="utf-8")


def noted(folders: RunFolders) -> str:
    """Return the coordination of the run that has, or last had, these folders."""
    try:
        return _note(folders).read_text(encoding="utf-8")
    except OSError:
        return ZOOKEEPER


def as_it_runs(settings: ClusterSettings) -> ClusterSettings:
    """Return the settings of what runs on these folders, or was left behind there.

    Where nothing runs they stay as they are: what the next `up` would start.
    """
    folders = RunFolders(settings.data)
    if is_running(folders) or left_behind(folders):
        return replace(settings, coordination=noted(folders))
    return settings


def _note(folders: RunFolders) -> Path:
    return folders.run / "coordination"


def services_of(folders: RunFolders, services: Iterable[str]) -> list[str]:
    """Return those of `services` that the noted run has: KRaft has no `zookeeper`."""
    without = nodes.ZOOKEEPER if noted(folders) == KRAFT else ""
    return [name for name in services if name != without]


def require_same(settings: ClusterSettings) -> None:
    """Refuse to take a running system for the one that was asked for.

    Raises:
        CoordinatedOtherwise: what runs has the other coordination.
    """
    running = noted(RunFolders(settings.data))
    if running != settings.coordination:
        raise CoordinatedOtherwise(
            tr(
                "{name}={asked!r}, but the system that runs on {root} has {running}: "
                "./workshop down ends it, then this one can start.",
                "{name}={asked!r}, mas o sistema que roda em {root} usa {running}: "
                "./workshop down o encerra, e então este pode iniciar.",
                name=COORDINATION.name,
                asked=settings.coordination,
                root=settings.data,
                running=running,
            )
        )


def other_data(settings: ClusterSettings) -> str:
    """Return a line about the data of the coordination that is not used now; "" if there is none.

    Each has data of its own, so that none can spoil the other's.
    """
    folders = RunFolders(settings.data)
    other = ZOOKEEPER if settings.kraft else KRAFT
    folder = folders.data_of(nodes.ZOOKEEPER) if settings.kraft else folders.kraft_data_of("")
    if not folder.exists():
        return ""
    return tr(
        "    with {used}; the topics and messages made with {other} stay as they are: "
        "./workshop up --coordination {other}",
        "    com {used}; os tópicos e mensagens feitos com {other} ficam como estão: "
        "./workshop up --coordination {other}",
        used=settings.coordination,
        other=other,
    )
