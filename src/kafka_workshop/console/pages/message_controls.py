"""The fields that say which messages to show; they begin as the address says."""

from datetime import datetime, timedelta

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.browser import preferences
from kafka_workshop.console.filtering import Path
from kafka_workshop.console.pages.message_address import COUNTS, View
from kafka_workshop.console.reading import Query
from kafka_workshop.console.widgets import flat_button
from kafka_workshop.language import tr

ALL = -1


class Controls:
    """Mode, partition, start and count, the buttons to read and to stop."""

    def __init__(self, partitions: list[int], view: View) -> None:
        modes = {
            "newest": tr("Newest", "Mais novas"),
            "offset": tr("From offset", "A partir do offset"),
            "time": tr("From time", "A partir do horário"),
            "live": tr("Live", "Ao vivo"),
        }
        everywhere = {ALL: tr("all", "todas")} | {p: str(p) for p in partitions}
        chosen = view.partition if view.partition in everywhere else ALL
        self.mode = ui.select(modes, label=tr("Show", "Mostrar"), value=view.mode)
        self.partition = ui.select(everywhere, label=tr("Partition", "Partição"), value=chosen)
        self.offset = ui.number("Offset", value=view.offset, min=0, step=1)
        self.time = moment(view.time)
        counts = {n: str(n) for n in COUNTS}
        self.count = ui.select(counts, label=tr("How many", "Quantas"), value=view.count)
        for field in (self.mode, self.partition, self.offset, self.time, self.count):
            field.props("outlined dense options-dense")
        self.read = flat_button(icon="refresh")
        self.stop = flat_button(tr("Stop", "Parar"), "stop")
        self.stop.set_visibility(False)

    @property
    def live(self) -> bool:
        """Whether the live tail is asked for."""
        return bool(self.mode.value == "live")

    def show(self, *, running: bool) -> None:
        """Show what matters to the mode; `running` is a tail that is not paused."""
        self.offset.set_visibility(self.mode.value == "offset")
        self.time.set_visibility(self.mode.value == "time")
        self.count.set_visibility(not self.live)
        text, icon = _face(live=self.live, running=running)
        self.read.set_text(text)
        self.read.props(f"icon={icon}")

    def wanted_partition(self) -> int | None:
        """Return the partition asked for, `None` for all."""
        return None if self.partition.value in {None, ALL} else int(self.partition.value)

    def query(self, topic: str) -> Query:
        """Return what is asked for.

        Raises:
            ValueError: the time or the offset is none.
        """
        mode, start = self.mode.value, 0
        if mode == "offset":
            start = int(self.offset.value or 0)
        if mode == "time":
            start = moment_ms(self.time)
        return Query(topic, mode, self.wanted_partition(), start, int(self.count.value))

    def view(self, text: str, columns: tuple[Path, ...]) -> View:
        """Return all of it as an address keeps it, with the filter's text and the columns."""
        return View(
            mode=self.mode.value,
            partition=self.wanted_partition(),
            offset=int(self.offset.value or 0),
            time=self.time.value or "",
            count=int(self.count.value),
            filter=text,
            columns=columns,
        )


def moment(asked: str = "") -> ui.input:
    """A field for a time in the browser's zone; a quarter of an hour ago, if none was asked for."""
    start = datetime.now(preferences().zone) - timedelta(minutes=15)
    label = tr("Time ({zone})", "Horário ({zone})", zone=formats.zone_name())
    field = ui.input(label, value=asked or f"{start:%Y-%m-%dT%H:%M}")
    field.props("type=datetime-local stack-label").classes("kw-moment")
    return field


def moment_ms(field: ui.input) -> int:
    """Return the time in such a field, in ms since the epoch.

    Raises:
        ValueError, OverflowError: it is none.
    """
    chosen = datetime.fromisoformat(field.value or "")
    return int(chosen.replace(tzinfo=preferences().zone).timestamp() * 1000)


def _face(*, live: bool, running: bool) -> tuple[str, str]:
    if not live:
        return tr("Read", "Ler"), "refresh"
    if running:
        return tr("Pause", "Pausar"), "pause"
    return tr("Resume", "Continuar"), "play_arrow"
