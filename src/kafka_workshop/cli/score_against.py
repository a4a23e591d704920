"""`monitor score --against FILE`: are the stream's scores those of the same file without it?"""

import os
from collections.abc import Iterator
from pathlib import Path

import typer

from kafka_workshop.cli import redriving
from kafka_workshop.cli.score_table import dump
from kafka_workshop.cli.view import View
from kafka_workshop.domain.label import Label
from kafka_workshop.domain.risk import Score
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import Undecodable
from kafka_workshop.language import tr
from kafka_workshop.messaging.committed import Read, read
from kafka_workshop.messaging.risk_codec import decode_score
from kafka_workshop.messaging.topics import MonitorTopics
from kafka_workshop.monitor.backtest.lines import events_of
from kafka_workshop.monitor.risk.compare import Comparison, compare
from kafka_workshop.monitor.risk.model import load_model
from kafka_workshop.monitor.risk.offline import scores
from kafka_workshop.monitor.score.words import number
from kafka_workshop.settings import CONSUMER_GROUP, MONITOR_MODEL, TOPIC, chosen_servers

DIFFERENT = 1


def against(file: Path, json: bool) -> None:
    """Compare, say what was found, and end with 1 if anything differs or nothing was there."""
    model = load_model(MONITOR_MODEL.read(os.environ))
    labels = [event for event in events_of(file) if isinstance(event, Label)]
    transactions = (event for event in events_of(file) if isinstance(event, Transaction))
    names = MonitorTopics(TOPIC.read(os.environ), CONSUMER_GROUP.read(os.environ))
    written = _written(names.scores, redriving.Patience(redriving.records_read))
    found = compare(scores(transactions, labels, model), written)
    if json:
        typer.echo(dump(found))
    else:
        _show(View(), names.scores, found)
    if found.differences or not found.equal:
        raise typer.Exit(DIFFERENT)


def _written(topic: str, on_read: Read) -> Iterator[Score]:
    """Yield the topic's scores; who wrote what is none can't be told."""
    for record in read(chosen_servers(os.environ), topic, on_read=on_read):
        try:
            yield decode_score(record.value)
        except Undecodable:
            continue


def _show(view: View, topic: str, found: Comparison) -> None:
    view.say(
        tr(
            "{topic}: {equal} scores as computed from the file, {differences} differences",
            "{topic}: {equal} pontuações iguais às calculadas do arquivo, {differences} diferenças",
            topic=topic,
            equal=number(found.equal),
            differences=number(found.differences),
        ),
        "bold",
    )
    for line in _lines(found):
        view.say(line, "yellow")


def _lines(found: Comparison) -> Iterator[str]:
    if found.differing:
        yield tr(
            "{n} differ, in {names}; for example {examples}",
            "{n} diferem, em {names}; por exemplo {examples}",
            n=number(found.differing),
            names=", ".join(f"{name} ({number(n)})" for name, n in found.features.most_common()),
            examples=", ".join(found.examples),
        )
    if found.twice:
        yield tr("{n} scored again", "{n} pontuadas de novo", n=number(found.twice))
    if found.unknown:
        yield tr(
            "{n} scored that are not in the file",
            "{n} pontuadas que não estão no arquivo",
            n=number(found.unknown),
        )
    if found.missing:
        yield tr(
            "{n} of the file have no score there: not processed yet, or deleted by retention",
            "{n} do arquivo não têm pontuação lá: ainda não processadas, ou apagadas pela retenção",
            n=number(found.missing),
        )
    if found.other_model:
        yield tr(
            "{n} were scored by another model: only their features were compared",
            "{n} foram pontuadas por outro modelo: só as características foram comparadas",
            n=number(found.other_model),
        )
