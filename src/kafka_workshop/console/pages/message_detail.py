"""One message beside the table: where it is, its headers, its key and value in full."""

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.access.roles import Role, may
from kafka_workshop.console.frame import Console
from kafka_workshop.console.pages.reproduce import ReproduceDialog
from kafka_workshop.console.payload import SHOWN_BYTES, Shown, preview, show
from kafka_workshop.console.records import Record
from kafka_workshop.console.widgets import badge, flat_button, heading, muted
from kafka_workshop.language import tr


class MessageDetail:
    """A drawer from the right that shows one record; Escape closes it."""

    def __init__(self, console: Console, topic: str) -> None:
        self._console, self._topic = console, topic
        self._place = ui.element("div")
        with ui.dialog().props("position=right maximized=false") as self._dialog:
            self._box = ui.card().classes("kw-side")
        self._dialog.props["aria-label"] = tr("Message", "Mensagem")

    def show(self, record: Record) -> None:
        """Show `record`."""
        self._box.clear()
        with self._box:
            self._head(record)
            self._facts(record)
            headers_of(record.headers)
            payload_block(tr("Key", "Chave"), show(record.key), len(record.key or b""))
            whole = record.size - len(record.key or b"")
            payload_block(tr("Value", "Valor"), show(record.value), whole)
        self._dialog.open()

    def _head(self, record: Record) -> None:
        with ui.element("div").classes("kw-title"):
            where = tr(
                "Partition {p}, offset {o}", "Partição {p}, offset {o}",
                p=record.partition, o=record.offset,
            )  # fmt: skip
            heading(where)
            if may(Role.OPERATOR):
                again = flat_button(tr("Produce again", "Produzir de novo"), "replay")
                again.classes("kw-end").on_click(lambda: self._produce_again(record))
            close = ui.button(icon="close", color=None, on_click=self._dialog.close)
            close.props("flat round dense autofocus").classes("kw-end")
            close.props["aria-label"] = tr("Close", "Fechar")

    def _produce_again(self, record: Record) -> None:
        self._dialog.close()
        with self._place:
            ReproduceDialog(self._console, self._topic, record).open()

    def _facts(self, record: Record) -> None:
        facts = (
            (tr("Topic", "Tópico"), self._topic),
            (
                tr("Time", "Horário"),
                f"{formats.instant(record.timestamp_ms)} {formats.zone_name()}",
            ),
            (tr("Size", "Tamanho"), formats.size(record.size)),
        )
        pairs_of(facts)


def headers_of(headers: tuple[tuple[str, bytes | None], ...], title: str | None = None) -> None:
    """Show headers under a title: each on a line, its bytes harmless and cut."""
    heading(title or tr("Headers", "Cabeçalhos"))
    if headers:
        pairs_of(tuple((preview(n.encode()), preview(data, 2000)) for n, data in headers))
    else:
        muted(tr("none", "nenhum"))


def pairs_of(pairs: tuple[tuple[str, str], ...]) -> None:
    """Show names with their values."""
    with ui.element("div").classes("kw-facts"):
        for name, value in pairs:
            ui.label(name)
            ui.label(value)


def payload_block(title: str, shown: Shown, whole: int) -> None:
    """Show a key or a value; `whole` is its true size in bytes, of which a part may be here."""
    with ui.element("div").classes("kw-row"):
        heading(title)
        badge(_kind(shown))
        muted(formats.size(whole))
    if shown.truncated or whole > shown.size:
        muted(
            tr(
                "The first {limit} are shown.",
                "São mostrados os primeiros {limit}.",
                limit=formats.size(SHOWN_BYTES),
            )
        )
    if shown.text:
        block = ui.label(shown.text).classes("kw-block").props("tabindex=0")
        block.classes("kw-binary" if shown.kind == "binary" else "")


def _kind(shown: Shown) -> str:
    return {
        "null": "null",
        "empty": tr("empty", "vazio"),
        "json": "JSON",
        "text": tr("text", "texto"),
        "binary": tr("binary", "binário"),
    }[shown.kind]
