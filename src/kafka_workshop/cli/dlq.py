"""The verbs of the dead letters: `dlq list`, `dlq show`, `dlq redrive`."""

import os
from collections.abc import Callable
from typing import Annotated

import typer

from kafka_workshop.cli import letters, redriving
from kafka_workshop.cli.help import Command, Group
from kafka_workshop.cli.view import View
from kafka_workshop.clock import Deadline
from kafka_workshop.errors import UserError
from kafka_workshop.language import tr
from kafka_workshop.messaging.codec import ERROR_CLASSES
from kafka_workshop.messaging.dlq.letter import Source, letter_of
from kafka_workshop.messaging.dlq.reader import find, read_markers, read_survey
from kafka_workshop.messaging.dlq.sending_back import send_back
from kafka_workshop.messaging.dlq.survey import Choice, Survey
from kafka_workshop.monitor import classes
from kafka_workshop.settings import TOPIC, chosen_servers, cluster_settings

_SHOWN_LETTERS = 100

app = typer.Typer(cls=Group, no_args_is_help=True, rich_markup_mode="rich")
ErrorClass = Annotated[
    str | None,
    typer.Option(
        "--class",
        metavar="NAME",
        help=tr("Only this error class.", "Só esta classe de erro."),
        show_default=False,
    ),
]


class NoSuchLetter(UserError):
    """The person named a letter, or an error class, that is not there."""


def _verb(function: Callable[..., None], name: str, text: str) -> None:
    app.command(name, cls=Command, help=text)(function)


def _topic() -> str:
    return TOPIC.read(os.environ)


def _survey() -> Survey:
    return read_survey(
        chosen_servers(os.environ), _topic(), redriving.Patience(redriving.records_read)
    )


def list_letters(
    error_class: ErrorClass = None,
    limit: Annotated[
        int,
        typer.Option(
            "--limit",
            "-n",
            min=1,
            help=tr(
                "With --class: only the last so many letters.",
                "Com --class: só as últimas tantas mensagens.",
            ),
        ),
    ] = _SHOWN_LETTERS,
    json: Annotated[
        bool, typer.Option("--json", help=tr("As JSON, for programs.", "Em JSON, para programas."))
    ] = False,
) -> None:
    """Count the dead letters by error class; with a class, list its letters."""
    survey, view = _survey(), View()
    _check_class(error_class, survey)
    if json:
        typer.echo(letters.as_json(survey, error_class))
    elif not survey.letters:
        letters.say_none(view, survey)
    elif error_class is None:
        letters.show_classes(view, survey)
    else:
        letters.show_letters(view, survey, error_class, limit)


def _check_class(error_class: str | None, survey: Survey) -> None:
    ours = {*ERROR_CLASSES, *classes.ERROR_CLASSES}
    known = {*ours, *(count.error_class for count in survey.by_class())}
    if error_class is not None and error_class not in known:
        raise NoSuchLetter(
            tr(
                "There is no error class {name!r}. There are: {all}",
                "Não há classe de erro {name!r}. Existem: {all}",
                name=error_class,
                all=", ".join(sorted(known)),
            )
        )


def show(
    position: Annotated[
        str,
        typer.Argument(
            metavar="PARTITION:OFFSET",
            help=tr(
                "Where the message stood in its topic, as `dlq list --class` shows it.",
                "Onde a mensagem estava no tópico de origem, como em `dlq list --class`.",
            ),
            show_default=False,
        ),
    ],
) -> None:
    """Show one letter by the source of its message: context, key, headers, value."""
    source, servers, topic = _source(position), chosen_servers(os.environ), _topic()
    record = find(servers, topic, source, redriving.Patience(redriving.records_read))
    letter = letter_of(record, topic) if record is not None else None
    if record is None or letter is None:
        raise NoSuchLetter(
            tr(
                "There is no dead letter of {topic} {source}; ./workshop dlq list says which "
                "there are.",
                "Não há mensagem de {topic} {source} na DLQ; ./workshop dlq list mostra quais "
                "existem.",
                topic=topic,
                source=source,
            )
        )
    survey = Survey(topic)
    read_markers(servers, survey)
    letters.show_letter(View(), topic, letter, record, survey.redriven.get(source))


def _source(text: str) -> Source:
    source = Source.parse(text)
    if source is None:
        raise NoSuchLetter(
            tr(
                "{text!r} is no position; PARTITION:OFFSET is wanted, for example 3:41",
                "{text!r} não é uma posição; use PARTIÇÃO:OFFSET, por exemplo 3:41",
                text=text,
            )
        )
    return source


def redrive(
    error_class: ErrorClass = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help=tr("Only say what would be sent.", "Só diz o que seria enviado."),
        ),
    ] = False,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help=tr(
                "Also what came back from an earlier redrive.",
                "Também o que voltou de um reenvio anterior.",
            ),
        ),
    ] = False,
) -> None:
    """Send letters back to their topic, each exactly once."""
    survey, view = _survey(), View()
    _check_class(error_class, survey)
    choice = survey.choose(error_class, again)
    redriving.say_choice(view, survey.topic, choice)
    if choice.letters and not dry_run:
        _send(view, survey, choice, lambda: survey.choose(error_class, again))


def _send(view: View, survey: Survey, choice: Choice, choose: Callable[[], Choice]) -> None:
    servers, started = chosen_servers(os.environ), Deadline(0)
    storage, patience = cluster_settings(os.environ).storage, redriving.messages_sent
    sent = send_back(servers, storage, survey, choose, redriving.Patience(patience))
    redriving.say_outcome(view, survey.topic, choice, sent.final, sent.outcome, started.elapsed)


_verb(
    list_letters,
    "list",
    tr(
        "Count the dead letters by error class; with --class, list them.",
        "Conta as mensagens da DLQ por classe de erro; com --class, lista.",
    ),
)
_verb(
    show,
    "show",
    tr(
        "Show one letter: context, key, headers, value.",
        "Mostra uma mensagem: contexto, chave, headers, valor.",
    ),
)
_verb(
    redrive,
    "redrive",
    tr(
        "Send letters back to their topic, each exactly once.",
        "Reenvia mensagens ao tópico de origem, cada uma exatamente uma vez.",
    ),
)
