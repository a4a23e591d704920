"""A topic's messages: newest, from an offset, from a time, live; filtered; one opened beside."""

import asyncio
import threading

from nicegui import ui

from kafka_workshop.console.filtering import FilterMistake, Matcher
from kafka_workshop.console.frame import Console
from kafka_workshop.console.pages.message_address import View, address
from kafka_workshop.console.pages.message_controls import Controls
from kafka_workshop.console.pages.message_detail import MessageDetail
from kafka_workshop.console.pages.message_fields import FieldChooser
from kafka_workshop.console.pages.message_filter import FilterBox
from kafka_workshop.console.pages.message_live import LiveMessages
from kafka_workshop.console.pages.message_rows import (
    message_table,
    no_messages,
    none_found,
    record_id,
    row,
    show_columns,
    told,
    told_search,
)
from kafka_workshop.console.pages.message_transfer import Transfer
from kafka_workshop.console.reading import Query, Report
from kafka_workshop.console.records import Record
from kafka_workshop.console.searching import Search
from kafka_workshop.console.widgets import flat_button
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr

_PROGRESS_SECONDS = 0.5


class MessagesPanel:
    """The controls, the table, and the sentence that says what was read."""

    def __init__(
        self, console: Console, topic: str, partitions: list[int], view: View | None = None
    ) -> None:
        self._console, self._topic = console, topic
        self._records: dict[str, Record] = {}
        self._cancel = threading.Event()
        self._search: tuple[Search, Query] | None = None
        self._nothing = ""
        self._detail = MessageDetail(console, topic)
        self._live = LiveMessages(console, topic, self._show, self._say)
        self._progress = ui.timer(_PROGRESS_SECONDS, self._tell_progress, active=False)
        with ui.element("section").classes("kw-card"):
            self._build(partitions, view or View())
        self._table.element.on("open", lambda event: self._open(event.args))
        ui.context.client.on_delete(self._leave)
        ui.timer(0.05, self._begin, once=True)

    def _build(self, partitions: list[int], view: View) -> None:
        with ui.element("div").classes("kw-controls"):
            self._controls = Controls(partitions, view)
        with ui.element("div").classes("kw-controls"):
            self._filter = FilterBox(view.filter, self.refresh)
            self._fields = FieldChooser(view.columns, self._columns_changed)
        self._table = message_table()
        show_columns(self._table, self._fields.chosen)
        with ui.element("div").classes("kw-card-foot kw-row"):
            self._status = ui.label("").classes("kw-muted kw-small kw-status").props("role=status")
            self._more = flat_button(tr("Go on", "Continuar a busca"), "expand_more")
            self._more.on_click(self._go_on)
            self._transfer = Transfer(self._console, self._topic, partitions, self)
        self._more.set_visibility(False)
        self._react()

    def _react(self) -> None:
        controls = self._controls
        controls.mode.on_value_change(self._mode_changed)
        controls.partition.on_value_change(self.refresh)
        controls.count.on_value_change(self.refresh)
        controls.offset.on("keydown.enter", self.refresh)
        controls.time.on("keydown.enter", self.refresh)
        controls.read.on_click(self._press)
        controls.stop.on_click(self._stop_reading)
        controls.show(running=False)

    async def _begin(self) -> None:
        await self.refresh()
        self._controls.show(running=self._live.running)

    async def _mode_changed(self) -> None:
        self._abandon_read()
        await self._live.end()
        if self._controls.mode.value in {"live", "newest"}:
            await self.refresh()
        self._controls.show(running=self._live.running)

    async def _press(self) -> None:
        if not self._controls.live:
            await self.refresh()
            return
        self._live.toggle()
        self._controls.show(running=self._live.running)

    async def refresh(self) -> None:
        """Read again what the controls ask for; a live tail starts anew."""
        try:
            matcher = self._filter.matcher()
        except FilterMistake:
            return
        self._abandon_read()
        if self._controls.live:
            await self._follow(matcher)
            return
        try:
            query = self._controls.query(self._topic)
        except (ValueError, OverflowError):
            self._say(tr("This is not a time or offset.", "Isto não é um horário ou offset."))
            return
        self._keep_address()
        if matcher is None:
            await self._read(query)
        else:
            backwards = query.mode == "newest"
            search = Search(self._topic, matcher, query.count, backwards)
            self._search = search, query
            await self._go_on()

    async def _follow(self, matcher: Matcher | None) -> None:
        self._keep_address()
        self._nothing = tr("Waiting for new messages…", "Aguardando novas mensagens…")
        self._show([])
        await self._live.begin(self._controls.wanted_partition(), matcher)
        self._controls.show(running=self._live.running)

    async def _read(self, query: Query) -> None:
        cancel = self._cancel
        self._busy(True)
        self._say(tr("Reading…", "Lendo…"))
        outcome: Report | str
        try:
            outcome = await asyncio.to_thread(self._console.reader.read, query, cancel)
        except WorkshopError as error:
            outcome = str(error)
        if cancel is self._cancel:
            self._busy(False)
            self._finish(outcome, query)

    def _finish(self, report: Report | str, query: Query) -> None:
        if isinstance(report, str):
            self._say(report)
            return
        records = list(report.records)
        if query.mode == "newest":
            records.reverse()
        self._nothing = no_messages(query.mode)
        self._show(records)
        self._say(told(report))

    async def _go_on(self) -> None:
        if self._search is None:
            return
        (search, query), cancel = self._search, self._cancel
        cancel.clear()
        self._busy(True)
        self._progress.active = True
        failure = ""
        try:
            await asyncio.to_thread(self._console.reader.search, search, query, cancel)
        except WorkshopError as error:
            failure = str(error)
        if cancel is self._cancel:
            self._busy(False)
            self._found(search, failure)

    def _found(self, search: Search, failure: str) -> None:
        newest_first = sorted(
            search.found,
            key=lambda r: (r.timestamp_ms or 0, r.partition, r.offset),
            reverse=search.backwards,
        )
        self._nothing = none_found(search)
        self._show(newest_first)
        self._say(failure or self._told(search))
        self._more.set_visibility(search.stopped != "end")

    def _told(self, search: Search) -> str:
        snapshot = self._console.state.view.snapshot
        topic = snapshot.topic_by_name.get(self._topic) if snapshot else None
        return told_search(search, compacted=topic is not None and topic.compacted)

    def _tell_progress(self) -> None:
        if self._search is not None:
            self._say(self._told(self._search[0]))

    def _show(self, records: list[Record]) -> None:
        self._records = {record_id(record): record for record in records}
        self._fields.offer(records)
        self._rows()

    def _rows(self) -> None:
        chosen = self._fields.chosen
        rows = [row(r, chosen) for r in self._records.values()]
        show_columns(self._table, chosen, rows)
        self._table.show(rows, self._nothing)

    def _columns_changed(self) -> None:
        self._keep_address()
        self._rows()

    def _keep_address(self) -> None:
        view = self._controls.view(self._filter.text, self._fields.chosen)
        ui.navigate.history.replace(address(self._topic, view))

    def _busy(self, busy: bool) -> None:
        self._controls.stop.set_visibility(busy)
        self._table.element.props(
            f"loading={busy}" if busy else "", remove="" if busy else "loading"
        )
        self._progress.active = False
        self._more.set_visibility(False)

    def _abandon_read(self) -> None:
        # Whatever it still brings belongs to what was asked before.
        self._cancel.set()
        self._cancel = threading.Event()
        self._search = None
        self._busy(False)

    def _stop_reading(self) -> None:
        self._cancel.set()

    def _say(self, sentence: str, live: bool = False) -> None:
        self._status.classes(remove="" if live else "kw-live", add="kw-live" if live else "")
        self._status.set_text(sentence)

    def _open(self, name: object) -> None:
        record = self._records.get(str(name))
        if record is not None:
            self._detail.show(record)

    def exported(self) -> tuple[list[Record], View]:
        """Return the messages that are chosen, or all that are shown, and how they are shown."""
        chosen = {str(r["id"]) for r in self._table.element.selected}
        records = [r for name, r in self._records.items() if name in chosen]
        view = self._controls.view(self._filter.text, self._fields.chosen)
        return records or list(self._records.values()), view

    def _leave(self) -> None:
        self._cancel.set()
