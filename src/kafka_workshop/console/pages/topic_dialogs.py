"""The dialogs that create and delete a topic."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from nicegui import ui

from kafka_workshop.console.actions import MB, TopicWish
from kafka_workshop.console.frame import Console
from kafka_workshop.console.widgets import flat_button, heading, muted
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


class CreateTopicDialog(ActionDialog):
    """Creates a topic that is bounded in bytes."""

    def __init__(self, console: Console) -> None:
        super().__init__(tr("Create topic", "Criar tópico"), tr("Create", "Criar"))
        self._console = console
        with self.body:
            self.name = ui.input(tr("Name", "Nome")).props("outlined dense autofocus maxlength=249")
            with ui.element("div").classes("kw-pair"):
                self.partitions = _whole(tr("Partitions", "Partições"), 3)
                self.factor = _whole(tr("Replication factor", "Fator de replicação"), 3)
                self.min_insync = _whole("min.insync.replicas", 2)
                self.days = _whole(tr("Days kept", "Dias guardados"), 7)
                self.disk = _whole(tr("Disk limit (MB)", "Limite em disco (MB)"), 100)
            muted(
                tr(
                    "The limit counts all partitions and replicas. Oldest messages go first.",
                    "O limite conta todas as partições e réplicas. As mensagens mais antigas saem "
                    "primeiro.",
                )
            )
        self.button.on_click(self._create)
        self.name.on("keydown.enter", self._create)

    async def _create(self) -> None:
        wish = self._wish()
        if wish is None:
            self.fail(tr("Every field wants a whole number.", "Todo campo pede um número inteiro."))
            return
        created = await self.attempt(done(self._console.actions.create_topic), wish)
        if created:
            self.dialog.close()
            self._console.poller.hurry()
            text = tr("{name} was created.", "{name} foi criado.", name=wish.name)
            ui.notify(text, type="positive")

    def _wish(self) -> TopicWish | None:
        fields = (self.partitions, self.factor, self.min_insync, self.disk, self.days)
        values = [field.value for field in fields]
        if any(value is None or value != int(value) for value in values):
            return None
        partitions, factor, min_insync, disk, days = (int(value) for value in values)
        name = (self.name.value or "").strip()
        return TopicWish(name, partitions, factor, min_insync, disk * MB, days)


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


def _whole(label: str, value: int) -> ui.number:
    return ui.number(label, value=value, min=1, step=1).props("outlined dense inputmode=numeric")


def done(action: Callable[..., None]) -> Callable[..., bool]:
    """Return `action` with a value that tells that it was done."""

    def run(*arguments: Any) -> bool:
        action(*arguments)
        return True

    return run
