"""The live part of the messages' page: what arrives from now on, filtered, pausable."""

import asyncio
import threading
from collections.abc import Callable

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.filtering import Matcher
from kafka_workshop.console.frame import Console
from kafka_workshop.console.pages.message_rows import record_id, shown_text
from kafka_workshop.console.records import Record
from kafka_workshop.console.tail import Arrival, Tail
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr

# What a browser keeps of a live tail; older ones make room.
LIVE_ROWS = 200
LIVE_SECONDS = 0.5
Say = Callable[[str, bool], None]


class LiveMessages:
    """Follows a topic; `arrived` shows the records, `say` a sentence and whether it is moving."""

    def __init__(
        self, console: Console, topic: str, arrived: Callable[[list[Record]], None], say: Say
    ) -> None:
        self._console, self._topic, self._arrived, self._say = console, topic, arrived, say
        self._tail: Tail | None = None
        self._matcher: Matcher | None = None
        self._records: dict[str, Record] = {}
        self._skipped = self._seen = 0
        self._timer = ui.timer(LIVE_SECONDS, self._follow, active=False)
        ui.context.client.on_delete(self._leave)

    @property
    def running(self) -> bool:
        """Whether what arrives is shown at once."""
        return bool(self._timer.active)

    async def begin(self, partition: int | None, matcher: Matcher | None) -> None:
        """Follow anew, from now on, what `matcher` wants of a partition or of all."""
        await self.end()
        self._records, self._skipped, self._seen, self._matcher = {}, 0, 0, matcher
        tail = self._console.reader.tail(self._topic, partition)
        try:
            await asyncio.to_thread(tail.start)
        except WorkshopError as error:
            self._say(str(error), False)
            return
        self._tail = tail
        self._timer.active = True
        self._tell()

    async def end(self) -> None:
        """Follow no more."""
        self._timer.active = False
        tail, self._tail = self._tail, None
        if tail is not None:
            await asyncio.to_thread(tail.close)

    def toggle(self) -> None:
        """Pause, or go on."""
        self._timer.active = not self._timer.active
        self._tell()

    async def _follow(self) -> None:
        if self._tail is None:
            return
        try:
            arrival = await asyncio.to_thread(self._poll, self._tail)
        except WorkshopError as error:
            self._timer.active = False
            self._say(str(error), False)
            return
        self._merge(arrival)

    def _poll(self, tail: Tail) -> Arrival:
        return tail.poll(self._matcher.matches) if self._matcher else tail.poll()

    def _merge(self, arrival: Arrival) -> None:
        self._skipped += arrival.skipped
        self._seen += arrival.seen
        if arrival.records:
            newest = sorted(arrival.records, key=lambda r: r.timestamp_ms or 0, reverse=True)
            merged = {record_id(r): r for r in newest} | self._records
            self._records = dict(list(merged.items())[:LIVE_ROWS])
            self._arrived(list(self._records.values()))
        self._tell()

    def _tell(self) -> None:
        word = tr("Live", "Ao vivo") if self.running else tr("Paused", "Pausado")
        self._say(f"{word} · {shown_text(len(self._records))}{self._counts()}", self.running)

    def _counts(self) -> str:
        text = ""
        if self._matcher is not None:
            n = formats.number(self._seen)
            text += tr(" of {n} that arrived", " de {n} que chegaram", n=n)
        if self._skipped:  # never just one: the tail jumps over hundreds
            text += tr(
                ", {n} skipped: faster than one can read",
                ", {n} puladas: mais rápido do que se pode ler",
                n=formats.number(self._skipped),
            )
        return text

    def _leave(self) -> None:
        tail, self._tail = self._tail, None
        if tail is not None:
            threading.Thread(target=tail.close, daemon=True).start()
