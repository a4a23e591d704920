"""The buttons that make files of messages, and messages of files."""

from collections.abc import Awaitable
from typing import Protocol

from nicegui import ui

from kafka_workshop.console.access.roles import Role, may
from kafka_workshop.console.exporting import Ending, export
from kafka_workshop.console.filtering import Path
from kafka_workshop.console.frame import Console
from kafka_workshop.console.pages.import_dialog import ImportDialog
from kafka_workshop.console.pages.message_address import View
from kafka_workshop.console.records import Record
from kafka_workshop.console.widgets import flat_button
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr


class Exportable(Protocol):
    """What shows messages: which of them to export, and how to read them again."""

    def exported(self) -> tuple[list[Record], View]:
        """Return the messages to export, and how they are shown."""

    def refresh(self) -> Awaitable[None]:
        """Read again."""


class Transfer:
    """Export as JSON lines or CSV what is chosen or shown; import JSON lines."""

    def __init__(
        self, console: Console, topic: str, partitions: list[int], shown: Exportable
    ) -> None:
        self._topic, self._shown = topic, shown
        with ui.element("div").classes("kw-row kw-end").style("width:auto"):
            if may(Role.ANALYST, writes=False):
                self._export_menu()
            if not topic.startswith("__") and may(Role.OPERATOR):
                dialog = ImportDialog(console, topic, partitions, shown.refresh)
                flat_button(tr("Import", "Importar"), "upload").on_click(dialog.open)

    def _export_menu(self) -> None:
        export = flat_button(tr("Export", "Exportar"), "download")
        with export, ui.menu().props("auto-close"):
            jsonl = tr("JSON lines: whole messages", "Linhas JSON: mensagens inteiras")
            ui.menu_item(jsonl, self._as_jsonl)
            ui.menu_item(tr("CSV: for spreadsheets", "CSV: para planilhas"), self._as_csv)

    def _as_jsonl(self) -> None:
        records, _ = self._shown.exported()
        whole = [record for record in records if not record.cut]
        if len(whole) < len(records):
            ui.notify(_left_out(len(records) - len(whole)), type="warning", timeout=10_000)
        self._download(whole, "jsonl")

    def _as_csv(self) -> None:
        records, view = self._shown.exported()
        self._download(records, "csv", view.columns)

    def _download(
        self, records: list[Record], ending: Ending, columns: tuple[Path, ...] = ()
    ) -> None:
        if not records:
            ui.notify(tr("There is nothing to export.", "Não há nada para exportar."))
            return
        try:
            content, name = export(self._topic, records, ending, columns)
        except WorkshopError as error:
            ui.notify(str(error), type="negative")
            return
        ui.download.content(content, name, "application/octet-stream")


def _left_out(n: int) -> str:
    return tr(
        "Left out: {n} with a value so long that only its beginning is here.",
        "Deixadas de fora: {n} com um valor tão longo que só o começo está aqui.",
        n=n,
    )
