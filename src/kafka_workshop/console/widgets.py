"""The few pieces every page is made of: figures, cards, tables, words for "nothing here".

Whatever comes from Kafka reaches the browser as text that Vue interpolates; templates and
property names are literals of this module, so no data is ever compiled or evaluated.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from nicegui import ui

from kafka_workshop.console.state import View
from kafka_workshop.language import tr

Tone = Literal["", "good", "warn", "bad", "accent"]
Kind = Literal["text", "link", "badge", "shown", "code", "fill", "time", "open"]
Row = dict[str, Any]
ROWS_PER_PAGE = 50
# Quasar's own header is sorted by the mouse alone.
_SORT_BY_KEYBOARD = (
    '<q-th :props="props"><button type="button" class="kw-sort" '
    '@click.stop="props.sort(props.col)">{{ props.col.label }}</button></q-th>'
)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    A row holds under `name` what is sorted by. `link` goes to the row's `href`; `badge` takes its
    tone from `{name}_tone`; `shown` prints `{name}_text`; `time` does so between `{name}_day` and
    `{name}_ms`, which a phone leaves out; `code` is one line of fixed width letters, `fill` one
    that takes all the width that is left; `open` is a button that emits the row's id. A `wide`
    column is left out on a phone.
    """

    name: str
    label: str
    kind: Kind = "text"
    right: bool = False
    wide: bool = False

    def definition(self) -> dict[str, Any]:
        """Return the column as Quasar wants it."""
        hidden = " ".join(
            name for name, on in (("kw-wide", self.wide), ("kw-fill", self.kind == "fill")) if on
        )
        return {
            "name": self.name,
            "label": self.label,
            "field": self.name,
            "align": "right" if self.right else "left",
            "sortable": True,
            "classes": hidden,
            "headerClasses": hidden,
        }

    def template(self) -> str | None:
        """Return the cell's Vue template, or `None` for plain text."""
        shown = "{{ props.value }}"
        row = f"props.row.{self.name}"
        payload = f'<div class="kw-payload">{shown}</div>'
        cells = {
            "link": f'<a class="kw-name" :href="props.row.href">{shown}</a>',
            "badge": f'<span v-if="props.value" :class="\'kw-badge kw-\' + {row}_tone">'
            f"{shown}</span>",
            "shown": f"{{{{ {row}_text }}}}",
            "code": payload,
            "fill": payload,
            "time": f'<span class="kw-wide kw-day">{{{{ {row}_day }}}}</span>{{{{ {row}_text }}}}'
            f'<span class="kw-wide">{{{{ {row}_ms }}}}</span>',
            "open": '<button type="button" class="kw-open" '
            f"@click=\"$parent.$emit('open', props.row.id)\">{shown}</button>",
        }
        cell = cells.get(self.kind)
        return f'<q-td :props="props">{cell}</q-td>' if cell else None


class Table:
    """A table whose rows are replaced in place: sorting, page and focus stay."""

    def __init__(self, columns: list[Column], *, label: str, paged: bool = False) -> None:
        definitions = [column.definition() for column in columns]
        rows = ROWS_PER_PAGE if paged else 0
        self.element = ui.table(columns=definitions, rows=[], row_key="id", pagination=rows)
        self.element.props("flat dense binary-state-sort").props["aria-label"] = label
        self.element.add_slot("header-cell", _SORT_BY_KEYBOARD)
        for column in columns:
            template = column.template()
            if template:
                self.element.add_slot(f"body-cell-{column.name}", template)

    def show(self, rows: list[Row], nothing: str) -> None:
        """Show `rows`; where there are none, say `nothing`."""
        if self.element.props.get("no-data-label") != nothing:
            self.element.props["no-data-label"] = nothing
        if self.element.rows != rows:
            self.element.rows = rows
            self.element.props["hide-pagination"] = len(rows) <= ROWS_PER_PAGE


class Stat:
    """One figure with its name and a note."""

    def __init__(self, label: str, *, code: bool = False) -> None:
        with ui.element("div").classes("kw-stat") as self._box:
            ui.label(label).classes("kw-stat-label")
            self._value = ui.label("—").classes("kw-stat-value")
            self._value.classes("kw-mono" if code else "")
            self._note = ui.label("").classes("kw-stat-note")

    def show(self, value: str, note: str = "", tone: Tone = "") -> None:
        """Show a value, a note under it, and a tone that says how bad it is."""
        self._value.set_text(value)
        self._note.set_text(note)
        self._box.classes(remove="kw-good kw-warn kw-bad", add=f"kw-{tone}" if tone else "")


@contextmanager
def stats() -> Iterator[None]:
    """A row of figures."""
    with ui.element("div").classes("kw-stats"):
        yield


@contextmanager
def card(title: str = "") -> Iterator[ui.element]:
    """A card; yields the end of its head, for buttons and filters."""
    with ui.element("section").classes("kw-card") as box:
        head = ui.element("div").classes("kw-card-head")
        with head:
            heading(title)
            with ui.element("div").classes("kw-row").style("width:auto;margin-left:auto") as end:
                pass
        with box:
            yield end


def heading(text: str, tag: str = "h2") -> ui.element:
    """A heading: `h1` once a page, `h2` for its parts."""
    element = ui.element(tag)
    with element:
        ui.label(text).style("display:contents")
    return element


def badge(text: str, tone: Tone = "") -> ui.label:
    """A short word with a tone."""
    return ui.label(text).classes(f"kw-badge kw-{tone}")


def flat_button(text: str = "", icon: str | None = None) -> ui.button:
    """A button without a ground, in the accent's colour."""
    return ui.button(text, icon=icon, color=None).props("flat").classes("kw-flat")


def muted(text: str) -> ui.label:
    """A quiet remark."""
    return ui.label(text).classes("kw-muted kw-small")


class Empty:
    """Words and a sign for where there is nothing (yet)."""

    def __init__(self, icon: str, text: str = "") -> None:
        with ui.element("div").classes("kw-empty") as self.box:
            ui.icon(icon).props("aria-hidden=true")
            self._label = ui.label(text)

    def say(self, text: str) -> None:
        """Say why there is nothing."""
        self._label.set_text(text)


def trail(label: str) -> ui.element:
    """Draw a log of what happened, and return its list, which takes one `li` a line."""
    # The list itself must stay a list: its items are none in an element of another role.
    with ui.element("div").props("role=log aria-relevant=additions") as log:
        log.props["aria-label"] = label
        return ui.element("ol").classes("kw-trail")


def nothing(view: View, text: str) -> str:
    """Return why a table is empty: still asking, brokers silent, or `text` for truly nothing."""
    if view.snapshot is not None:
        return text
    if view.failure is not None:
        return tr(
            "The brokers have not answered yet, so nothing is known.",
            "Os brokers ainda não responderam, então nada se sabe.",
        )
    return tr("Asking the brokers…", "Consultando os brokers…")
