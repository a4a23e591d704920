"""The dialog that every action of a page has, and the one that deletes a topic."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from nicegui import ui

from kafka_workshop.console.frame import Console
from kafka_workshop.console.widgets import flat_button, heading
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr

T = TypeVar("T")


class ActionDialog:
    """A dialog around one action: fields, one clear sentence if it fails, two buttons."""

    def __init__(self, title: str, verb: str, *, danger: bool = False) -> None:
        with ui.dialog() as self.dialog, ui.card().classes("kw-dialog") as self.box:
            heading(title)
            with ui.element("div").classes("kw-dialog-body").style("display:contents") as self.body:
                pass
            self.error = ui.label("").classes("kw-error").props("role=alert")
            with ui.element("div").classes("kw-row"):
                flat_button(tr("Cancel", "Cancelar")).on_click(self.dialog.close)
                color = "negative" if danger else "primary"
                self.button = ui.button(verb, color=color).props("unelevated")
        self.error.set_visibility(False)
        self.dialog.props["aria-label"] = title

    def open(self) -> None:
        """Show the dialog with no error."""
        self.error.set_visibility(False)
        self.dialog.open()

    async def attempt(self, action: Callable[..., T], *arguments: Any) -> T | None:
        """Run `action` in a thread; return its value, or say why it failed and return `None`."""
        self.button.props("loading")
        try:
            # `to_thread` takes the context along: the error speaks this browser's language.
            outcome = await asyncio.to_thread(action, *arguments)
        except WorkshopError as error:
            self.fail(str(error))
            return None
        finally:
            self.button.props(remove="loading")
        self.error.set_visibility(False)
        return outcome

    def fail(self, sentence: str) -> None:
        """Say what is wrong."""
        self.error.set_text(sentence)
        self.error.set_visibility(True)


class DeleteTopicDialog(ActionDialog):
    """Deletes a topic after its name was typed again."""

    def __init__(self, console: Console, topic: str) -> None:
        title = tr("Delete {topic}?", "Excluir {topic}?", topic=topic)
        super().__init__(title, tr("Delete", "Excluir"), danger=True)
        self._console, self._topic = console, topic
        with self.body:
            ui.label(
                tr(
                    "All its messages are lost, for every consumer. This cannot be undone.",
                    "Todas as mensagens se perdem, para todos os consumidores. "
                    "Não há como desfazer.",
                )
            )
            label = tr("Type the topic's name", "Digite o nome do tópico")
            self.typed = ui.input(label).props("outlined dense autofocus autocomplete=off")
        self.button.on_click(self._delete)

    async def _delete(self) -> None:
        typed = (self.typed.value or "").strip()
        deleted = await self.attempt(done(self._console.actions.delete_topic), self._topic, typed)
        if deleted:
            self._console.poller.hurry()
            ui.navigate.to("/topics")


def whole(label: str, value: int) -> ui.number:
    """A field for a whole number from 1."""
    return ui.number(label, value=value, min=1, step=1).props("outlined dense inputmode=numeric")


def done(action: Callable[..., None]) -> Callable[..., bool]:
    """Return `action` with a value that tells that it was done."""

    def run(*arguments: Any) -> bool:
        action(*arguments)
        return True

    return run
