"""Lag or throughput of the last hour or day as a chart, and its figures in words."""

from typing import Any

from nicegui import ui

from kafka_workshop import clock
from kafka_workshop.console import formats
from kafka_workshop.console.frame import Console, Live
from kafka_workshop.console.history.series import Kind, Span, Window
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import card, muted
from kafka_workshop.language import current, tr

# The browser's own variables: the chart is drawn as SVG, so it follows the theme by itself.
_ACCENT, _SOFT = "var(--kw-accent)", "var(--kw-accent-soft)"
_MUTED, _LINE = "var(--kw-muted)", "var(--kw-line)"
_LABEL = {"color": _MUTED, "fontSize": 11}


class HistoryChart:
    """A chart that follows what the console records."""

    def __init__(self, console: Console, live: Live, kind: Kind, name: str, title: str) -> None:
        self._console, self._kind, self._name, self._title = console, kind, name, title
        self._drawn: tuple[Span, int] | None = None
        spans = {"hour": tr("1 hour", "1 hora"), "day": tr("24 hours", "24 horas")}
        with card(title) as end:
            with end:
                self._span = ui.toggle(spans, value="hour").props("flat dense no-caps")
                self._span.props["role"] = "group"
                self._span.props["aria-label"] = tr("Span", "Período")
            with ui.element("div").classes("kw-card-body"):
                self._chart = ui.echart(options(title), renderer="svg").classes("kw-chart")
                self._chart.props["role"] = "img"
                self._words = muted("")
        self._span.on_value_change(lambda: self._show(live.view))
        live.on_change(self._show)

    def _show(self, _view: View) -> None:
        now_ms, span = clock.now_ms(), self._span.value
        window = self._console.history.window(self._kind, self._name, span, now_ms)
        self._words.set_text(self._told(window))
        self._chart.props["aria-label"] = f"{self._title}. {self._words.text}"
        self._chart.set_visibility(window is not None)
        if window is not None and self._drawn != (span, window.end_ms):
            self._drawn = (span, window.end_ms)
            fill(self._chart.options, window)
            self._chart.update()

    def _told(self, window: Window | None) -> str:
        known = [(value, at) for at, value in window.points if value is not None] if window else []
        if known:
            return self._figures(known)
        if self._console.history.full(self._kind):
            return tr(
                "No history: as many others are kept as there is room for.",
                "Sem histórico: já se guardam tantos outros quantos cabem.",
            )
        return tr("Nothing is known of this time yet.", "Ainda nada se sabe deste período.")

    def _figures(self, known: list[tuple[float, int]]) -> str:
        highest, at_ms = max(known)
        return tr(
            "Last {last} · highest {highest} at {at} · lowest {lowest}",
            "Último {last} · maior {highest} às {at} · menor {lowest}",
            last=self._value(known[-1][0]),
            highest=self._value(highest),
            at=formats.time_of_day(at_ms)[:5],
            lowest=self._value(min(known)[0]),
        )

    def _value(self, value: float) -> str:
        return formats.rate(value) if self._kind == "topic" else formats.number(value)


def options(title: str) -> dict[str, Any]:
    """Return a chart without values; nothing in it comes from Kafka."""
    numbers = f"value.toLocaleString('{current()}', {{maximumFractionDigits: 1}})"
    short = f"value.toLocaleString('{current()}', {{notation: 'compact'}})"
    return {
        "animation": False,
        "grid": {"left": 4, "right": 20, "top": 12, "bottom": 4, "containLabel": True},
        "tooltip": _tooltip(f"value => value == null ? '—' : {numbers}"),
        "xAxis": {
            "type": "time",
            "splitNumber": 4,
            "axisLabel": {**_LABEL, "hideOverlap": True, "formatter": "{HH}:{mm}"},
            "axisLine": {"lineStyle": {"color": _LINE}},
            "axisTick": {"lineStyle": {"color": _LINE}},
        },
        "yAxis": {
            "type": "value",
            "min": 0,
            "splitNumber": 4,
            "axisLabel": {**_LABEL, ":formatter": f"value => {short}"},
            "splitLine": {"lineStyle": {"color": _LINE}},
        },
        "series": [_line(title)],
    }


def _tooltip(formatter: str) -> dict[str, Any]:
    return {
        "trigger": "axis",
        "confine": True,
        "backgroundColor": "var(--kw-surface)",
        "borderColor": _LINE,
        "textStyle": {"color": "var(--kw-text)", "fontSize": 12},
        "axisPointer": {"lineStyle": {"color": _MUTED}},
        ":valueFormatter": formatter,
    }


def _line(title: str) -> dict[str, Any]:
    return {
        "type": "line",
        "name": title,
        "data": [],
        "symbol": "none",
        "connectNulls": False,
        "emphasis": {"disabled": True},
        "lineStyle": {"color": _ACCENT, "width": 1.5},
        "itemStyle": {"color": _ACCENT},
        "areaStyle": {"color": _SOFT},
    }


def fill(chart: dict[str, Any], window: Window) -> None:
    """Put the values of `window` into a chart; one that stands alone is drawn as a dot."""
    chart["xAxis"] |= {"min": window.start_ms, "max": window.end_ms}
    points = window.points
    values = [None, *(value for _, value in points), None]
    data: list[Any] = []
    for place, (at_ms, value) in enumerate(points):
        alone = value is not None and values[place] is None and values[place + 2] is None
        dot = {"value": [at_ms, value], "symbol": "circle", "symbolSize": 4}
        data.append(dot if alone else [at_ms, value])
    chart["series"][0]["data"] = data
