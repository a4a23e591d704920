"""The lines of ZooKeeper's tree: kept in place as it changes, so that the focus stays."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.payload import preview
from kafka_workshop.console.widgets import badge
from kafka_workshop.console.zookeeper.told import data_line
from kafka_workshop.console.zookeeper.znodes import ROOT, Row, Tree
from kafka_workshop.language import tr

Act = Callable[[str], Awaitable[None]]


class ZnodeTree:
    """A list of znodes; each can be chosen, and opened if it has children."""

    def __init__(self, toggle: Act, choose: Act) -> None:
        self._toggle, self._choose = toggle, choose
        self._lines: dict[str, _Line] = {}
        self._list = ui.element("ul").classes("kw-znodes")
        self._list.props["aria-label"] = tr("Znodes", "Znodes")

    def show(self, tree: Tree, chosen: str) -> None:
        """Show `tree`; what was not there before is made, what has gone is taken away."""
        first = not self._lines
        wanted = {row.znode.path: row for row in tree.rows}
        for path in self._lines.keys() - wanted.keys():
            self._lines.pop(path).element.delete()
        for place, (path, row) in enumerate(wanted.items()):
            line = self._lines.get(path)
            if line is None:
                with self._list:
                    line = self._lines[path] = _Line(row, self._toggle, self._choose, first=first)
                line.element.move(target_index=place)
            line.show(row, chosen=path == chosen)


class _Line:
    def __init__(self, row: Row, toggle: Act, choose: Act, *, first: bool) -> None:
        path, name = row.znode.path, preview(row.znode.name.encode(), 200)
        self._name = name
        self._changed_by = row.znode.changed_by
        with ui.element("li").classes("kw-znode") as self.element:
            self.element.style(f"--kw-depth: {row.depth}")
            self._open = ui.element("button").props("type=button").classes("kw-znode-open")
            with self._open:
                self._sign = ui.icon("chevron_right").props("aria-hidden=true")
            with ui.element("button").props("type=button").classes("kw-znode-name") as self._button:
                ui.label(name)
            self._mark = badge(tr("ephemeral", "efêmero"), "accent")
            self._data = ui.label("").classes("kw-znode-data")
            self._more = ui.label("").classes("kw-muted kw-small")
        self._open.on("click", lambda: toggle(path))
        self._button.on("click", lambda: choose(path))
        if not first:
            self._flash()

    def _flash(self) -> None:
        # Taken away and put on anew, so that the browser begins it anew.
        self.element.classes(remove="kw-new")
        ui.timer(0.05, lambda: self.element.classes("kw-new"), once=True)

    def show(self, row: Row, *, chosen: bool) -> None:
        """Bring the line up to date."""
        znode = row.znode
        self.element.classes(remove="kw-chosen", add="kw-chosen" if chosen else "")
        self._button.props["aria-current"] = "true" if chosen else "false"
        opens = znode.children > 0 and znode.path != ROOT
        self._open.style(f"visibility: {'visible' if opens else 'hidden'}")
        verb = tr("Close", "Fechar") if row.open else tr("Open", "Abrir")
        self._open.props["aria-label"] = f"{verb} {self._name}"
        self._open.props["aria-expanded"] = "true" if row.open else "false"
        self._sign.props["name"] = "expand_more" if row.open else "chevron_right"
        self._mark.set_visibility(znode.owner != 0)
        self._data.set_text(data_line(znode))
        n = formats.number(row.more)
        self._more.set_text(tr("{n} more", "mais {n}", n=n) if row.more else "")
        if znode.changed_by != self._changed_by:
            self._changed_by = znode.changed_by
            self._flash()
