"""`monitor score`: how good the monitor is, from its alerts and the labels that came later."""

import os
from contextlib import ExitStack
from typing import Annotated

import msgspec
import typer

from kafka_workshop.cli import redriving, score_table
from kafka_workshop.cli.view import View
from kafka_workshop.clock import Deadline
from kafka_workshop.errors import DeliveryFailed, Unavailable
from kafka_workshop.language import tr
from kafka_workshop.ledger.reader import Reader
from kafka_workshop.messaging import confluent
from kafka_workshop.messaging.admin import PROBE_S, create_topics
from kafka_workshop.messaging.client import Delivery, Producer
from kafka_workshop.monitor.score.judge import judge
from kafka_workshop.monitor.score.names import score_spec
from kafka_workshop.monitor.score.publish import publish
from kafka_workshop.monitor.score.result import Score
from kafka_workshop.monitor.score.sources import Topics
from kafka_workshop.settings import CONSUMER_GROUP, TOPIC, chosen_servers
from kafka_workshop.shutdown import Stop

_EVERY_S = 5.0
_STORED_S = 10.0
# Lag never reads 0 on a transactional topic: each partition may end with a marker or two.
_BEHIND = 1_000


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
) -> None:
    """Take the score from the topics."""
    topic, group = TOPIC.read(os.environ), CONSUMER_GROUP.read(os.environ)
    topics = Topics(chosen_servers(os.environ), topic, group)
    with ExitStack() as open_ones:
        shelf = _Shelf(topic, group, open_ones) if publish_it else None
        if follow:
            _follow(topics, group, json, shelf)
        else:
            _take(topics, group, json, shelf)


def _follow(topics: Topics, group: str, json: bool, shelf: "_Shelf | None") -> None:
    shown: Score | None = None
    with Stop() as stop:
        while not stop.requested:
            try:
                shown = _take(topics, group, json, shelf, shown)
            except Unavailable as passing:
                redriving.aside(f"{passing}")  # brokers come back; who follows is still there
            stop.wait(_EVERY_S)


def _take(
    topics: Topics, group: str, json: bool, shelf: "_Shelf | None", shown: Score | None = None
) -> Score:
    """Read on, and show the score if it is another one than was `shown`."""
    taken = judge(topics.read_on(redriving.Patience(redriving.records_read)))
    if taken == shown:
        return taken
    if json:
        # In one line, for who follows and reads line by line.
        typer.echo(msgspec.json.encode(score_table.as_json(taken) | {"missing": topics.missing}))
    else:
        _show(View(), topics, taken, _behind(group))
    if shelf is not None:
        shelf.put(taken)
    return taken


def _show(view: View, topics: Topics, taken: Score, behind: int) -> None:
    for name in topics.missing:
        view.say(_missing(name, name == topics.labels), "yellow")
    if taken.is_mature:
        score_table.show_score(view, [taken])
    elif not topics.missing:
        view.say(_nothing_yet(taken), "yellow")
    if behind > _BEHIND:
        view.say(
            tr(
                "The monitor is {n} messages behind: what it has not seen yet counts as missed.",
                "O monitor está {n} mensagens atrasado: o que ainda não viu conta como perdido.",
                n=score_table.number(behind),
            ),
            "yellow",
        )
    if topics.undecodable:
        view.say(
            tr(
                "{n} records are no alert and no label.",
                "{n} registros não são alerta nem rótulo.",
                n=topics.undecodable,
            ),
            "dim",
        )


def _missing(name: str, labels: bool) -> str:
    if labels:
        return tr(
            "There is no topic {name} yet: the producer makes it, and without labels there is no "
            "score.",
            "Ainda não há tópico {name}: o producer o cria, e sem rótulos não há avaliação.",
            name=name,
        )
    return tr(
        "There is no topic {name} yet: the monitor makes it when it starts.",
        "Ainda não há tópico {name}: o monitor o cria quando inicia.",
        name=name,
    )


def _nothing_yet(taken: Score) -> str:
    return tr(
        "Nothing is mature yet: no label has come, or none is complete. Labels come up to 7 days "
        "of event time after the fraud; {n} alerts wait.",
        "Nada está maduro ainda: não chegou rótulo, ou nenhum está completo. Rótulos chegam até 7 "
        "dias, no tempo dos eventos, depois da fraude; {n} alertas esperam.",
        n=score_table.number(taken.waiting),
    )


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


class _Shelf:
    """Where scores are put for others to see: the topic, made at the first one."""

    def __init__(self, topic: str, group: str, open_ones: ExitStack) -> None:
        self._spec = score_spec(topic, group)
        self._open_ones = open_ones
        self._producer: Producer | None = None
        self._failed: DeliveryFailed | None = None

    def put(self, taken: Score) -> None:
        """Store the score.

        Raises:
            DeliveryFailed: it was not acknowledged.
        """
        producer = self._opened()
        publish(producer, self._spec.name, taken, self._answered)
        if producer.flush(Deadline(_STORED_S)) or self._failed:
            raise self._failed or DeliveryFailed(
                tr(
                    "the score could not be stored in {name} in time",
                    "não foi possível gravar a avaliação em {name} a tempo",
                    name=self._spec.name,
                )
            )

    def _opened(self) -> Producer:
        if self._producer is None:
            create_topics(chosen_servers(os.environ), [self._spec])
            self._producer = confluent.open_producer(chosen_servers(os.environ), PROBE_S)
            self._open_ones.callback(self._producer.close)
        return self._producer

    def _answered(self, answer: Delivery | DeliveryFailed) -> None:
        if isinstance(answer, DeliveryFailed):
            self._failed = answer
