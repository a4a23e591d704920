"""The command line: Docker Compose's verbs, and a few of our own, in groups."""

import os
import sys
from contextlib import suppress

import click
import typer

from kafka_workshop import language

# The help is made when the commands are declared, so the language comes first.
language.use(language.from_environment(os.environ))

from kafka_workshop.cli import develop, run  # noqa: E402
from kafka_workshop.cli.view import fail  # noqa: E402
from kafka_workshop.errors import WorkshopError  # noqa: E402
from kafka_workshop.language import tr  # noqa: E402

app = typer.Typer(
    name="workshop",
    help=tr(
        "Kafka on your machine: ZooKeeper, three brokers, a producer, a consumer and a Kafka UI.",
        "Kafka na sua máquina: ZooKeeper, três brokers, um producer, um consumer e uma Kafka UI.",
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
RUN, DEVELOP = tr("Run", "Rodar"), tr("Develop", "Desenvolver")

app.command(
    rich_help_panel=RUN,
    help=tr(
        "Start everything; Ctrl-C once stops it, twice kills it.",
        "Inicia tudo; Ctrl-C uma vez para, duas vezes mata.",
    ),
)(run.up)
app.command(
    rich_help_panel=RUN,
    help=tr("Stop everything; the data stays.", "Para tudo; os dados ficam."),
)(run.down)
app.command(
    rich_help_panel=RUN,
    help=tr(
        "Show the services: state, port, memory.", "Mostra os serviços: estado, porta, memória."
    ),
)(run.ps)
app.command(
    rich_help_panel=RUN,
    help=tr("Show the log lines of services.", "Mostra as linhas de log dos serviços."),
)(run.logs)
app.command(
    rich_help_panel=DEVELOP,
    help=tr(
        "Format, lint, types, import rules, documents.",
        "Formato, lint, tipos, regras de importação, documentos.",
    ),
)(develop.check)
app.command(
    "test",
    rich_help_panel=DEVELOP,
    help=tr("Run the tests, on a real cluster.", "Roda os testes, em um cluster real."),
)(develop.run_tests)
app.command(
    rich_help_panel=DEVELOP,
    help=tr(
        "Renew the locks: Python packages and Kafka's jars.",
        "Renova os locks: pacotes Python e jars do Kafka.",
    ),
)(develop.lock)
app.command(
    rich_help_panel=DEVELOP,
    help=tr(
        "Measure beside a rival in the same run.", "Mede ao lado de um rival na mesma execução."
    ),
    context_settings={"ignore_unknown_options": True},
)(develop.bench)


@app.callback()
def _workshop() -> None:
    """Declare that the verbs are commands of one program."""


def main() -> None:
    """Run the command line; a mistake gives one sentence and an exit code, never a traceback."""
    sys.exit(_main())


def _main() -> int:
    try:
        result = app(prog_name="./workshop", standalone_mode=False)
    except WorkshopError as error:
        fail(str(error))
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing is left to say.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return int(result or 0)
