"""The verbs of Docker Compose: up, down, ps, logs."""

import os
import time
from typing import Annotated

import msgspec
import typer

from kafka_workshop.cli import breaking, ending, session
from kafka_workshop.cli.coordination import Coordination, choose, other_data, services_of
from kafka_workshop.cli.services import LOGGED, SERVICES, known_log, partitions_led
from kafka_workshop.cli.view import View
from kafka_workshop.cluster import logfiles
from kafka_workshop.cluster.control import ControlClient
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.sole import AlreadyRunning, is_running
from kafka_workshop.language import tr
from kafka_workshop.settings import cluster_settings

_LOOK_S = 0.2


def up(
    detach: Annotated[
        bool,
        typer.Option(
            "--detach", "-d", help=tr("Leave it running and return.", "Deixa rodando e retorna.")
        ),
    ] = False,
    coordination: Annotated[
        Coordination | None,
        typer.Option(
            "--coordination",
            help=tr(
                "zookeeper (Kafka 3.9, the default) or kraft (Kafka 4.4).",
                "zookeeper (Kafka 3.9, o padrão) ou kraft (Kafka 4.4).",
            ),
            show_default=False,
        ),
    ] = None,
) -> None:
    """Start everything."""
    choose(coordination)
    settings, view = cluster_settings(os.environ), View()
    session.check_settings()
    session.anchor_files()
    try:
        session.prepare(settings, view)
    except AlreadyRunning as running:
        if not detach:
            raise
        if not breaking.start_what_is_down(RunFolders(settings.data), view):
            view.say(str(running))
        return
    if other := other_data(settings):
        view.say(other)
    if not detach:
        raise typer.Exit(session.run_here(settings))
    session.start_detached(settings, view)
    view.say(
        tr(
            "./workshop logs -f consumer shows its lines, ./workshop down ends everything.",
            "./workshop logs -f consumer mostra as linhas, ./workshop down encerra tudo.",
        )
    )


def down(
    volumes: Annotated[
        bool,
        typer.Option(
            "--volumes",
            "-v",
            help=tr(
                "Also delete topics, messages and logs.",
                "Apaga também tópicos, mensagens e logs.",
            ),
        ),
    ] = False,
) -> None:
    """Stop everything."""
    settings, view = cluster_settings(os.environ), View()
    if not ending.stop(settings, view):
        view.say(tr("Nothing was running.", "Nada estava rodando."))
    if volumes:
        RunFolders(settings.data).remove()
        view.say(tr("Data and logs deleted.", "Dados e logs apagados."))


def ps(
    json: Annotated[
        bool, typer.Option("--json", help=tr("As JSON, for programs.", "Em JSON, para programas."))
    ] = False,
) -> None:
    """Show the services."""
    settings, view = cluster_settings(os.environ), View()
    folders = RunFolders(settings.data)
    statuses = ControlClient(folders).ps()
    left = [] if statuses else ending.orphans(folders)
    statuses = statuses or left
    led = {} if left else partitions_led(settings, statuses)
    if json:
        rows = [msgspec.to_builtins(s) | _led(led.get(s.service)) for s in statuses]
        typer.echo(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode())
    elif statuses:
        view.ps(statuses, led)
        if left:
            view.say(
                tr(
                    "Their supervisor was killed: ./workshop up starts anew, "
                    "./workshop down ends them.",
                    "O supervisor deles foi morto: ./workshop up recomeça, "
                    "./workshop down os encerra.",
                ),
                "yellow",
            )
    else:
        view.say(
            tr(
                "Nothing is running: ./workshop up starts it.",
                "Nada está rodando: ./workshop up inicia.",
            )
        )


def _led(partitions: list[int] | None) -> dict[str, list[int]]:
    return {} if partitions is None else {"leads": partitions}


def logs(
    services: Annotated[
        list[str] | None,
        typer.Argument(metavar="SERVICE", help=", ".join(LOGGED), show_default=False),
    ] = None,
    follow: Annotated[
        bool,
        typer.Option("--follow", "-f", help=tr("Go on as lines come.", "Continua mostrando.")),
    ] = False,
    tail: Annotated[
        int | None,
        typer.Option(
            "--tail",
            "-n",
            min=0,
            help=tr("Only the last so many lines.", "Só as últimas tantas linhas."),
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show the log lines of services."""
    settings = cluster_settings(os.environ)
    folders = RunFolders(settings.data)
    chosen = [known_log(name, folders) for name in services or services_of(folders, SERVICES)]
    show = _Printer(View(), prefixed=len(chosen) != 1)
    followers = {name: logfiles.Follower(folders.log_of(name)) for name in chosen}
    for name in chosen:
        for line in logfiles.tail(folders.log_of(name), tail):
            show(name, line)
    if follow:
        _follow(followers, show, folders)


def _position(service: str) -> int:
    return LOGGED.index(service) if service in LOGGED else len(LOGGED)


class _Printer:
    """Prints lines as they are, or after the service's name where there are several."""

    def __init__(self, view: View, prefixed: bool) -> None:
        self._view = view
        self._prefixed = prefixed

    def __call__(self, service: str, line: str) -> None:
        if self._prefixed:
            self._view.log_line(service, line, _position(service))
        else:
            typer.echo(line)


def _follow(followers: dict[str, logfiles.Follower], show: _Printer, folders: RunFolders) -> None:
    # As Docker's: it ends when what it follows has ended.
    alive = True
    while alive:
        alive = is_running(folders)
        for name, follower in followers.items():
            for line in follower.new_lines():
                show(name, line)
        time.sleep(_LOOK_S)
