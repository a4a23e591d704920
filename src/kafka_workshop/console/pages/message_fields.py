"""The choice of fields of JSON values that are shown as columns."""

from collections.abc import Callable, Iterable

from nicegui import ui

from kafka_workshop.console.filtering import Path, printed_path
from kafka_workshop.console.pages.message_address import MAX_COLUMNS
from kafka_workshop.console.pages.message_columns import fields_of, label
from kafka_workshop.console.records import Record
from kafka_workshop.language import tr

_MOST = 120


class FieldChooser:
    """Offers the fields that were seen in what was read; at most `MAX_COLUMNS` are chosen."""

    def __init__(self, chosen: tuple[Path, ...], changed: Callable[[], None]) -> None:
        # The browser gets numbers and labels: a field's name is hostile, and is no key of anything.
        self._paths: list[Path] = list(chosen)
        self._field = ui.select(
            self._labels(),
            label=tr("Fields as columns", "Campos como colunas"),
            value=list(range(len(chosen))),
            multiple=True,
            on_change=lambda _: changed(),
        )
        self._field.props(f"outlined dense options-dense clearable max-values={MAX_COLUMNS}")
        self._field.classes("kw-fields")

    @property
    def chosen(self) -> tuple[Path, ...]:
        """The paths to show, in the order in which they were chosen."""
        return tuple(self._paths[n] for n in (self._field.value or [])[:MAX_COLUMNS])

    def offer(self, records: Iterable[Record]) -> None:
        """Offer the fields of `records` too."""
        known = {printed_path(path) for path in self._paths}
        fresh = [path for path in fields_of(records) if printed_path(path) not in known]
        if fresh and len(self._paths) < _MOST:
            self._paths += fresh[: _MOST - len(self._paths)]
            self._field.set_options(self._labels())

    def _labels(self) -> dict[int, str]:
        return {n: label(path) for n, path in enumerate(self._paths)}
