"""The verbs that stop, break and mend single services of the running system."""

import os
import re
from collections.abc import Sequence
from typing import Annotated

import typer

from kafka_workshop.cli.view import View
from kafka_workshop.cluster.control import SCALE, ControlClient, Refused
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.sole import is_running
from kafka_workshop.errors import UserError
from kafka_workshop.language import tr
from kafka_workshop.settings import cluster_settings

Services = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SERVICE",
        help=tr("All of them where none is named.", "Todos, se nenhum for citado."),
        show_default=False,
    ),
]
NamedServices = Annotated[
    list[str], typer.Argument(metavar="SERVICE", help="broker-1, consumer, …")
]


class NothingRuns(UserError):
    """An order was given, and no system is there to take it."""


class BadScale(UserError):
    """What was said is not SERVICE=COUNT."""


def stop(services: Services = None) -> None:
    """Stop services; they stay down."""
    _order("stop", services or ())


def start(services: Services = None) -> None:
    """Start services that are down."""
    _order("start", services or ())


def restart(services: Services = None) -> None:
    """Stop and start services."""
    _order("restart", services or ())


def kill(services: NamedServices) -> None:
    """Send SIGKILL to services."""
    _order("kill", services)


def pause(services: NamedServices) -> None:
    """Send SIGSTOP to services."""
    _order("pause", services)


def unpause(services: Services = None) -> None:
    """Let paused services go on."""
    _order("unpause", services or ())


def scale(
    instances: Annotated[str, typer.Argument(metavar="SERVICE=COUNT", help="consumer=3")],
) -> None:
    """Run several instances of a service."""
    match = re.fullmatch(r"([\w-]+)=(\d{1,4})", instances)
    if not match:
        raise BadScale(
            tr(
                "{what!r} is not allowed: SERVICE=COUNT is, as in consumer=3",
                "{what!r} não é permitido: SERVIÇO=QUANTIDADE é, como em consumer=3",
                what=instances,
            )
        )
    _order(SCALE, [match[1]], int(match[2]))


def start_what_is_down(folders: RunFolders, view: View) -> bool:
    """Start what is down in a system that runs, as `docker-compose up -d` does; say if anything.

    A system that is starting or stopping is left alone.
    """
    try:
        told = list(ControlClient(folders).order("start", ()))
    except Refused:
        return False
    for event in told:
        view.event(event)
    return bool(told)


def _order(verb: str, services: Sequence[str], count: int = 0) -> None:
    folders, view = RunFolders(cluster_settings(os.environ).data), View()
    if not is_running(folders):
        raise NothingRuns(
            tr(
                "Nothing is running: ./workshop up -d starts it.",
                "Nada está rodando: ./workshop up -d inicia.",
            )
        )
    told = False
    for event in ControlClient(folders).order(verb, services, count):
        # What happens to others meanwhile (a consumer that waits) is for ps and logs.
        if _concerns(event.service, services):
            view.event(event)
            told = True
    if not told:
        view.say(tr("Nothing to do.", "Nada a fazer."))


def _concerns(service: str, named: Sequence[str]) -> bool:
    return not named or any(re.fullmatch(rf"{re.escape(n)}(-\d+)?", service) for n in named)
