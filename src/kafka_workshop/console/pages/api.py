"""REST for people: every address with its parameters, and how to ask with curl."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from kafka_workshop.console.frame import Console, ConsolePage, frame, title_row
from kafka_workshop.console.openapi import DOCUMENT, Operation, operations
from kafka_workshop.console.widgets import Column, Row, Table, card, muted
from kafka_workshop.language import tr


def register(console: Console, document: dict[str, Any]) -> None:
    """Serve the page about the OpenAPI `document`."""

    @ConsolePage("/api/docs")
    def api() -> None:
        title = "REST"
        with frame(console, title, "/api/docs"):
            with title_row(title), ui.element("div").classes("kw-end"):
                ui.link("OpenAPI (JSON)", DOCUMENT)
            _how(console)
            with card(tr("Addresses", "Endereços")):
                table = Table(_columns(), label=tr("Addresses", "Endereços"))
                table.element.classes("kw-tight kw-wrapped kw-rest")
            table.show(_rows(operations(document)), "")


def _how(console: Console) -> None:
    muted(
        tr(
            "Answers are JSON, of what the console last knew; at_ms says when that was. Nothing "
            "here asks Kafka, so a program may ask often.",
            "As respostas são JSON, do que o console soube por último; at_ms diz quando foi. Nada "
            "aqui consulta o Kafka, então um programa pode perguntar com frequência.",
        )
    )
    port = console.settings.port
    ui.label(f"curl http://localhost:{port}/api/brokers").classes("kw-block").props("tabindex=0")


def _columns() -> list[Column]:
    return [
        Column("path", tr("Address", "Endereço")),
        Column("parameters", tr("Parameters", "Parâmetros"), wide=True),
        Column("about", tr("What it tells", "O que diz")),
    ]


def _rows(told: Sequence[Operation]) -> list[Row]:
    return [
        {
            "id": f"{each.method} {each.path}",
            "path": f"{each.method} {each.path}",
            "parameters": ", ".join(each.parameters),
            "about": each.about,
        }
        for each in told
    ]
