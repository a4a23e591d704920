"""A topic's messages: the newest, from an offset, from a time, or live; one opened beside."""

import asyncio
import threading
from datetime import datetime, timedelta

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.browser import preferences
from kafka_workshop.console.frame import Console
from kafka_workshop.console.pages.message_detail import MessageDetail
from kafka_workshop.console.pages.message_rows import (
    message_table,
    no_messages,
    record_id,
    row,
    shown_text,
    told,
)
from kafka_workshop.console.reading import Query, Report
from kafka_workshop.console.records import Record
from kafka_workshop.console.tail import Tail
from kafka_workshop.console.widgets import flat_button
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr

COUNTS = (20, 50, 100, 200, 500)
ALL = -1
# What a browser keeps of a live tail; older ones make room.
LIVE_ROWS = 200
LIVE_SECONDS = 0.5


class MessagesPanel:
    """The controls, the table, and the sentence that says what was read."""

    def __init__(self, console: Console, topic: str, partitions: list[int]) -> None:
        self._console, self._topic = console, topic
        self._records: dict[str, Record] = {}
        self._cancel = threading.Event()
        self._tail: Tail | None = None
        self._skipped = 0
        self._detail = MessageDetail(topic)
        self._timer = ui.timer(LIVE_SECONDS, self._follow, active=False)
        with ui.element("section").classes("kw-card"):
            self._controls(partitions)
            self._table = message_table()
            with ui.element("div").classes("kw-card-foot"):
                self._status = ui.label("").classes("kw-muted kw-small").props("role=status")
        self._table.element.on("open", lambda event: self._open(event.args))
        ui.context.client.on_delete(self._leave)
        ui.timer(0.05, self.refresh, once=True)

    def _controls(self, partitions: list[int]) -> None:
        modes = {
            "newest": tr("Newest", "Mais novas"),
            "offset": tr("From offset", "A partir do offset"),
            "time": tr("From time", "A partir do horário"),
            "live": tr("Live", "Ao vivo"),
        }
        everywhere = {ALL: tr("all", "todas")} | {p: str(p) for p in partitions}
        start = datetime.now(preferences().zone) - timedelta(minutes=15)
        with ui.element("div").classes("kw-controls"):
            self._mode = ui.select(modes, label=tr("Show", "Mostrar"), value="newest")
            self._partition = ui.select(everywhere, label=tr("Partition", "Partição"), value=ALL)
            self._offset = ui.number("Offset", value=0, min=0, step=1)
            zone = formats.zone_name()
            label = tr("Time ({zone})", "Horário ({zone})", zone=zone)
            self._time = ui.input(label, value=f"{start:%Y-%m-%dT%H:%M}")
            self._time.props("type=datetime-local stack-label").classes("kw-moment")
            self._count = ui.select(
                {n: str(n) for n in COUNTS}, label=tr("How many", "Quantas"), value=50
            )
            for field in (self._mode, self._partition, self._offset, self._time, self._count):
                field.props("outlined dense options-dense")
            self._read = flat_button(icon="refresh").on_click(self._press)
            self._stop = flat_button(tr("Stop", "Parar"), "stop").on_click(self._stop_reading)
            self._stop.set_visibility(False)
        self._react()

    def _react(self) -> None:
        self._mode.on_value_change(self._mode_changed)
        self._partition.on_value_change(self.refresh)
        self._count.on_value_change(self.refresh)
        self._offset.on("keydown.enter", self.refresh)
        self._time.on("keydown.enter", self.refresh)
        self._show_controls()

    def _show_controls(self) -> None:
        mode = self._mode.value
        self._offset.set_visibility(mode == "offset")
        self._time.set_visibility(mode == "time")
        self._count.set_visibility(mode != "live")
        text, icon = _face(live=mode == "live", running=self._timer.active)
        self._read.set_text(text)
        self._read.props(f"icon={icon}")

    async def _mode_changed(self) -> None:
        self._abandon_read()
        await self._end_tail()
        if self._mode.value == "live":
            await self._begin_tail()
        elif self._mode.value == "newest":
            await self.refresh()
        self._show_controls()

    async def _press(self) -> None:
        if self._mode.value != "live":
            await self.refresh()
            return
        self._timer.active = not self._timer.active
        self._show_controls()
        self._say_live()

    async def refresh(self) -> None:
        """Read again what the controls ask for; a live tail starts anew."""
        if self._mode.value == "live":
            if self._tail is None or self._tail.partition != self._wanted_partition():
                await self._end_tail()
                await self._begin_tail()
            return
        try:
            query = self._query()
        except ValueError:
            self._say(tr("This is not a time or offset.", "Isto não é um horário ou offset."))
            return
        self._abandon_read()
        cancel = self._cancel
        self._busy(True)
        outcome: Report | str
        try:
            outcome = await asyncio.to_thread(self._console.reader.read, query, cancel)
        except WorkshopError as error:
            outcome = str(error)
        if cancel is self._cancel:
            self._busy(False)
            self._finish(outcome, query)

    def _wanted_partition(self) -> int | None:
        return None if self._partition.value in {None, ALL} else int(self._partition.value)

    def _query(self) -> Query:
        mode, start = self._mode.value, 0
        if mode == "offset":
            start = int(self._offset.value or 0)
        if mode == "time":
            moment = datetime.fromisoformat(self._time.value or "")
            start = int(moment.replace(tzinfo=preferences().zone).timestamp() * 1000)
        return Query(self._topic, mode, self._wanted_partition(), start, int(self._count.value))

    def _busy(self, busy: bool) -> None:
        self._stop.set_visibility(busy)
        self._table.element.props(
            f"loading={busy}" if busy else "", remove="" if busy else "loading"
        )
        if busy:
            self._say(tr("Reading…", "Lendo…"))

    def _abandon_read(self) -> None:
        # Whatever it still brings belongs to what was asked before.
        self._cancel.set()
        self._cancel = threading.Event()
        self._busy(False)

    def _stop_reading(self) -> None:
        self._cancel.set()

    def _finish(self, report: Report | str, query: Query) -> None:
        if isinstance(report, str):
            self._say(report)
            return
        records = list(report.records)
        if query.mode == "newest":
            records.reverse()
        self._records = {record_id(record): record for record in records}
        self._table.show([row(r) for r in records], no_messages(query.mode))
        self._say(told(report))

    def _say(self, sentence: str) -> None:
        self._status.classes(remove="kw-live")
        self._status.set_text(sentence)

    def _open(self, name: object) -> None:
        record = self._records.get(str(name))
        if record is not None:
            self._detail.show(record)

    async def _begin_tail(self) -> None:
        self._records, self._skipped = {}, 0
        self._table.show([], tr("Waiting for new messages…", "Aguardando novas mensagens…"))
        tail = self._console.reader.tail(self._topic, self._wanted_partition())
        try:
            await asyncio.to_thread(tail.start)
        except WorkshopError as error:
            self._say(str(error))
            return
        self._tail = tail
        self._timer.active = True
        self._say_live()

    async def _end_tail(self) -> None:
        self._timer.active = False
        tail, self._tail = self._tail, None
        if tail is not None:
            await asyncio.to_thread(tail.close)

    async def _follow(self) -> None:
        if self._tail is None:
            return
        try:
            arrival = await asyncio.to_thread(self._tail.poll)
        except WorkshopError as error:
            self._timer.active = False
            self._say(str(error))
            return
        self._skipped += arrival.skipped
        if arrival.records:
            newest = sorted(arrival.records, key=lambda r: r.timestamp_ms or 0, reverse=True)
            merged = {record_id(r): r for r in newest} | self._records
            self._records = dict(list(merged.items())[:LIVE_ROWS])
            self._table.show([row(r) for r in self._records.values()], "")
        self._say_live()

    def _say_live(self) -> None:
        text = shown_text(len(self._records))
        if self._skipped:  # never just one: the tail jumps over hundreds
            text += tr(
                ", {n} skipped: faster than one can read",
                ", {n} puladas: mais rápido do que se pode ler",
                n=formats.number(self._skipped),
            )
        paused = not self._timer.active
        self._status.set_text(
            (tr("Paused", "Pausado") if paused else tr("Live", "Ao vivo")) + " · " + text
        )
        self._status.classes(remove="kw-live" if paused else "", add="" if paused else "kw-live")

    def _leave(self) -> None:
        self._cancel.set()
        tail, self._tail = self._tail, None
        if tail is not None:
            threading.Thread(target=tail.close, daemon=True).start()


def _face(*, live: bool, running: bool) -> tuple[str, str]:
    if not live:
        return tr("Read", "Ler"), "refresh"
    if running:
        return tr("Pause", "Pausar"), "pause"
    return tr("Resume", "Continuar"), "play_arrow"
