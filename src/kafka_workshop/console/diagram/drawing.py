"""Draws the diagram: boxes that lead to pages, arrows between them, and the caption."""

from collections.abc import Callable

from nicegui import ui

from kafka_workshop.console.diagram.picture import Box, Flow, Picture
from kafka_workshop.console.widgets import badge

_TONES = "kw-good kw-warn kw-bad"
# Draws the buttons of a service into its box.
Buttons = Callable[[str], object]


class _DrawnBox:
    """A box; its title is a link that reaches over all of it but the buttons."""

    def __init__(self, name: str, lines: int, buttons: Buttons | None = None) -> None:
        self._buttons, self._service = buttons, ""
        with ui.element("div").classes(f"kw-box kw-box-{name}") as self._box:
            with ui.element("div").classes("kw-box-head"):
                with ui.link(target="/").classes("kw-box-link") as self._link:
                    self._title = ui.label("").classes("kw-box-title")
                self._state, self._mark = badge(""), badge("", "accent")
            with ui.element("div").classes("kw-box-lines"):
                self._lines = [ui.label("").classes("kw-box-line") for _ in range(lines)]
            self._place = ui.element("div").classes("kw-box-orders")

    def show(self, box: Box) -> None:
        self._link.props["href"] = box.href
        self._title.set_text(box.title)
        for chip, text in ((self._mark, box.mark), (self._state, box.state)):
            chip.set_text(text)
            chip.set_visibility(bool(text))
        for element in (self._state, self._box):
            element.classes(remove=_TONES, add=f"kw-{box.tone}" if box.tone else "")
        for label, text in zip(self._lines, box.lines, strict=True):
            label.set_text(text)
        self._offer(box.service)

    def _offer(self, service: str) -> None:
        if self._buttons is None or service == self._service:
            return
        self._service = service
        self._place.clear()
        if service:
            with self._place:
                self._buttons(service)


class _DrawnFlow:
    def __init__(self) -> None:
        with ui.element("div").classes("kw-flow") as self._flow:
            with ui.element("div").classes("kw-flow-said"):
                self._rate = ui.label("").classes("kw-flow-rate")
                self._what = ui.label("").classes("kw-flow-what")
            ui.element("div").classes("kw-flow-line").props("aria-hidden=true")

    def show(self, flow: Flow) -> None:
        self._rate.set_text(flow.text)
        self._what.set_text(flow.what)
        self._flow.classes(remove="kw-moving", add="kw-moving" if flow.rate else "")


class Diagram:
    """The diagram on a page; `show` brings it up to date, and redraws only what has changed.

    `buttons` draws those of a service into its box; None: there are none.
    """

    def __init__(self, buttons: Buttons | None = None) -> None:
        self._shown: Picture | None = None
        self._buttons = buttons
        self._brokers: dict[str, _DrawnBox] = {}
        with ui.element("figure").classes("kw-diagram"):
            with ui.element("div").classes("kw-diagram-grid"):
                self._coordination = _DrawnBox("coordination", 1, buttons)
                ui.element("div").classes("kw-watches").props("aria-hidden=true")
                self._producer = _DrawnBox("producer", 1, buttons)
                with ui.element("div").classes("kw-diagram-in"):
                    self._written = _DrawnFlow()
                with ui.element("div").classes("kw-cluster"):
                    self._topic = _DrawnBox("topic", 1)
                    self._row = ui.element("div").classes("kw-brokers")
                with ui.element("div").classes("kw-diagram-out"):
                    self._consumers = [_drawn_consumer(buttons) for _ in range(2)]
            with ui.element("figcaption"):
                self._caption = ui.label("").classes("kw-muted kw-small")

    def show(self, picture: Picture) -> None:
        """Show `picture`."""
        if picture == self._shown:
            return
        self._shown = picture
        self._coordination.show(picture.coordination)
        self._producer.show(picture.producer)
        self._written.show(picture.written)
        self._topic.show(picture.topic)
        self._show_brokers(picture.brokers)
        for (flow, box), drawn in zip(picture.consumers, self._consumers, strict=True):
            drawn[0].show(flow)
            drawn[1].show(box)
        self._caption.set_text(picture.caption)

    def _show_brokers(self, boxes: tuple[Box, ...]) -> None:
        if list(self._brokers) != [box.title for box in boxes]:
            self._row.clear()
            with self._row:
                self._brokers = {box.title: _DrawnBox("broker", 2, self._buttons) for box in boxes}
        for box in boxes:
            self._brokers[box.title].show(box)


def _drawn_consumer(buttons: Buttons | None) -> tuple[_DrawnFlow, _DrawnBox]:
    return _DrawnFlow(), _DrawnBox("consumer", 2, buttons)
