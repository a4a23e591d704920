"""The verbs of the monitor: `rules`, `reset`, and those that have modules of their own."""

import os
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
import typer

from kafka_workshop.cli import monitor_backtest, monitor_score
from kafka_workshop.cli.help import Command, Group
from kafka_workshop.cli.view import View
from kafka_workshop.domain.alert import SCORES
from kafka_workshop.domain.rulebook import RULES, RuleBook
from kafka_workshop.domain.rules import AnyRule, Parameter, Parameters
from kafka_workshop.domain.words import Words, shown
from kafka_workshop.language import current, tr
from kafka_workshop.monitor.rules import load_rules
from kafka_workshop.settings import (
    CONSUMER_GROUP,
    MONITOR_RULES,
    TOPIC,
    chosen_servers,
    cluster_settings,
)

app = typer.Typer(cls=Group, no_args_is_help=True, rich_markup_mode="rich")


@app.callback()
def _monitor() -> None:
    """Declare that the verbs are commands of one program, however few they are."""


def rules(
    json: Annotated[
        bool, typer.Option("--json", help=tr("As JSON, for programs.", "Em JSON, para programas."))
    ] = False,
) -> None:
    """Show the rules: meaning, severity, parameters with units and limits, source."""
    book = load_rules(MONITOR_RULES.read(os.environ))
    if json:
        described = {
            "version": book.version,
            "rules_version": book.rules_version,
            "rules": [_as_json(rule, book.parameters[rule.name], book) for rule in _all(book)],
        }
        typer.echo(msgspec.json.format(msgspec.json.encode(described), indent=2))
        return
    view = View()
    view.say(
        tr(
            "{count} rules, version {version}",
            "{count} regras, versão {version}",
            count=len(book.parameters),
            version=book.rules_version,
        ),
        "bold",
    )
    for rule in _all(book):
        _show(view, rule, book)


def _all(book: RuleBook) -> Iterator[AnyRule]:
    return (RULES[name] for name in book.parameters)


def _show(view: View, rule: AnyRule, book: RuleBook) -> None:
    off = tr(", off", ", desligada") if rule.name in book.disabled else ""
    view.say()
    view.say(f"{_spoken(rule.title)} ({rule.name}){off}", "bold cyan")
    view.say(f"    {_spoken(rule.meaning)}")
    low, high = SCORES[rule.severity]
    severity = tr(
        "severity {severity}, score from {low} to {high}",
        "severidade {severity}, pontuação de {low} a {high}",
        severity=_severity(rule),
        low=_number(low),
        high=_number(high),
    )
    policy = tr("; a policy, scored apart", "; uma política, avaliada à parte")
    view.say(f"    {severity}{policy if rule.policy else ''}")
    parameters = book.parameters[rule.name]
    for parameter in rule.described():
        view.say(_line(parameter, parameters))
    view.say(tr("    source: {source}", "    fonte: {source}", source=_spoken(rule.source)), "dim")


def _line(parameter: Parameter, parameters: Parameters) -> str:
    limits, value = parameter.limits, _value(getattr(parameters, parameter.name))
    allowed = tr(
        "{low} to {high}",
        "{low} a {high}",
        low=_number(limits.minimum),
        high=_number(limits.maximum),
    )
    amount = f"R$ {value}" if limits.unit == "R$" else f"{value} {limits.unit}"
    return f"      {parameter.name:<18} {amount:<18} {_spoken(limits.meaning)} ({allowed})"


def _spoken(words: Words) -> str:
    return words.spoken(current())


def _value(value: Any) -> str:
    many = value if isinstance(value, tuple) else (value,)
    return ", ".join(_number(number) for number in many)


def _number(value: float) -> str:
    return shown(value, current())


def _severity(rule: AnyRule) -> str:
    return {
        "low": tr("low", "baixa"),
        "medium": tr("medium", "média"),
        "high": tr("high", "alta"),
    }[rule.severity]


def _as_json(rule: AnyRule, parameters: Parameters, book: RuleBook) -> dict[str, Any]:
    return {
        "name": rule.name,
        "title": rule.title._asdict(),
        "meaning": rule.meaning._asdict(),
        "enabled": rule.name not in book.disabled,
        "policy": rule.policy,
        "severity": rule.severity,
        "score": SCORES[rule.severity],
        "parameters": [
            {
                "name": parameter.name,
                "value": getattr(parameters, parameter.name),
                "unit": parameter.limits.unit,
                "minimum": parameter.limits.minimum,
                "maximum": parameter.limits.maximum,
                "meaning": parameter.limits.meaning._asdict(),
            }
            for parameter in rule.described()
        ],
        "evidence": {name or "default": w._asdict() for name, w in rule.evidence.items()},
        "source": rule.source._asdict(),
    }


app.command(
    "rules",
    cls=Command,
    help=tr(
        "Show the rules: meaning, parameters, source.",
        "Mostra as regras: significado, parâmetros, fonte.",
    ),
)(rules)
app.command(
    "score",
    cls=Command,
    help=tr(
        "How good it is: recall and precision, from alerts and late labels.",
        "Quão bom ele é: recall e precisão, dos alertas e dos rótulos tardios.",
    ),
)(monitor_score.score)
app.command(
    "backtest",
    cls=Command,
    help=tr(
        "Run the rules over the past: seeds, a file, the topic; with changes side by side.",
        "Roda as regras sobre o passado: sementes, arquivo, tópico; mudanças lado a lado.",
    ),
)(monitor_backtest.backtest)


def reset() -> None:
    """Delete what the group has made, so that it begins again; refused while it has members."""
    # Half a second of import, which `monitor rules` does without.
    from kafka_workshop.monitor.reset import reset_group  # noqa: PLC0415

    servers, storage = chosen_servers(os.environ), cluster_settings(os.environ).storage
    topic, group = TOPIC.read(os.environ), CONSUMER_GROUP.read(os.environ)
    reset_group(servers, topic, group, storage)
    View().say(
        tr(
            "Group {group}: offsets, state, alerts, scores and KPIs deleted. Its next start reads "
            "{topic} from the beginning: ./workshop start consumer consumer-merchant",
            "Grupo {group}: offsets, estado, alertas, pontuações e KPIs apagados. A próxima "
            "partida relê {topic} desde o começo: ./workshop start consumer consumer-merchant",
            group=group,
            topic=topic,
        )
    )


app.command(
    "reset",
    cls=Command,
    help=tr(
        "Delete the group's offsets, state, alerts, scores and KPIs; it begins again.",
        "Apaga offsets, estado, alertas, pontuações e KPIs do grupo; ele recomeça.",
    ),
)(reset)
