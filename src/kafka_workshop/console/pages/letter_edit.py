"""The dialog that sends an edited dead letter back, as a new message."""

from nicegui import ui

from kafka_workshop.console.frame import Console
from kafka_workshop.console.pages.reproduce import MessageForm, too_long
from kafka_workshop.console.pages.topic_dialogs import ActionDialog
from kafka_workshop.console.records import Record
from kafka_workshop.console.widgets import muted
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.messaging.dlq.letter import Letter


class EditDialog(ActionDialog):
    """Prefilled with the message of a letter; what is sent is a new one, and says so."""

    def __init__(self, console: Console, topic: str, letter: Letter, record: Record) -> None:
        super().__init__(tr("Edit and redrive", "Editar e reenviar"), tr("Send", "Enviar"))
        self._console, self._topic, self._letter, self._record = console, topic, letter, record
        with self.body:
            muted(_origin(topic, letter))
            self.form = MessageForm(record)
        self.button.on_click(self._send)
        if record.cut:
            self.fail(too_long())
            self.button.disable()

    async def _send(self) -> None:
        try:
            edited = self.form.key.bytes(), self.form.value.bytes(), self.form.headers()
        except WorkshopError as error:
            self.fail(str(error))
            return
        storage, action = self._console.settings.storage, self._console.actions.redrive_edited
        if await self.attempt(action, storage, self._topic, self._letter, edited) is None:
            return
        self.dialog.close()
        self._console.poller.hurry()
        ui.notify(
            tr(
                "Sent to {topic} as a new message; the letter counts as redriven.",
                "Enviada a {topic} como mensagem nova; a da DLQ conta como reenviada.",
                topic=self._topic,
            ),
            type="positive",
        )


def _origin(topic: str, letter: Letter) -> str:
    return tr(
        "What you send is a new message of {topic}: the original is not changed anywhere. A header "
        "says that it was edited, and of {source}; that letter then counts as redriven.",
        "O que você envia é uma mensagem nova de {topic}: a original não muda em lugar algum. Um "
        "header diz que foi editada, a partir de {source}, que então conta como reenviada.",
        topic=topic,
        source=letter.source,
    )
