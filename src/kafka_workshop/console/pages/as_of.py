"""The line under a title: how old is what the page shows, and since when nothing new came."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from kafka_workshop import clock
from kafka_workshop.console import formats
from kafka_workshop.console.keeper import Seen
from kafka_workshop.language import tr


def as_of(
    first: str, nothing: str, silence: Callable[[str, str], str]
) -> Callable[[Seen[Any]], None]:
    """Draw the line and return what brings it up to date.

    Args:
        first: what is said before the first look has ended.
        nothing: what is said as long as none has succeeded.
        silence: returns what is said of an old value; it is handed the times of day since when
            there is no newer one, and of the value.
    """
    label = ui.label("").classes("kw-muted kw-small")

    def text(seen: Seen[Any]) -> str:
        if seen.at_ms is None:
            return first if seen.failing_since_ms is None else nothing
        at = formats.time_of_day(seen.at_ms)
        if not seen.stale:
            return tr("As of {at}", "Situação às {at}", at=at)
        return silence(formats.time_of_day(seen.failing_since_ms or clock.now_ms()), at)

    def show(seen: Seen[Any]) -> None:
        label.set_text(text(seen))
        label.classes(remove="kw-warn", add="kw-warn" if seen.stale else "")

    return show
