"""The services of the native run as boxes: how each stands, and the orders it takes."""

import asyncio
from functools import partial

from nicegui import ui

from kafka_workshop import clock
from kafka_workshop.cluster.states import Status, state_text
from kafka_workshop.console import formats
from kafka_workshop.console.access.roles import Role, may
from kafka_workshop.console.chaos.orders import KAFKA_UI, Verb
from kafka_workshop.console.chaos.supervision import System
from kafka_workshop.console.chaos.told import (
    since_text,
    state_tone,
    verb_icon,
    verb_text,
    verbs_for,
)
from kafka_workshop.console.frame import Console, Live
from kafka_workshop.console.pages.topic_dialogs import ActionDialog
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import badge
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr

_TONES = "kw-good kw-warn kw-bad"


class Services:
    """A box for each service; they are made anew only when the services are others."""

    def __init__(self, console: Console, live: Live) -> None:
        self._console, self._live = console, live
        self._boxes: dict[str, _Box] = {}
        self._grid = ui.element("div").classes("kw-services")

    def show(self, system: System, *, enabled: bool) -> None:
        """Show how each service stands; orders are taken only while that is the present."""
        names = [status.service for status in system.services]
        if names != list(self._boxes):
            self._grid.clear()
            with self._grid:
                self._boxes = {name: _Box(self._console, name) for name in names}
        for status in system.services:
            self._boxes[status.service].show(status, self._live.view, enabled=enabled)


class _Box:
    def __init__(self, console: Console, name: str) -> None:
        self._console, self._name = console, name
        self._verbs: tuple[Verb, ...] | None = None
        with ui.element("section").classes("kw-service") as self._box:
            self._box.props["aria-label"] = name
            with ui.element("div").classes("kw-box-head"):
                ui.label(name).classes("kw-box-title")
                self._state, self._mark = badge(""), badge("controller", "accent")
            self._since, self._line = ui.label("").classes("kw-box-line"), ui.label("")
            self._line.classes("kw-box-line")
            self._buttons = ui.element("div").classes("kw-orders")
        self._mark.set_visibility(False)

    def show(self, status: Status, view: View, *, enabled: bool) -> None:
        """Bring the box up to date."""
        self._state.set_text(state_text(status.state))
        tone = state_tone(status.state)
        for element in (self._state, self._box):
            element.classes(remove=_TONES, add=f"kw-{tone}" if tone else "")
        self._since.set_text(since_text(status, clock.now_ms()))
        line, controller = _seen_by_the_cluster(status, view)
        self._line.set_text(line)
        self._mark.set_visibility(controller)
        verbs = verbs_for(status) if enabled and may(Role.OPERATOR) else ()
        if verbs != self._verbs:
            self._verbs = verbs
            self._offer(verbs)

    def _offer(self, verbs: tuple[Verb, ...]) -> None:
        self._buttons.clear()
        with self._buttons:
            for verb in verbs:
                OrderButton(self._console, verb, self._name)


def _seen_by_the_cluster(status: Status, view: View) -> tuple[str, bool]:
    """Return what else is told of a service, and whether it is the controller."""
    for broker in view.brokers:
        if f"broker-{broker.id}" == status.service:
            line = tr(
                "leads {n} · ISR {isr}/{all}",
                "lidera {n} · ISR {isr}/{all}",
                n=formats.number(broker.leaders),
                isr=formats.number(broker.in_sync),
                all=formats.number(broker.replicas),
            )
            return line, broker.controller and broker.online
    if status.rate is not None:
        return tr(
            "told to send {rate}", "taxa pedida: {rate}", rate=formats.rate(status.rate)
        ), False
    if status.service == KAFKA_UI:
        return tr("this page comes from it", "esta página vem dele"), False
    return formats.size(status.memory) if status.memory else "", False


class OrderButton:
    """A button that gives one order; of the Kafka UI itself only after its name was typed."""

    def __init__(self, console: Console, verb: Verb, service: str, *, small: bool = False) -> None:
        self._console, self._verb, self._service = console, verb, service
        text = verb_text(verb)
        if small:
            self.element = ui.button(icon=verb_icon(verb), color=None).props("flat round dense")
            self.element.tooltip(f"{text} {service}")
        else:
            self.element = ui.button(text, color=None).props("flat dense")
        self.element.classes(f"kw-order kw-order-{verb}")
        self.element.props["aria-label"] = f"{text} {service}"
        self.element.on_click(self._press)

    async def _press(self) -> None:
        if self._service == KAFKA_UI:
            _OwnDialog(self._console, self._verb).open()
            return
        self.element.props("loading")
        try:
            give = partial(self._console.orders.give, self._verb, self._service)
            await asyncio.to_thread(give)
        except WorkshopError as error:
            ui.notify(str(error), type="negative", multi_line=True)
        finally:
            if not self.element.is_deleted:
                self.element.props(remove="loading")


class BoxOrders:
    """The buttons in the boxes of the overview's diagram: to kill, restart and start.

    There are none without a supervisor that answers.
    """

    _WANTED: tuple[Verb, ...] = ("kill", "restart", "start", "unpause")

    def __init__(self, console: Console) -> None:
        self._console = console
        self._places: dict[str, tuple[ui.element, tuple[Verb, ...]]] = {}

    def draw(self, service: str) -> None:
        """Draw a place for the buttons of `service`."""
        self._places[service] = (ui.element("div").classes("kw-orders"), ())
        self.show()

    def show(self) -> None:
        """Offer what fits each service as it is now."""
        seen = self._console.system.seen
        for service, (place, before) in list(self._places.items()):
            status = seen.value.status(service) if seen.value and not seen.stale else None
            fitting = verbs_for(status) if status and may(Role.OPERATOR) else ()
            verbs = tuple(verb for verb in fitting if verb in self._WANTED)
            if verbs == before or place.is_deleted:
                continue
            self._places[service] = (place, verbs)
            place.clear()
            with place:
                for verb in verbs:
                    OrderButton(self._console, verb, service, small=True)


class _OwnDialog(ActionDialog):
    """Asks before the console itself is ended."""

    def __init__(self, console: Console, verb: Verb) -> None:
        title = f"{verb_text(verb)} {KAFKA_UI}?"
        super().__init__(title, verb_text(verb), danger=True)
        self._console, self._verb = console, verb
        with self.body:
            ui.label(
                tr(
                    "This page goes away until it is back.",
                    "Esta página some até ele voltar.",
                )
                if verb == "restart"
                else tr(
                    "This page goes away, and only ./workshop start kafka-ui brings it back.",
                    "Esta página some, e só ./workshop start kafka-ui a traz de volta.",
                )
            )
            label = tr("Type {name} to confirm", "Digite {name} para confirmar", name=KAFKA_UI)
            self.typed = ui.input(label).props("outlined dense autofocus autocomplete=off")
        self.button.on_click(self._do)

    async def _do(self) -> None:
        typed = (self.typed.value or "").strip()
        done = await self.attempt(self._console.orders.give, self._verb, KAFKA_UI, typed)
        if done is not None:
            self.dialog.close()
