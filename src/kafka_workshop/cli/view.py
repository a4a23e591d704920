"""What the command line shows: steps, events, log lines coloured by service, the table of `ps`."""

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Literal, cast

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from kafka_workshop.cli.outlet import Outlet
from kafka_workshop.cluster.artefacts import Progress as ReportBytes
from kafka_workshop.cluster.states import (
    EXITED,
    FAILED,
    KILLED,
    PAUSED,
    READY,
    RESTARTING,
    STOPPED,
    STOPPING,
    Event,
    Status,
    state_text,
)
from kafka_workshop.language import tr

STEPS = 4
_COLOURS = ("cyan", "green", "yellow", "magenta", "blue", "bright_red", "bright_cyan")
_STATE_COLOURS = {
    READY: "green",
    FAILED: "bold red",
    KILLED: "red",
    RESTARTING: "yellow",
    PAUSED: "yellow",
}
# A broker's lines carry the level as the third word; our own programs put it in brackets.
_WARNING = re.compile(r"^\S+ \S+ (WARN|ERROR|FATAL) |\[(warning|error|critical)\s*\]|Traceback")


def is_warning(line: str) -> bool:
    """Return whether a log line, Java's or ours, is a warning or worse."""
    return _WARNING.search(line) is not None


class View:
    """Writes to the terminal; once the terminal has gone, writes nowhere and disturbs nobody.

    Args:
        outlet: where to write for who must not wait for the terminal; standard output without it.
    """

    def __init__(self, outlet: Outlet | None = None) -> None:
        file = cast("IO[str] | None", outlet)  # Rich only writes, flushes, and asks what it is
        self.console = Console(file=file, highlight=False, soft_wrap=True)
        self._gone = False

    def say(self, text: str | Text = "", style: str = "") -> None:
        """Print one line, its content never taken for markup."""
        if self._gone:
            return
        try:
            self.console.print(Text(text, style) if isinstance(text, str) else text)
        except OSError:
            self._gone = True

    def step(self, number: int, title: str) -> None:
        """Say that a step of the start begins."""
        self.say(f"{number}/{STEPS} {title}", "bold")

    @contextmanager
    def downloading(self, total: int) -> Iterator[ReportBytes]:
        """Show the bytes that arrive out of `total`, and the seconds."""
        if self.console.is_terminal:
            with self._bar(total) as report:
                yield report
        else:
            with self._plain(total) as report:
                yield report

    @contextmanager
    def _bar(self, total: int) -> Iterator[ReportBytes]:
        columns = (TextColumn("   "), BarColumn(), DownloadColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task("", total=total)
            yield lambda count: progress.update(task, advance=count)

    @contextmanager
    def _plain(self, total: int) -> Iterator[ReportBytes]:
        began = shown = time.monotonic()
        arrived = 0

        def report(count: int) -> None:
            nonlocal arrived, shown
            arrived += count
            if time.monotonic() - shown >= 2.0:
                shown = time.monotonic()
                self._bytes_line(arrived, total, shown - began)

        yield report
        self._bytes_line(arrived, total, time.monotonic() - began)

    def _bytes_line(self, arrived: int, total: int, seconds: float) -> None:
        self.say(f"    {arrived / 1e6:.1f} / {total / 1e6:.1f} MB, {seconds:.0f} s")

    def event(self, event: Event) -> None:
        """Show a change of state."""
        text = _service_text(event) if event.service else _system_text(event)
        if text:
            self.say(text, _STATE_COLOURS.get(event.state, ""))

    def log_line(self, service: str, line: str, position: int) -> None:
        """Show a service's log line, its name coloured by its position among the services."""
        text = Text(f"{service:<9} | ", _COLOURS[position % len(_COLOURS)])
        text.append(Text.from_ansi(line))
        self.say(text)

    def ps(self, statuses: Iterable[Status], led: Mapping[str, list[int]]) -> None:
        """Show the table of services; `led`: broker's service -> the partitions that it leads."""
        self.console.print(_table(list(statuses), led))


def fail(message: str) -> None:
    """Print an error's sentence on standard error."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(message, "red"))


def _service_text(event: Event) -> str:
    sentences = {
        READY: tr(
            "{s} ready, {t:.1f} s", "{s} pronto, {t:.1f} s", s=event.service, t=event.seconds
        ),
        STOPPED: tr(
            "{s} stopped, {t:.1f} s", "{s} parou, {t:.1f} s", s=event.service, t=event.seconds
        ),
        EXITED: tr("{s} has finished", "{s} terminou", s=event.service),
        KILLED: tr("{s} killed", "{s} morto", s=event.service),
        PAUSED: tr("{s} paused", "{s} congelado", s=event.service),
        RESTARTING: tr(
            "{d}\n    restarting in {t:.1f} s",
            "{d}\n    reiniciando em {t:.1f} s",
            d=event.detail,
            t=event.seconds,
        ),
        FAILED: tr(
            "{d}\n    it keeps ending and is not restarted any more",
            "{d}\n    continua terminando e não será mais reiniciado",
            d=event.detail,
        ),
    }
    sentence = sentences.get(event.state, "")
    return f"    {sentence}" if sentence else ""


def _system_text(event: Event) -> str:
    if event.state == FAILED:
        return tr("Could not start: {d}", "Não foi possível iniciar: {d}", d=event.detail)
    if event.state == STOPPING:
        return tr(
            "Stopping: producer, consumers and kafka-ui, then the cluster …",
            "Parando: producer, consumers e kafka-ui, depois o cluster …",
        )
    if event.state == STOPPED:
        stopped = tr("Stopped in {t:.1f} s", "Parado em {t:.1f} s", t=event.seconds)
        return f"{stopped}\n{event.detail}" if event.detail else stopped
    return ""


def _headers() -> tuple[tuple[str, Literal["left", "right"]], ...]:
    return (
        (tr("SERVICE", "SERVIÇO"), "left"),
        (tr("STATE", "ESTADO"), "left"),
        ("PID", "right"),
        (tr("PORT", "PORTA"), "right"),
        (tr("RESTARTS", "REINÍCIOS"), "right"),
        (tr("UP", "HÁ"), "right"),
        (tr("MEMORY", "MEMÓRIA"), "right"),
        (tr("LEADS", "LIDERA"), "left"),
    )


def _table(statuses: list[Status], led: Mapping[str, list[int]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for header, justify in _headers():
        table.add_column(header, justify=justify)
    for status in statuses:
        leads = ",".join(map(str, led.get(status.service, []))) or "-"
        table.add_row(*_row(status), leads, style=_STATE_COLOURS.get(status.state, ""))
    total = sum(status.memory for status in statuses)
    table.add_row(tr("total", "total"), "", "", "", "", "", _megabytes(total))
    return table


def _row(status: Status) -> tuple[str, ...]:
    state = state_text(status.state)
    if status.exit_code is not None and status.pid is None:
        state = f"{state} ({status.exit_code})"
    return (
        status.service,
        state,
        str(status.pid or "-"),
        ",".join(map(str, status.ports)) or "-",
        str(status.restarts),
        _age(time.time() - status.since),
        _megabytes(status.memory),
    )


def _age(seconds: float) -> str:
    minutes, rest = divmod(int(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours} h {minutes} min"
        if hours
        else f"{minutes} min {rest} s"
        if minutes
        else f"{rest} s"
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
