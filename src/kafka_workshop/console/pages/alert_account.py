"""On an alert's page: what its account, or place, did around it."""

import asyncio

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.alerting.recent import Recent, recent
from kafka_workshop.console.frame import Console
from kafka_workshop.console.kinds import kind_text
from kafka_workshop.console.pages.message_detail import MessageDetail
from kafka_workshop.console.pages.message_rows import record_id, row
from kafka_workshop.console.records import Record
from kafka_workshop.console.widgets import Column, Row, Table, card, flat_button
from kafka_workshop.domain.alert import Alert, Source
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import Undecodable, WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.messaging.codec import decode


class Around:
    """The records of the alert's account, each opened by a click; read when the page opens."""

    def __init__(self, console: Console, alert: Alert, source: Source) -> None:
        self._console, self._alert, self._source = console, alert, source
        self._records: dict[str, Record] = {}
        self._detail = MessageDetail(console, source.topic)
        title = tr("Recent transactions of the account", "Transações recentes da conta")
        if alert.place is not None:
            title = tr("Recent events of the place", "Eventos recentes do local")
        with card(title) as end:
            with end:
                again = flat_button(tr("Read again", "Ler de novo"), "refresh")
            self._table = Table(_columns(), label=title)
            self._table.element.classes("kw-tight")
            with ui.element("div").classes("kw-card-foot"):
                self._status = ui.label("").classes("kw-muted kw-small").props("role=status")
        again.on_click(self.read)
        self._table.element.on("open", lambda event: self._open(event.args))
        ui.timer(0.05, self.read, once=True)

    async def read(self) -> None:
        """Read what there is, and say what was read."""
        self._status.set_text(tr("Reading…", "Lendo…"))
        self._table.element.props("loading")
        try:
            found = await asyncio.to_thread(recent, self._console.reader, self._alert, self._source)
        except WorkshopError as error:
            self._status.set_text(str(error))
        else:
            self._show(found)
        finally:
            self._table.element.props(remove="loading")

    def _show(self, found: Recent) -> None:
        self._records = {record_id(record): record for record in found.records}
        nothing = tr(
            "None in the part that was read; retention may have taken them.",
            "Nenhuma na parte lida; a retenção pode tê-las removido.",
        )
        self._table.show([_row(r, self._source.offset) for r in found.records], nothing)
        self._status.set_text(_scanned(found, self._source))

    def _open(self, name: object) -> None:
        record = self._records.get(str(name))
        if record is not None:
            self._detail.show(record)


def _columns() -> list[Column]:
    return [
        Column("time", tr("Time", "Horário"), "time"),
        Column("offset", "Offset", "open", right=True),
        Column("what", tr("What", "O quê"), "fill"),
        Column("amount", tr("Amount", "Valor"), "shown", right=True),
        Column("mark", "", "badge", wide=True),
    ]


def _row(record: Record, source: int) -> Row:
    shown = row(record)
    mark = tr("raised it", "emitiu o alerta") if record.offset == source else ""
    about: Row = {"mark": mark, "mark_tone": "warn", "amount": -1, "amount_text": ""}
    try:
        said = decode(record.value)
    except Undecodable:
        return shown | about | {"what": shown["value"]}
    signed = said.amount if said.leg == "credit" else -said.amount
    about |= {"amount": signed, "amount_text": formats.money(signed)}
    return shown | about | {"what": _told(said)}


def _told(said: Transaction) -> str:
    declined = tr("declined", "recusada") if said.status == "declined" else ""
    with_whom = said.merchant.name if said.merchant else ""
    if said.counterparty is not None:
        with_whom = said.counterparty.account
    return " · ".join(filter(None, (kind_text(said.kind), with_whom, declined)))


def _scanned(found: Recent, source: Source) -> str:
    text = tr(
        "{found} found. Read {n} messages of partition {p}, offsets {first} to {last}",
        "Encontradas: {found}. Lidas {n} mensagens da partição {p}, offsets {first} a {last}",
        found=formats.number(found.found),
        n=formats.number(found.scanned),
        p=source.partition,
        first=found.first,
        last=found.last,
    )
    if found.found > len(found.records):
        text += tr(
            "; the newest {n} are shown", "; mostradas as {n} mais novas", n=len(found.records)
        )
    if found.stopped in {"seconds", "bytes", "messages"}:
        text += tr("; the reading reached its limit", "; a leitura chegou ao seu limite")
    return text + "."
