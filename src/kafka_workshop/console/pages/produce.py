"""The dialog that writes one message to a topic."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from kafka_workshop.console.actions import Acknowledged
from kafka_workshop.console.frame import Console
from kafka_workshop.console.outgoing import Outgoing, parse_headers
from kafka_workshop.console.pages.topic_dialogs import ActionDialog
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr

_BY_KEY = -1


class ProduceDialog(ActionDialog):
    """Writes a message and says which partition and offset acknowledged it."""

    def __init__(
        self,
        console: Console,
        topic: str,
        partitions: list[int],
        produced: Callable[[], Awaitable[None]],
    ) -> None:
        title = tr("Produce to {topic}", "Produzir em {topic}", topic=topic)
        super().__init__(title, tr("Send", "Enviar"))
        self._console, self._topic, self._produced = console, topic, produced
        choices = {_BY_KEY: tr("by key", "pela chave")} | {p: str(p) for p in partitions}
        with self.body:
            with ui.element("div").classes("kw-pair"):
                self.key = ui.input(tr("Key (empty: none)", "Chave (vazia: nenhuma)"))
                self.key.props("outlined dense autofocus")
                label = tr("Partition", "Partição")
                self.partition = ui.select(choices, label=label, value=_BY_KEY)
                self.partition.props("outlined dense options-dense")
            self.value = ui.textarea(tr("Value", "Valor")).props(
                "outlined dense rows=6 input-class=kw-mono"
            )
            label = tr("No value (tombstone)", "Sem valor (tombstone)")
            self.tombstone = ui.checkbox(label).props("dense")
            self.value.bind_enabled_from(self.tombstone, "value", backward=lambda value: not value)
            label = tr("Headers, name=value a line", "Cabeçalhos, nome=valor por linha")
            self.headers = ui.textarea(label).props("outlined dense rows=2 input-class=kw-mono")
        self.button.on_click(self._send)

    async def _send(self) -> None:
        try:
            outgoing = self._outgoing()
        except WorkshopError as error:
            self.fail(str(error))
            return
        placed = await self.attempt(self._console.actions.produce, outgoing)
        if placed is None:
            return
        self.dialog.close()
        self._console.poller.hurry()
        notify_acknowledged(placed)
        await self._produced()

    def _outgoing(self) -> Outgoing:
        key, partition = self.key.value or "", self.partition.value
        return Outgoing(
            topic=self._topic,
            key=key.encode() if key else None,
            value=None if self.tombstone.value else (self.value.value or "").encode(),
            headers=parse_headers(self.headers.value or ""),
            partition=None if partition in {None, _BY_KEY} else int(partition),
        )


def notify_acknowledged(placed: Acknowledged) -> None:
    """Say where a message was acknowledged."""
    ui.notify(
        tr(
            "Acknowledged: partition {partition}, offset {offset}.",
            "Confirmada: partição {partition}, offset {offset}.",
            partition=placed.partition,
            offset=placed.offset,
        ),
        type="positive",
    )
