"""The dialog that checks a file of JSON lines, tells what is in it, and then sends it."""

import asyncio
from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.events import UploadEventArguments

from kafka_workshop.console import formats
from kafka_workshop.console.frame import Console
from kafka_workshop.console.importing import MAX_FILE_BYTES, MAX_LINES, Checked, Target, check
from kafka_workshop.console.pages.topic_dialogs import ActionDialog
from kafka_workshop.console.payload import preview
from kafka_workshop.console.sending import Progress
from kafka_workshop.console.widgets import muted
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr

_SHOWN_REFUSALS = 10
_PROGRESS_SECONDS = 0.5


class ImportDialog(ActionDialog):
    """Sends the messages of a file, once all of its lines are found to be right."""

    def __init__(
        self,
        console: Console,
        topic: str,
        partitions: list[int],
        imported: Callable[[], Awaitable[None]],
    ) -> None:
        title = tr("Import into {topic}", "Importar para {topic}", topic=topic)
        super().__init__(title, tr("Import", "Importar"))
        self._console, self._topic, self._partitions = console, topic, partitions
        self._imported = imported
        self._data = b""
        self._checked: Checked | None = None
        self._progress: Progress | None = None
        with self.body:
            self._fields()
        self.button.on_click(self._send)
        self.button.disable()
        self._timer = ui.timer(_PROGRESS_SECONDS, self._tell, active=False)
        ui.context.client.on_delete(self._cancel)
        self.dialog.on("hide", self._cancel)

    def _fields(self) -> None:
        muted(
            tr(
                "A file of JSON lines as the export writes it: at most {size}, {lines} lines. All"
                " of it is checked before the first message is sent.",
                "Um arquivo de linhas JSON como o da exportação: no máximo {size}, {lines} linhas."
                " Tudo é conferido antes de enviar a primeira mensagem.",
                size=formats.size(MAX_FILE_BYTES),
                lines=formats.number(MAX_LINES),
            )
        )
        self.upload = ui.upload(
            label=tr("Choose a file", "Escolha um arquivo"),
            max_file_size=MAX_FILE_BYTES,
            max_files=1,
            auto_upload=True,
            on_upload=self._uploaded,
            on_rejected=lambda _: self.fail(_rejected()),
        )
        self.upload.props("flat bordered accept=.jsonl,.ndjson,.json,.txt").classes("kw-upload")
        label = tr("Keep each message's partition", "Manter a partição de cada mensagem")
        self.keep_partition = ui.checkbox(label, value=True, on_change=self._check).props("dense")
        label = tr("Keep each message's time", "Manter o horário de cada mensagem")
        self.keep_time = ui.checkbox(label, value=True, on_change=self._check).props("dense")
        self._summary = ui.label("").classes("kw-small").props("role=status")

    async def _uploaded(self, event: UploadEventArguments) -> None:
        self._data = await event.file.read()
        self.upload.reset()
        await self._check()

    async def _check(self) -> None:
        if not self._data:
            return
        self.error.set_visibility(False)
        self._checked = None
        target = Target(
            self._topic, self._partitions, self.keep_partition.value, self.keep_time.value
        )
        try:
            checked = await asyncio.to_thread(check, self._data, target)
        except WorkshopError as error:
            self.fail(str(error))
        else:
            self._tell_checked(checked)
        self.button.set_enabled(self._checked is not None)

    def _tell_checked(self, checked: Checked) -> None:
        if checked.refused:
            self._summary.set_text("")
            self.fail(_refusals(checked))
        elif not checked.messages:
            self.fail(tr("There is no message in the file.", "Não há mensagens no arquivo."))
        else:
            self._checked = checked
            self._summary.set_text(
                tr(
                    "{n} messages, {size}: all lines are right.",
                    "{n} mensagens, {size}: todas as linhas estão certas.",
                    n=formats.number(len(checked.messages)),
                    size=formats.size(checked.size),
                )
            )

    async def _send(self) -> None:
        checked = self._checked
        if checked is None:
            return
        progress = self._progress = Progress(len(checked.messages))
        self._timer.active = True
        send = self._console.actions.import_messages
        done = await self.attempt(send, self._topic, checked.messages, progress)
        self._timer.active = False
        self._tell()
        if done is None:
            return
        self._console.poller.hurry()
        if done.acknowledged == done.total:
            self._data, self._checked = b"", None
            self.button.disable()
            self.dialog.close()
            ui.notify(_acknowledged(done), type="positive")
        else:
            self.fail(_stopped(done))
            self.button.disable()
        await self._imported()

    def _tell(self) -> None:
        if self._progress is not None:
            self._summary.set_text(_acknowledged(self._progress))

    def _cancel(self) -> None:
        if self._progress is not None:
            self._progress.cancel.set()


def _rejected() -> str:
    return tr(
        "The file was not taken: one text file of at most {size} is allowed.",
        "O arquivo não foi aceito: é permitido um arquivo de texto de no máximo {size}.",
        size=formats.size(MAX_FILE_BYTES),
    )


def _acknowledged(progress: Progress) -> str:
    return tr(
        "{n} of {all} messages acknowledged.",
        "{n} de {all} mensagens confirmadas.",
        n=formats.number(progress.acknowledged),
        all=formats.number(progress.total),
    )


def _refusals(checked: Checked) -> str:
    return tr(
        "Nothing was sent: {n} lines are refused. {lines}",
        "Nada foi enviado: {n} linhas foram recusadas. {lines}",
        n=formats.number(len(checked.refused)),
        lines=_lines(checked.refused),
    )


def _stopped(progress: Progress) -> str:
    return _acknowledged(progress) + " " + _lines(tuple(progress.failed))


def _lines(refused: tuple[tuple[int, str], ...]) -> str:
    shown = [
        tr("Line {number}: {reason}.", "Linha {number}: {reason}.", number=number,
           reason=preview(reason.rstrip(".").encode(errors="replace"), 200))
        for number, reason in refused[:_SHOWN_REFUSALS]
    ]  # fmt: skip
    more = len(refused) - len(shown)
    return " ".join(shown) + (tr(" And {n} more.", " E mais {n}.", n=more) if more > 0 else "")
