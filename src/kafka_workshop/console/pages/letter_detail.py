"""One dead letter beside the list: why it is there, what it was, and the two ways back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.access.roles import Role, may
from kafka_workshop.console.dlq.known import condition_of
from kafka_workshop.console.dlq.told import CONDITION_TONES, condition_text
from kafka_workshop.console.frame import Console
from kafka_workshop.console.pages.letter_edit import EditDialog
from kafka_workshop.console.pages.message_detail import headers_of, pairs_of, payload_block
from kafka_workshop.console.pages.redrive_dialog import Asked
from kafka_workshop.console.payload import preview, show
from kafka_workshop.console.reading import Query
from kafka_workshop.console.records import Record
from kafka_workshop.console.widgets import badge, flat_button, heading, muted
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.masking import masked_bytes
from kafka_workshop.messaging.dlq.letter import Letter, original_headers, own_headers
from kafka_workshop.messaging.dlq.survey import Survey
from kafka_workshop.messaging.topics import dead_letter_topic

Redrive = Callable[[Asked], Awaitable[None]]


@dataclass(frozen=True)
class Edit:
    """What may be edited: a letter and, once it is read, its record."""

    topic: str = ""
    letter: Letter | None = None
    record: Record | None = None


class LetterDetail:
    """A drawer from the right that shows one letter; Escape closes it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: Letter | None = None
        self._edit = Edit()
        self._place = ui.element("div").style("display:contents")
        with ui.dialog().props("position=right maximized=false") as self._dialog:
            self._box = ui.card().classes("kw-side")
        self._dialog.props["aria-label"] = tr("Dead letter", "Mensagem na DLQ")

    def show(self, survey: Survey, letter: Letter, redrive: Redrive) -> None:
        """Show `letter`, its payload as soon as it is read."""
        self._shown, self._edit = letter, Edit(survey.topic, letter)
        self._box.clear()
        with self._box:
            head = self._head(survey, letter, redrive)
            _facts(survey, letter)
            place = ui.element("div").classes("kw-stack")
            with place:
                muted(tr("Reading…", "Lendo…"))
        self._dialog.open()
        ui.timer(0.0, lambda: self._read(survey, letter, place, head), once=True)

    def _head(self, survey: Survey, letter: Letter, redrive: Redrive) -> ui.button:
        condition = condition_of(letter, survey)
        with ui.element("div").classes("kw-title"):
            heading(f"{survey.topic} {letter.source}")
            badge(condition_text(condition), CONDITION_TONES[condition])
            close = ui.button(icon="close", color=None, on_click=self._dialog.close)
            close.props("flat round dense autofocus").classes("kw-end")
            close.props["aria-label"] = tr("Close", "Fechar")
        with ui.element("div").classes("kw-row") as ways:
            again = flat_button(tr("Redrive this one…", "Reenviar esta…"), "replay")
            edit = flat_button(tr("Edit and redrive…", "Editar e reenviar…"), "edit")
        ways.set_visibility(may(Role.OPERATOR))
        again.set_enabled(condition != "redriven" and not letter.omitted)
        edit.on_click(self._begin_edit).set_enabled(False)

        async def ask() -> None:
            self._dialog.close()
            await redrive(Asked(survey, only=frozenset({letter.source})))

        again.on_click(ask)
        return edit

    async def _read(
        self, survey: Survey, letter: Letter, place: ui.element, edit: ui.button
    ) -> None:
        topic = dead_letter_topic(survey.topic)
        query = Query(topic, "offset", letter.partition, letter.offset, 1)
        record: Record | None = None
        failure = tr("It is past its retention.", "Ela passou da retenção.")
        try:
            found = await asyncio.to_thread(self._console.reader.read, query)
            record = next((r for r in found.records if r.offset == letter.offset), None)
        except WorkshopError as error:
            failure = str(error)
        if self._shown is not letter:
            return
        place.clear()
        with place:
            if record is None:
                ui.label(failure).classes("kw-error").props("role=alert")
            else:
                _content(letter, record)
                self._edit = Edit(survey.topic, letter, record)
                edit.set_enabled(letter.source not in survey.redriven)

    def _begin_edit(self) -> None:
        edit = self._edit
        if edit.letter is None or edit.record is None:
            return
        self._dialog.close()
        own = _own(edit.letter, edit.record)
        with self._place:
            EditDialog(self._console, edit.topic, edit.letter, own).open()


def _own(letter: Letter, record: Record) -> Record:
    """Return a record without the headers of its letter; what is masked of it, too."""
    plain = record.plain
    if plain is not None:
        plain = replace(plain, headers=own_headers(letter, plain.headers))
    return replace(record, headers=own_headers(letter, record.headers), plain=plain)


def _facts(survey: Survey, letter: Letter) -> None:
    zone, topic = formats.zone_name(), survey.topic
    place = dead_letter_topic(topic), letter.partition, letter.offset
    with ui.element("div").classes("kw-facts"):
        ui.label(tr("Source", "Origem"))
        _message_link(topic, letter.source.partition, letter.source.offset)
        ui.label(tr("Stands in", "Está em"))
        _message_link(*place)
    redriven = survey.redriven.get(letter.source)
    again = "-"
    if letter.redrive_of is not None:
        again = f"{letter.redrive_of} ({letter.redrive_count})"
    pairs_of(
        (
            (tr("Sent", "Enviada"), f"{formats.instant(letter.source_time_ms)} {zone}"),
            (tr("Dead-lettered", "Na DLQ desde"), f"{formats.instant(letter.time_ms)} {zone}"),
            (tr("Error class", "Classe de erro"), letter.error_class),
            (tr("Reason", "Motivo"), preview(masked_bytes(letter.reason), 300)),
            (
                tr("Redriven", "Reenviada"),
                "-" if redriven is None else f"{formats.instant(redriven)} {zone}",
            ),
            (tr("Redrive of", "Reenvio de"), again),
        )
    )


def _message_link(topic: str, partition: int, offset: int) -> None:
    where = {"show": "offset", "partition": partition, "offset": offset}
    path = f"/topics/{quote(topic, safe='')}?{urlencode(where)}"
    ui.link(f"{topic} {partition}:{offset}", path)


def _content(letter: Letter, record: Record) -> None:
    own = original_headers(record.headers)
    context = record.headers[len(own) :]
    if letter.omitted:
        muted(
            tr(
                "A part was too large for every topic and is missing here.",
                "Uma parte era grande demais para qualquer tópico e falta aqui.",
            )
        )
    headers_of(context, tr("Context headers", "Cabeçalhos de contexto"))
    headers_of(own, tr("Headers of the message", "Cabeçalhos da mensagem"))
    payload_block(tr("Key", "Chave"), show(record.key), len(record.key or b""))
    whole = record.size - len(record.key or b"")
    payload_block(tr("Value", "Valor"), show(record.value), whole)
