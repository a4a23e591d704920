"""`ledger`: is everything that was acknowledged processed, nothing lost, nothing duplicated?"""

import os
import time
from typing import Annotated

import msgspec
import typer

from kafka_workshop.cli.view import View
from kafka_workshop.errors import BrokersUnavailable
from kafka_workshop.language import tr
from kafka_workshop.ledger import words
from kafka_workshop.ledger.balance import Balance
from kafka_workshop.ledger.scan import Ledger
from kafka_workshop.settings import CONSUMER_GROUP, TOPIC, chosen_servers

_QUIET_S = 2.0


def ledger(
    json: Annotated[
        bool, typer.Option("--json", help=tr("As JSON, for programs.", "Em JSON, para programas."))
    ] = False,
) -> None:
    """Take the ledger; exit code 1 if something is lost or duplicated."""
    view = View()
    found = _taken(_Progress(view, silent=json))
    if json:
        built = msgspec.to_builtins(found) | {"well": found.well}
        typer.echo(msgspec.json.format(msgspec.json.encode(built), indent=2))
    else:
        _show(found, view)
    raise typer.Exit(0 if found.well else 1)


def _taken(progress: "_Progress") -> Balance:
    servers = chosen_servers(os.environ)
    book = Ledger(servers, TOPIC.read(os.environ), CONSUMER_GROUP.read(os.environ))
    try:
        return book.take(progress=progress)
    except BrokersUnavailable as error:
        raise BrokersUnavailable(
            tr(
                "There is no ledger without brokers: {reason}. ./workshop up starts them.",
                "Sem brokers não há conferência: {reason}. ./workshop up os inicia.",
                reason=error,
            )
        ) from None
    finally:
        book.close()


class _Progress:
    """Says how many messages are read, once it takes more than two seconds."""

    def __init__(self, view: View, silent: bool) -> None:
        self._view = view
        self._silent = silent
        self._shown = time.monotonic()

    def __call__(self, read: int, total: int) -> None:
        if self._silent or time.monotonic() - self._shown < _QUIET_S:
            return
        self._shown = time.monotonic()
        self._view.say(
            tr(
                "    {read} of {total} messages read",
                "    {read} de {total} mensagens lidas",
                read=words.number(read),
                total=words.number(total),
            )
        )


def _show(found: Balance, view: View) -> None:
    view.say(words.equation(found))
    view.say(words.verdict(found), "bold green" if found.well else "bold red")
    for finding in words.findings(found):
        view.say(finding, "red")
    for note in words.notes(found):
        view.say(note, "dim")
