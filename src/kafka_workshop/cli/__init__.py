"""The command line: Docker Compose's verbs, and a few of our own, in groups."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress

import typer

from kafka_workshop import language

# The help is made when the commands are declared, so the language comes first.
language.use(language.from_environment(os.environ))

from kafka_workshop.cli import breaking, develop, dlq, doctor, ledger, monitor, replay, run, user  # noqa: E402
from kafka_workshop.cli.help import Command, Group, usage_mistake  # noqa: E402
from kafka_workshop.cli.view import fail  # noqa: E402
from kafka_workshop.errors import WorkshopError  # noqa: E402
from kafka_workshop.language import tr  # noqa: E402

app = typer.Typer(
    name="workshop",
    cls=Group,
    help=tr(
        "Kafka on your machine: ZooKeeper, three brokers, a producer, a consumer and a Kafka UI.",
        "Kafka na sua máquina: ZooKeeper, três brokers, um producer, um consumer e uma Kafka UI.",
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
RUN, BREAK = tr("Run", "Rodar"), tr("Break", "Quebrar")
DEVELOP = tr("Develop", "Desenvolver")


def _verb(
    function: Callable[..., None], name: str, group: str, text: str, passes_on: bool = False
) -> None:
    settings = {"ignore_unknown_options": True} if passes_on else None
    app.command(name, cls=Command, rich_help_panel=group, help=text, context_settings=settings)(
        function
    )


_verb(
    run.up,
    "up",
    RUN,
    tr(
        "Start everything; Ctrl-C once stops it, twice kills it.",
        "Inicia tudo; Ctrl-C uma vez para, duas vezes mata.",
    ),
)
_verb(
    run.down,
    "down",
    RUN,
    tr("Stop everything; the data stays.", "Para tudo; os dados ficam."),
)
_verb(
    run.ps,
    "ps",
    RUN,
    tr("Show the services: state, port, memory.", "Mostra os serviços: estado, porta, memória."),
)
_verb(
    run.logs,
    "logs",
    RUN,
    tr("Show the log lines of services.", "Mostra as linhas de log dos serviços."),
)
app.add_typer(
    monitor.app,
    name="monitor",
    rich_help_panel=RUN,
    help=tr(
        "The monitor: its rules, how good it is, and the past again.",
        "O monitor: as suas regras, quão bom ele é, e o passado de novo.",
    ),
)
app.add_typer(
    user.app,
    name="user",
    rich_help_panel=RUN,
    help=tr(
        "Who may log in to the Kafka UI: add, list, remove.",
        "Quem pode entrar na Kafka UI: adicionar, listar, remover.",
    ),
)
_verb(
    replay.replay,
    "replay",
    RUN,
    tr(
        "Send a data set, a CSV file, through Kafka in topics of its own.",
        "Envia um conjunto de dados, um arquivo CSV, pelo Kafka em tópicos próprios.",
    ),
)
app.add_typer(
    dlq.app,
    name="dlq",
    rich_help_panel=BREAK,
    help=tr(
        "The dead letters: count, show, send back.",
        "A DLQ: contar, mostrar, reenviar mensagens.",
    ),
)
_verb(
    breaking.stop,
    "stop",
    BREAK,
    tr("Stop services; they stay down.", "Para serviços; ficam parados."),
)
_verb(
    breaking.start,
    "start",
    BREAK,
    tr(
        "Start services that are down, wait until they are ready.",
        "Inicia serviços parados e espera que fiquem prontos.",
    ),
)
_verb(
    breaking.restart,
    "restart",
    BREAK,
    tr("Stop and start services.", "Para e inicia serviços."),
)
_verb(
    breaking.kill,
    "kill",
    BREAK,
    tr(
        "SIGKILL: services die at once and stay down.",
        "SIGKILL: serviços morrem na hora e ficam parados.",
    ),
)
_verb(
    breaking.pause,
    "pause",
    BREAK,
    tr("SIGSTOP: services stand still, alive.", "SIGSTOP: serviços congelam, vivos."),
)
_verb(
    breaking.unpause,
    "unpause",
    BREAK,
    tr("SIGCONT: paused services go on.", "SIGCONT: serviços congelados continuam."),
)
_verb(
    breaking.scale,
    "scale",
    BREAK,
    tr(
        "Run several instances: consumer=3 shares out the partitions.",
        "Roda várias instâncias: consumer=3 divide as partições.",
    ),
)
_verb(
    doctor.doctor,
    "doctor",
    BREAK,
    tr(
        "Say what is wrong, and what mends it.",
        "Diz o que está errado, e o que resolve.",
    ),
)
_verb(
    ledger.ledger,
    "ledger",
    BREAK,
    tr(
        "Check that every acknowledged message was processed, none lost, none twice.",
        "Confere se cada mensagem confirmada foi processada, nenhuma perdida, nenhuma em dobro.",
    ),
)
_verb(
    develop.check,
    "check",
    DEVELOP,
    tr(
        "Format, lint, types, import rules, documents.",
        "Formato, lint, tipos, regras de importação, documentos.",
    ),
)
_verb(
    develop.run_tests,
    "test",
    DEVELOP,
    tr("Run the tests, on a real cluster.", "Roda os testes, em um cluster real."),
)
_verb(
    develop.lock,
    "lock",
    DEVELOP,
    tr(
        "Renew the locks: Python packages and Kafka's jars.",
        "Renova os locks: pacotes Python e jars do Kafka.",
    ),
)
_verb(
    develop.bench,
    "bench",
    DEVELOP,
    tr("Measure beside a rival in the same run.", "Mede ao lado de um rival na mesma execução."),
    passes_on=True,
)


@app.callback()
def _workshop() -> None:
    """Declare that the verbs are commands of one program."""


def main() -> None:
    """Run the command line; a mistake gives one sentence and an exit code, never a traceback."""
    sys.exit(_main())


def _refused(error: OSError) -> int:
    """Say what the system refused (a disk that is full, a folder that is not ours)."""
    if isinstance(error, BrokenPipeError):
        # The reader of our output has gone (`| head`): nothing is left to say.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    fail(
        tr(
            "{what}. ./workshop doctor looks at disk and folders.",
            "{what}. ./workshop doctor examina disco e pastas.",
            what=f"{error.filename}: {error.strerror}" if error.filename else str(error),
        )
    )
    return 1


def _main() -> int:
    try:
        result = app(prog_name="./workshop", standalone_mode=False)
    except WorkshopError as error:
        fail(str(error))
        return error.exit_code
    except typer.TyperException as error:
        if not error.format_message():
            return 0  # no verb: the help has been shown
        fail(usage_mistake(error))
        return error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except OSError as error:
        return _refused(error)
    return int(result or 0)
