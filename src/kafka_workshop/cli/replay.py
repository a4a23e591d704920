"""`replay`: a data set from elsewhere, through Kafka in topics of its own, or into a file."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from kafka_workshop.cli import replay_words as words
from kafka_workshop.cli.redriving import aside
from kafka_workshop.cli.view import View
from kafka_workshop.clock import Deadline, now_ms
from kafka_workshop.errors import BrokersUnavailable, Unavailable, UserError, WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.messaging.admin import await_everywhere, end_offsets, leaders
from kafka_workshop.messaging.config import DELIVERY_TIMEOUT_MS
from kafka_workshop.messaging.factory import open_producer
from kafka_workshop.messaging.topics import labels_topic
from kafka_workshop.replay.mapping import Mapping, load_mapping
from kafka_workshop.replay.names import checked, topic_of
from kafka_workshop.replay.opening import open_rows
from kafka_workshop.replay.pace import AS_FAST_AS_CAN_BE, EventPace, speed_of
from kafka_workshop.replay.rejects import Rejects, rejects_of
from kafka_workshop.replay.rows import Rows
from kafka_workshop.replay.run import Replay, examine
from kafka_workshop.replay.sinks import KafkaSink, LinesSink
from kafka_workshop.settings import KAFKA_CLIENT, STORAGE, KafkaSettings, chosen_servers
from kafka_workshop.shutdown import Stop

INTERRUPTED = 130
_HEADER_LINE = 1
_EVERY_S = 2.0
# After the last row: as long as the client itself tries; after Ctrl-C, as long as a person waits.
_STORED_S, _LAST_S = DELIVERY_TIMEOUT_MS / 1000 + 5, 8.0
_LOOK_S = 0.05


class WrongReplay(UserError):
    """The options contradict each other, or what the topic holds."""


def replay(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.csv|parquet",
            help=tr(
                "A CSV file with a header, or a Parquet file.",
                "Um arquivo CSV com cabeçalho, ou um arquivo Parquet.",
            ),
            show_default=False,
        ),
    ],
    *,
    mapping: Annotated[
        str,
        typer.Option(
            "--map",
            metavar="NAME|FILE.toml",
            help=tr(
                "Which column is what: handbook, sparkov, or a file.",
                "Qual coluna é o quê: handbook, sparkov, ou um arquivo.",
            ),
            show_default=False,
        ),
    ],
    speed: Annotated[
        str,
        typer.Option(
            metavar="N|max",
            help=tr(
                "Event time divided by wall time, or as fast as can be.",
                "Tempo dos eventos dividido pelo tempo real, ou o mais rápido possível.",
            ),
        ),
    ] = AS_FAST_AS_CAN_BE,
    topic: Annotated[
        str | None,
        typer.Option(
            help=tr("The topic; else named after the file.", "O tópico; senão, o nome do arquivo."),
            show_default=False,
        ),
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help=tr(
                "Where rows that are no transactions go, with the reason; else FILE.rejects.csv.",
                "Onde ficam as linhas que não são transações, com o motivo; senão, "
                "FILE.rejects.csv.",
            ),
            show_default=False,
        ),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl",
            help=tr(
                "Into a file for `monitor backtest --file`, not to Kafka.",
                "Para um arquivo de `monitor backtest --file`, não para o Kafka.",
            ),
            show_default=False,
        ),
    ] = None,
    after_line: Annotated[
        int,
        typer.Option(
            min=0,
            help=tr(
                "Go on behind this line, where a replay was interrupted.",
                "Continua depois desta linha, onde um replay foi interrompido.",
            ),
            show_default=False,
        ),
    ] = 0,
) -> None:
    """Replay a file."""
    pace, said, rows = EventPace(speed_of(speed)), load_mapping(mapping), open_rows(file)
    latest = now_ms() if to is None else None
    examine(rows, said, latest)
    bad = Rejects(rejects or rejects_of(file))
    _refuse_same(file, bad.path, to)
    options = _options(mapping, speed, rejects)
    call = _Call(file, options, said, rows, bad, pace, after_line, latest)
    if to is None:
        _to_kafka(call, checked(topic_of(file) if topic is None else topic))
    elif topic is not None or after_line:
        raise WrongReplay(
            tr(
                "--to writes a whole file: without --topic and --after-line",
                "--to grava um arquivo inteiro: sem --topic nem --after-line",
            )
        )
    else:
        _to_file(call, to)


class _Call(NamedTuple):
    file: Path
    options: tuple[str, ...]
    mapping: Mapping
    rows: Rows
    rejects: Rejects
    pace: EventPace
    after_line: int
    latest: int | None


def _options(mapping: str, speed: str, rejects: Path | None) -> tuple[str, ...]:
    """Return the options that whoever goes on has to give again."""
    paced = () if speed == AS_FAST_AS_CAN_BE else ("--speed", speed)
    return ("--map", mapping, *paced, *(() if rejects is None else ("--rejects", str(rejects))))


def _refuse_same(*paths: Path | None) -> None:
    real = [path.resolve() for path in paths if path is not None]
    for path in real:
        if real.count(path) > 1:
            raise WrongReplay(
                tr(
                    "{path} would be read and written at once, or written twice",
                    "{path} seria lido e gravado ao mesmo tempo, ou gravado duas vezes",
                    path=path,
                )
            )


def _to_file(call: _Call, target: Path) -> None:
    view, began, lines = View(), time.monotonic(), LinesSink(target)
    call.rejects.open()
    replayed = Replay(call.mapping, lines, call.rejects, call.pace)
    with Stop() as stop:
        try:
            lines.open()
            replayed.run(call.rows, stop, _Progress(call, replayed))
        finally:
            lines.close()
            call.rejects.close()
    seconds = time.monotonic() - began
    words.say_sent(view, replayed.journey, str(target), None, seconds)
    words.say_rows(view, replayed.journey, call.rejects)
    if not replayed.journey.ended:
        words.say_rest(view, 0, replayed.journey.line)
        raise typer.Exit(INTERRUPTED)
    words.say_backtest(view, target)


def _to_kafka(call: _Call, topic: str) -> None:
    servers = chosen_servers(os.environ)
    kafka = KafkaSettings(topic, servers, KAFKA_CLIENT.read(os.environ), STORAGE.read(os.environ))
    with Stop() as stop:
        try:
            _refuse_used(servers, topic, call.after_line)
            producer = open_producer(kafka, give_up=lambda: stop.requested)
        except BrokersUnavailable as error:
            raise BrokersUnavailable(words.no_brokers(error)) from None
        try:
            call.rejects.open()
            sink = KafkaSink(producer, topic, _partitions(servers, labels_topic(topic)))
            _send(call, sink, topic, servers, stop)
        finally:
            call.rejects.close()
            producer.close()


def _refuse_used(servers: tuple[str, ...], topic: str, after_line: int) -> None:
    """Refuse a topic that holds something, unless that is the part of the file before a line.

    Sent twice, event time would jump back to the beginning.
    """
    for name in (topic, labels_topic(topic)):
        count = sum(end_offsets(servers, name).values())
        if count and not after_line:
            raise WrongReplay(words.used(name, count))
        if name == topic and not count and after_line > _HEADER_LINE:
            raise WrongReplay(words.nothing_before(name, after_line))


def _partitions(servers: tuple[str, ...], topic: str) -> list[int]:
    """Return the partitions of a topic that was perhaps made a moment ago."""
    await_everywhere(servers, topic)
    found = sorted(leaders(servers, topic))
    if not found:
        raise Unavailable(
            tr(
                "topic {topic} is not known to every broker yet: run it again",
                "o tópico {topic} ainda não é conhecido por todos os brokers: execute de novo",
                topic=topic,
            )
        )
    return found


def _send(call: _Call, sink: KafkaSink, topic: str, servers: tuple[str, ...], stop: Stop) -> None:
    view, began = View(), time.monotonic()
    replayed = Replay(call.mapping, sink, call.rejects, call.pace, call.after_line, call.latest)
    progress = _Progress(call, replayed)
    failure: WorkshopError | None = None
    try:
        replayed.run(call.rows, stop, progress)
        _await_answers(sink, stop, progress)
    except WorkshopError as error:
        failure = error
    missing = sink.settle(Deadline(_LAST_S))
    call.rejects.close()
    journey, seconds = replayed.journey, time.monotonic() - began
    words.say_sent(view, journey, topic, labels_topic(topic), seconds)
    words.say_rows(view, journey, call.rejects)
    whole = journey.ended and not missing and failure is None
    if not whole:
        line = max(sink.confirmed(journey.line), _HEADER_LINE)
        words.say_rest(view, missing, line)
        view.say(words.go_on(call.file, call.options, topic, line, servers))
    words.say_next(view, topic, servers)
    if failure is not None and not stop.requested:
        raise failure
    if not whole:
        raise typer.Exit(INTERRUPTED if stop.requested else 1)


def _await_answers(sink: KafkaSink, stop: Stop, progress: Callable[[], None]) -> None:
    deadline = Deadline(_STORED_S)
    while sink.waits and not stop.requested and not deadline.expired:
        sink.show()
        progress()
        stop.wait(_LOOK_S)


class _Progress:
    """Says every two seconds how far it is and how fast, on standard error."""

    def __init__(self, call: _Call, replayed: Replay) -> None:
        self._rows, self._rejects, self._replayed = call.rows, call.rejects, replayed
        self._said, self._before = time.monotonic(), 0

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self._said < _EVERY_S:
            return
        journey = self._replayed.journey
        rate = (journey.rows - self._before) / (now - self._said)
        self._said, self._before = now, journey.rows
        aside(words.progress(journey, self._rows.share, self._rejects.count, rate))
