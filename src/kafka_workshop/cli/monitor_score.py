"""`monitor score`: how good the monitor is, from its alerts and the labels that came later."""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kafka_workshop.cli import redriving, score_against, score_table
from kafka_workshop.cli.view import View
from kafka_workshop.clock import Deadline
from kafka_workshop.errors import Unavailable
from kafka_workshop.language import tr
from kafka_workshop.ledger.reader import Reader
from kafka_workshop.messaging.admin import PROBE_S
from kafka_workshop.monitor.score import words
from kafka_workshop.monitor.score.judge import judge
from kafka_workshop.monitor.score.result import Score, as_json
from kafka_workshop.monitor.score.shelf import Shelf
from kafka_workshop.monitor.score.sources import Topics
from kafka_workshop.settings import CONSUMER_GROUP, TOPIC, chosen_servers
from kafka_workshop.shutdown import Stop

_EVERY_S = 5.0


def score(
    json: Annotated[
        bool, typer.Option("--json", help=tr("As JSON, for programs.", "Em JSON, para programas."))
    ] = False,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow",
            "-f",
            help=tr("Go on, and show it whenever it changes.", "Continua, e mostra cada mudança."),
        ),
    ] = False,
    publish_it: Annotated[
        bool,
        typer.Option(
            "--publish",
            help=tr(
                "Also write it to the topic monitor.score.",
                "Também grava no tópico monitor.score.",
            ),
        ),
    ] = False,
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=tr(
                "Instead: compare the scores of single transactions with those computed from a "
                "file of JSON lines, and count the differences.",
                "Em vez disso: compara as pontuações das transações com as calculadas de um "
                "arquivo de linhas JSON, e conta as diferenças.",
            ),
            show_default=False,
        ),
    ] = None,
) -> None:
    """Take the score from the topics."""
    if against is not None:
        score_against.against(against, json)
        return
    topic, group = TOPIC.read(os.environ), CONSUMER_GROUP.read(os.environ)
    topics = Topics(chosen_servers(os.environ), topic, group)
    with ExitStack() as open_ones:
        shelf = Shelf(chosen_servers(os.environ), topic, group) if publish_it else None
        if shelf is not None:
            open_ones.callback(shelf.close)
        if follow:
            _follow(topics, group, json, shelf)
        else:
            _take(topics, group, json, shelf)


def _follow(topics: Topics, group: str, json: bool, shelf: Shelf | None) -> None:
    shown: Score | None = None
    with Stop() as stop:
        while not stop.requested:
            try:
                shown = _take(topics, group, json, shelf, shown)
            except Unavailable as passing:
                redriving.aside(f"{passing}")  # brokers come back; who follows is still there
            stop.wait(_EVERY_S)


def _take(
    topics: Topics, group: str, json: bool, shelf: Shelf | None, shown: Score | None = None
) -> Score:
    """Read on, and show the score if it is another one than was `shown`."""
    taken = judge(topics.read_on(redriving.Patience(redriving.records_read)))
    if taken == shown:
        return taken
    if json:
        # In one line, for who follows and reads line by line.
        typer.echo(msgspec.json.encode(as_json(taken) | {"missing": topics.missing}))
    else:
        _show(View(), topics, taken, _behind(group))
    if shelf is not None:
        shelf.put(taken)
    return taken


def _show(view: View, topics: Topics, taken: Score, behind: int) -> None:
    for name in topics.missing:
        view.say(words.missing(name, name == topics.labels), "yellow")
    if taken.is_mature:
        score_table.show_score(view, [taken])
    elif not topics.missing:
        view.say(words.nothing_yet(taken), "yellow")
    for said, style in (
        (words.behind(behind), "yellow"),
        (words.undecodable(topics.undecodable), "dim"),
    ):
        if said is not None:
            view.say(said, style)


def _behind(group: str) -> int:
    """Return how many messages of the topic the group has not committed; 0 if nobody can tell."""
    reader, deadline = Reader(chosen_servers(os.environ), group), Deadline(PROBE_S)
    try:
        places = reader.places([TOPIC.read(os.environ)], deadline)
        committed = reader.committed(places, deadline)
        ends = reader.ends(places, deadline)
    except Unavailable:
        return 0
    finally:
        reader.close()
    return sum(max(0, ends[place] - offset) for place, (offset, _) in committed.items())
