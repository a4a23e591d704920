"""The verbs of Docker Compose: up, down, ps, logs."""

import os
import time
from typing import Annotated

import msgspec
import typer

from kafka_workshop.cli import plan, session
from kafka_workshop.cli.coordination import Coordination, choose, other_data, services_of
from kafka_workshop.cli.view import View
from kafka_workshop.cluster import logfiles, nodes
from kafka_workshop.cluster.control import AlreadyRunning, ControlClient, is_running
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.errors import UserError
from kafka_workshop.language import tr
from kafka_workshop.settings import cluster_settings

_LOOK_S = 0.2
SERVICES = (
    nodes.ZOOKEEPER,
    *(nodes.broker_name(broker_id) for broker_id in plan.BROKER_IDS),
    plan.KAFKA_UI,
    plan.PRODUCER,
    plan.CONSUMER,
)
# Not a service of Compose, but its log says why `up -d` failed.
_LOGGED = (*SERVICES, "supervisor")


class UnknownService(UserError):
    """The person named a service that does not exist."""


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
    try:
        session.prepare(settings, view)
    except AlreadyRunning as running:
        if detach:
            view.say(str(running))
            return
        raise
    if other := other_data(settings):
        view.say(other)
    if not detach:
        raise typer.Exit(session.run_here(settings, view))
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
    if not session.stop(settings, view):
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
    statuses = ControlClient(RunFolders(settings.data)).ps()
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(statuses), indent=2))
    elif statuses:
        view.ps(statuses)
    else:
        view.say(
            tr(
                "Nothing is running: ./workshop up starts it.",
                "Nada está rodando: ./workshop up inicia.",
            )
        )


def logs(
    services: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SERVICE]...", help=", ".join(_LOGGED), show_default=False),
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
    folders = RunFolders(cluster_settings(os.environ).data)
    chosen = _known(services or services_of(folders, SERVICES))
    show = _Printer(View(), prefixed=len(chosen) != 1)
    followers = {name: logfiles.Follower(folders.log_of(name)) for name in chosen}
    for name in chosen:
        for line in logfiles.tail(folders.log_of(name), tail):
            show(name, line)
    if follow:
        _follow(followers, show, folders)


def _known(names: list[str]) -> list[str]:
    for name in names:
        if name not in _LOGGED:
            raise UnknownService(
                tr(
                    "No service {name!r}. There are: {all}",
                    "Não há serviço {name!r}. Existem: {all}",
                    name=name,
                    all=", ".join(_LOGGED),
                )
            )
    return names


class _Printer:
    """Prints lines as they are, or after the service's name where there are several."""

    def __init__(self, view: View, prefixed: bool) -> None:
        self._view = view
        self._prefixed = prefixed

    def __call__(self, service: str, line: str) -> None:
        if self._prefixed:
            self._view.log_line(service, line, _LOGGED.index(service))
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
