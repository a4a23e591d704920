"""A short list of bars: names, how large each is, and its number."""

from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import ui


@dataclass(frozen=True)
class Bar:
    """One bar: `share` is 0 to 1 of the width."""

    name: str
    share: float
    text: str


class Bars:
    """At most `most` bars, changed in place; without any it says why."""

    def __init__(self, label: str, most: int) -> None:
        self._shown: tuple[tuple[Bar, ...], str] | None = None
        with ui.element("ul").classes("kw-bars").props("role=list") as self._list:
            self._list.props["aria-label"] = label
            self._rows = [_Row() for _ in range(most)]
        self._nothing = ui.label("").classes("kw-muted kw-small kw-card-body")

    def show(self, bars: Sequence[Bar], nothing: str) -> None:
        """Show `bars`, of which there are no more than rows; where there are none, `nothing`."""
        shown = tuple(bars), nothing
        if shown == self._shown:
            return
        self._shown = shown
        self._list.set_visibility(bool(bars))
        self._nothing.set_visibility(not bars)
        self._nothing.set_text(nothing)
        for row, bar in zip(self._rows, [*bars, *[None] * len(self._rows)], strict=False):
            row.show(bar)


class _Row:
    def __init__(self) -> None:
        with ui.element("li").classes("kw-bar") as self._row:
            self._name = ui.label("").classes("kw-bar-name")
            with ui.element("div").classes("kw-bar-track").props("aria-hidden=true"):
                self._fill = ui.element("div")
            self._text = ui.label("").classes("kw-bar-text")

    def show(self, bar: Bar | None) -> None:
        self._row.set_visibility(bar is not None)
        if bar is not None:
            self._name.set_text(bar.name)
            self._text.set_text(bar.text)
            self._fill.style(f"width:{bar.share * 100:.1f}%")
