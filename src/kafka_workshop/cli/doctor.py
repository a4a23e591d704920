"""The verb that says what is wrong, and what mends it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec
import typer

from kafka_workshop.cli import coordination, plan
from kafka_workshop.cli.view import View
from kafka_workshop.cluster import nodes
from kafka_workshop.doctor import examination, variables
from kafka_workshop.doctor.finding import Finding
from kafka_workshop.doctor.installation import Installation
from kafka_workshop.language import tr
from kafka_workshop.settings import Environment, cluster_settings

_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "problem": ("✗", "bold red")}


def doctor(
    json: Annotated[
        bool, typer.Option("--json", help=tr("As JSON, for programs.", "Em JSON, para programas."))
    ] = False,
) -> None:
    """Say what is wrong, and what mends it."""
    view = View()
    findings = []
    for finding in _examine(view, quiet=json):
        findings.append(finding)
        if not json:
            _show(finding, view)
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(findings), indent=2))
    else:
        view.say(*_verdict(findings))
    if any(finding.level == "problem" for finding in findings):
        raise typer.Exit(1)


def _examine(view: View, quiet: bool) -> Iterator[Finding]:
    found, usable = variables.examine(os.environ)
    yield from found
    for step in examination.steps(installed(usable)):
        with _saying(step.title, view, quiet):
            found = step.run()
        yield from found


def installed(environment: Environment) -> Installation:
    """Return where to look; every variable of `environment` is valid."""
    settings = coordination.as_it_runs(cluster_settings(environment))
    return Installation(
        settings,
        environment,
        plan.ports_of(settings),
        plan.port_settings(),
        {broker_id: nodes.broker_name(broker_id) for broker_id in plan.BROKER_IDS},
        plan.jar_cache(settings),
        plan.locked_jars(settings),
    )


@contextmanager
def _saying(title: str, view: View, quiet: bool) -> Iterator[None]:
    """Say what is being looked at, on a terminal, until it is done."""
    if quiet or not view.console.is_terminal:
        yield
        return
    with view.console.status(tr("Looking: {title} …", "Examinando: {title} …", title=title)):
        yield


def _show(finding: Finding, view: View) -> None:
    mark, style = _MARKS[finding.level]
    view.say(f"{mark} {finding.text}", style)
    if finding.mend:
        view.say(f"    → {finding.mend}")


def _verdict(findings: list[Finding]) -> tuple[str, str]:
    """Return the last sentence and its style."""
    problems, warnings = (
        sum(1 for finding in findings if finding.level == level) for level in ("problem", "warning")
    )
    if problems:
        said = tr(
            "Problems: {p}, warnings: {w}. Under each stands what mends it.",
            "Problemas: {p}, avisos: {w}. Abaixo de cada um está o que o resolve.",
            p=problems,
            w=warnings,
        )
        return said, "bold red"
    if warnings:
        said = tr("It works; warnings: {n}.", "Funciona; avisos: {n}.", n=warnings)
        return said, "bold yellow"
    return tr("All is well.", "Está tudo bem."), "bold green"
