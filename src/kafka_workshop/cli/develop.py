"""The verbs of who changes the project: check, test, lock, bench."""

import os
import subprocess
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kafka_workshop.cli.plan import JAR_LOCKS
from kafka_workshop.cli.view import View
from kafka_workshop.cluster import jar_lock
from kafka_workshop.language import tr
from kafka_workshop.settings import KRAFT, PROJECT_FOLDER, ZOOKEEPER

_PYTHON_PATHS = ("src", "tests", "benchmarks", "produce.py", "consume.py")
# How many workers, who has what and in which order: tests/conftest.py, tests/support/systems.py.
_SIDE_BY_SIDE = ("-n", "auto", "--no-loadscope-reorder")
# A system takes about a core as long as it is up: a third one beside two would only slow them.
_TWO = ("-n", "2", "--no-loadscope-reorder")
_UNIT = (*_SIDE_BY_SIDE, "tests/unit")
# No other folder has tests that need a server: the rest need not be read twice more.
SERVED_FOLDERS = ("tests/cluster", "tests/console", "tests/contract", "tests/faults")
# What needs no server; what shares one cluster, mostly waiting for it; what starts or breaks one.
_ALL = (
    (*_SIDE_BY_SIDE, "-m", "not cluster and not browser"),
    (*_SIDE_BY_SIDE, "--one-cluster", "-m", "shared", *SERVED_FOLDERS),
    (*_TWO, "-m", "(cluster or browser) and not shared", *SERVED_FOLDERS),
)
LONG_FORMS_S = 75 * 60
# When it is over no further test begins, and the run has failed.
_LONG = ("--long", "-m", "long", f"--session-timeout={LONG_FORMS_S}")
_MODULE = (sys.executable, "-m")
CHECKS: tuple[tuple[str, ...], ...] = (
    (*_MODULE, "ruff", "format", "--check", *_PYTHON_PATHS),
    (*_MODULE, "ruff", "check", *_PYTHON_PATHS),
    (*_MODULE, "mypy"),
    # import-linter has no module to run: `python -m importlinter.cli` does nothing and succeeds.
    (str(Path(sys.executable).with_name("lint-imports")),),
    (*_MODULE, "pytest", "-q", "tests/unit/test_documents.py"),
)
LOCKS: tuple[tuple[str, ...], ...] = (
    ("requirements.lock",),
    ("requirements-cluster.lock", "--extra", "cluster", "-c", "requirements.lock"),
    (
        "requirements-dev.lock",
        "--extra",
        "cluster",
        "--extra",
        "dev",
        "--extra",
        "train",
        "--extra",
        "parquet",
        "-c",
        "requirements-cluster.lock",
    ),
    (
        "requirements-train.lock",
        "--extra",
        "cluster",
        "--extra",
        "train",
        "-c",
        "requirements-dev.lock",
    ),
    (
        "requirements-parquet.lock",
        "--extra",
        "cluster",
        "--extra",
        "parquet",
        "-c",
        "requirements-dev.lock",
    ),
)
JAR_RECIPES = {ZOOKEEPER: jar_lock.ZOOKEEPER_RECIPE, KRAFT: jar_lock.KRAFT_RECIPE}


class Scope(StrEnum):
    """Which tests."""

    UNIT = "unit"
    ALL = "all"


class Benchmark(StrEnum):
    """Which benchmark."""

    GENERATE = "generate"
    CLIENTS = "clients"
    START = "start"
    MONITOR = "monitor"


def check() -> None:
    """Format, lint, types, import rules, documents."""
    view = View()
    for command in CHECKS:
        words = command[2:] if command[:2] == _MODULE else (Path(command[0]).name,)
        view.say(" ".join(words), "bold")
        code = _run(command)
        if code:
            raise typer.Exit(code)


def run_tests(
    scope: Annotated[
        Scope,
        typer.Argument(
            help=tr("unit: no cluster, under 30 s.", "unit: sem cluster, menos de 30 s.")
        ),
    ] = Scope.ALL,
    long: Annotated[
        bool,
        typer.Option(
            "--long",
            help=tr(
                "Only the long forms of the tests, at most 75 min.",
                "Só as formas longas dos testes, no máximo 75 min.",
            ),
        ),
    ] = False,
    record: Annotated[
        bool,
        typer.Option(
            "--record",
            help=tr(
                "With --long: write what was measured into docs/faults.*.",
                "Com --long: grava o que foi medido em docs/faults.*.",
            ),
        ),
    ] = False,
) -> None:
    """Run the tests; without a word, all of them, on a real cluster."""
    _check_options(scope, long, record)
    whole = (_LONG,) if long else _ALL
    code = _pytest(*((_UNIT,) if scope is Scope.UNIT else whole))
    if record and code == 0:
        code = _run([sys.executable, "-m", "tests.faults.document"])
    raise typer.Exit(code)


def _pytest(*runs: Sequence[str]) -> int:
    """Carry out run after run; return the exit code of the first that fails."""
    return next(filter(None, (_run([*_MODULE, "pytest", *words]) for words in runs)), 0)


def _check_options(scope: Scope, long: bool, record: bool) -> None:
    if long and scope is Scope.UNIT:
        raise typer.BadParameter(
            tr(
                "the unit tests have no long form: ./workshop test --long",
                "os testes de unidade não têm forma longa: ./workshop test --long",
            ),
            param_hint="--long",
        )
    if record and not long:
        raise typer.BadParameter(
            tr(
                "--record goes with --long: ./workshop test --long --record",
                "--record acompanha --long: ./workshop test --long --record",
            ),
            param_hint="--record",
        )


def lock() -> None:
    """Renew the locks: Python packages and Kafka's jars."""
    view = View()
    for name, *extras in LOCKS:
        view.say(name, "bold")
        if _run(_compile(name, extras)):
            raise typer.Exit(1)
    for coordination, recipe in JAR_RECIPES.items():
        _lock_jars(JAR_LOCKS[coordination], recipe, view)


def _lock_jars(path: Path, recipe: jar_lock.Recipe, view: View) -> None:
    view.say(path.name, "bold")
    jars = jar_lock.resolve(recipe)
    path.write_text(jar_lock.render(jars, recipe.title), encoding="utf-8")
    megabytes = sum(jar.size for jar in jars) / 1e6
    view.say(f"    {len(jars)} jars, {megabytes:.0f} MB")


def _compile(name: str, extras: Sequence[str]) -> list[str]:
    return [
        *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "pyproject.toml"),
        *extras,
        *("--universal", "--generate-hashes", "--python-version", "3.11", "--upgrade"),
        *("--no-emit-index-url", "--no-emit-find-links"),
        *("--custom-compile-command", "./workshop lock", "--output-file", name),
    ]


def bench(
    name: Annotated[Benchmark, typer.Argument(help="generate, clients, start, monitor")],
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar=tr("ARGUMENTS", "ARGUMENTOS"), show_default=False)
    ] = None,
) -> None:
    """Measure, side by side with a rival in the same run; a table and JSON."""
    command = [sys.executable, "-m", f"benchmarks.{name.value}", *(arguments or [])]
    raise typer.Exit(_run(command))


def _run(command: Sequence[str]) -> int:
    ran = subprocess.run(command, cwd=PROJECT_FOLDER, env=_environment(), check=False)
    return ran.returncode


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT_FOLDER / "src")}
