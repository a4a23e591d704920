"""What `dlq list` and `dlq show` print: hostile payloads escaped, bounded, forging no line."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

from rich.table import Table
from rich.text import Text

from kafka_workshop.cli.view import View
from kafka_workshop.console import payload
from kafka_workshop.language import tr
from kafka_workshop.masking import masked_bytes
from kafka_workshop.messaging.client import Headers, Message
from kafka_workshop.messaging.dlq.letter import Letter, original_headers
from kafka_workshop.messaging.dlq.survey import ClassCount, Survey
from kafka_workshop.messaging.topics import dead_letter_topic

_VALUE_BYTES, _VALUE_CHARACTERS = 16 * 1024, 20_000
_SHOWN_HEADERS = 50
_INDENT = "    "
Column = tuple[str, Literal["left", "right"]]


def instant(at_ms: int) -> str:
    """Return an instant (milliseconds UTC) as text; the number, if no calendar has it.

    >>> instant(0), instant(-(10**17))
    ('1970-01-01 00:00:00Z', '-100000000000000000')
    """
    try:
        return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}Z"
    except (OverflowError, ValueError, OSError):
        return str(at_ms)


def say_none(view: View, survey: Survey) -> None:
    """Say that there are no letters."""
    view.say(
        tr(
            "No dead letters: every message of {topic} could be processed so far.",
            "DLQ vazia: até agora todas as mensagens de {topic} puderam ser processadas.",
            topic=survey.topic,
        )
    )
    _say_others(view, survey)


def _say_others(view: View, survey: Survey) -> None:
    if survey.repeated:
        view.say(
            tr(
                "{n} further records repeat a letter: a consumer ended before its commit.",
                "Outros {n} registros repetem mensagens: um consumer encerrou antes do commit.",
                n=survey.repeated,
            )
        )
    if survey.foreign:
        view.say(
            tr(
                "{n} records in {dlq} are no letters of {topic}.",
                "{n} registros em {dlq} não são mensagens de {topic}.",
                n=survey.foreign,
                dlq=dead_letter_topic(survey.topic),
                topic=survey.topic,
            )
        )


def _table(columns: Iterable[Column], rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for header, justify in columns:
        # What does not fit goes on in the next line of its column: nothing is hidden.
        table.add_column(header, justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def show_classes(view: View, survey: Survey) -> None:
    """Show how many letters each error class has."""
    columns: tuple[Column, ...] = (
        (tr("CLASS", "CLASSE"), "left"),
        (tr("LETTERS", "MENSAGENS"), "right"),
        (tr("REDRIVEN", "REENVIADAS"), "right"),
        (tr("CAME BACK", "VOLTARAM"), "right"),
        (tr("FIRST", "PRIMEIRA"), "left"),
        (tr("LAST", "ÚLTIMA"), "left"),
    )
    view.console.print(_table(columns, [_class_row(count) for count in survey.by_class()]))
    _say_others(view, survey)


def _class_row(count: ClassCount) -> tuple[str, ...]:
    numbers = (count.letters, count.redriven, count.came_back)
    return (
        count.error_class,
        *map(str, numbers),
        instant(count.first_ms),
        instant(count.last_ms),
    )


def show_letters(view: View, survey: Survey, error_class: str, limit: int) -> None:
    """Show the last `limit` letters of an error class."""
    found = survey.of_class(error_class)
    columns: tuple[Column, ...] = (
        (tr("SOURCE", "ORIGEM"), "left"),
        (tr("TIME", "HORA"), "left"),
        ("BYTES", "right"),
        (tr("REDRIVEN", "REENVIADA"), "left"),
        (tr("REDRIVE OF", "REENVIO DE"), "left"),
        (tr("REASON", "MOTIVO"), "left"),
    )
    view.console.print(_table(columns, [_letter_row(x, survey) for x in found[-limit:]]))
    if len(found) > limit:
        view.say(
            tr(
                "{n} older ones are not shown; --limit shows more.",
                "{n} mais antigas não aparecem; --limit mostra mais.",
                n=len(found) - limit,
            )
        )


def _letter_row(letter: Letter, survey: Survey) -> tuple[str, ...]:
    redriven = survey.redriven.get(letter.source)
    return (
        str(letter.source),
        instant(letter.time_ms),
        str(letter.size),
        "-" if redriven is None else instant(redriven),
        _history(letter) or "-",
        payload.preview(masked_bytes(letter.reason)),
    )


def _history(letter: Letter) -> str:
    """Which message this was first, and how often it has been redriven."""
    return f"{letter.redrive_of} ×{letter.redrive_count}" if letter.redrive_count else ""


def as_json(survey: Survey, error_class: str | None) -> str:
    """Return the counts, or the letters of an error class, as JSON in ASCII."""
    head: dict[str, object] = {
        "topic": survey.topic,
        "letters": len(survey.letters),
        "repeated": survey.repeated,
        "foreign": survey.foreign,
    }
    # ASCII, because a terminal obeys some of the control characters beyond it.
    if error_class is None:
        head["classes"] = [_class_json(count) for count in survey.by_class()]
    else:
        head["class"] = error_class
        head["list"] = [_letter_json(x, survey) for x in survey.of_class(error_class)]
    return json.dumps(head, indent=2, ensure_ascii=True)


def _class_json(count: ClassCount) -> dict[str, object]:
    return {
        "class": count.error_class,
        "letters": count.letters,
        "redriven": count.redriven,
        "came_back": count.came_back,
        "first_ms": count.first_ms,
        "last_ms": count.last_ms,
    }


def _letter_json(letter: Letter, survey: Survey) -> dict[str, object]:
    return {
        "source": str(letter.source),
        "time_ms": letter.time_ms,
        "reason": masked_bytes(letter.reason).decode(errors="backslashreplace"),
        "size": letter.size,
        "omitted": letter.omitted,
        "redriven_ms": survey.redriven.get(letter.source),
        "redrive_of": None if letter.redrive_of is None else str(letter.redrive_of),
        "redrive_count": letter.redrive_count,
    }


def show_letter(
    view: View, topic: str, letter: Letter, record: Message, redriven_ms: int | None
) -> None:
    """Show one letter with its payload; `redriven_ms` is when it was redriven."""
    place = f"{dead_letter_topic(topic)} {letter.partition}:{letter.offset}"
    lines = {
        tr("source", "origem"): f"{topic} {letter.source}",
        tr("stands in", "está em"): place,
        tr("sent", "enviada"): instant(letter.source_time_ms),
        tr("dead-lettered", "na DLQ desde"): instant(letter.time_ms),
        tr("error class", "classe de erro"): letter.error_class,
        tr("reason", "motivo"): payload.preview(masked_bytes(letter.reason)),
        tr("redriven", "reenviada"): "-" if redriven_ms is None else instant(redriven_ms),
        tr("redrive of", "reenvio de"): _history(letter) or "-",
    }
    width = max(map(len, lines))
    for name, text in lines.items():
        view.say(f"{name:<{width}}  {text}")
    _say_payload(view, tr("key", "chave"), record.key)
    _say_headers(view, original_headers(record.headers))
    if letter.omitted:
        view.say(
            tr(
                "a part was too large for every topic and is missing here",
                "uma parte era grande demais para qualquer tópico e falta aqui",
            )
        )
    _say_payload(view, tr("value", "valor"), record.value)


def _say_headers(view: View, headers: Headers) -> None:
    view.say(tr("headers: {n}", "headers: {n}", n=len(headers)))
    for name, value in headers[:_SHOWN_HEADERS]:
        shown = "null" if value is None else payload.preview(masked_bytes(value))
        told = payload.preview(masked_bytes(name.encode(errors="backslashreplace")))
        view.say(f"{_INDENT}{told}: {shown}")
    if len(headers) > _SHOWN_HEADERS:
        view.say(f"{_INDENT}…")


def _say_payload(view: View, name: str, data: bytes | None) -> None:
    shown = payload.show(None if data is None else masked_bytes(data), _VALUE_BYTES)
    text = shown.text[:_VALUE_CHARACTERS]
    size = "null" if data is None else f"{len(data)} bytes"
    view.say(f"{name}: {size}")
    for line in text.split("\n") if text else ():
        view.say(_INDENT + line.replace("\t", "\\t"))
    if shown.truncated or len(shown.text) > len(text):
        view.say(tr("{i}… the rest is not shown", "{i}… o restante não aparece aqui", i=_INDENT))
