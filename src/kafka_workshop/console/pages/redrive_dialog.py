"""The dialog that sends dead letters back: first it counts, then it does what it has counted."""

import asyncio
from dataclasses import dataclass, replace

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.dlq.redriving import Progress, Redriving, counting, survey_of
from kafka_workshop.console.dlq.told import choice_text
from kafka_workshop.console.frame import Console
from kafka_workshop.console.pages.topic_dialogs import ActionDialog
from kafka_workshop.console.widgets import muted
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.messaging.dlq.letter import Source
from kafka_workshop.messaging.dlq.sending_back import SentBack
from kafka_workshop.messaging.dlq.survey import Survey

_PROGRESS_SECONDS = 0.5


@dataclass(frozen=True)
class Asked:
    """What is to be sent back: `only` some letters, else a class, else all."""

    survey: Survey
    error_class: str = ""
    only: frozenset[Source] | None = None


class RedriveDialog(ActionDialog):
    """Says what goes, to where and what stays; closing it ends what is under way."""

    def __init__(self, console: Console) -> None:
        super().__init__(tr("Send back", "Reenviar"), tr("Redrive", "Reenviar"))
        self._console = console
        self._planned: Redriving | None = None
        self._progress = Progress()
        with self.body:
            self._text = ui.label("").props("role=status")
            label = tr("Also what came back", "Também as que voltaram")
            self._again = ui.checkbox(label, on_change=self._count)
            muted(
                tr(
                    "Unchanged, to its old partition, with headers that say so; a marker keeps it "
                    "from being sent twice, here or by ./workshop dlq redrive.",
                    "Sem alteração, à partição de antes, com headers que dizem isso; um marcador "
                    "impede um segundo envio, aqui ou por ./workshop dlq redrive.",
                )
            )
        self.button.on_click(self._send)
        self.dialog.on("hide", self._cancel)
        ui.context.client.on_delete(self._cancel)
        self._timer = ui.timer(_PROGRESS_SECONDS, self._tell, active=False)

    def _cancel(self) -> None:
        self._progress.cancel.set()

    async def ask(self, asked: Asked) -> None:
        """Show what would be sent; a class, or all, is counted anew first."""
        self._planned, self._progress = None, counting()
        self._again.set_value(False)
        self._again.set_visibility(False)
        self.button.set_enabled(False)
        self.open()
        survey, progress = asked.survey, self._progress
        if asked.only is None:
            counted = await self._read(survey.topic, progress)
            if counted is None:
                return
            survey = counted
        storage = self._console.settings.storage
        self._planned = Redriving(survey, storage, asked.error_class, False, asked.only)
        self._count()

    async def _read(self, topic: str, progress: Progress) -> Survey | None:
        self._timer.active = True
        servers = self._console.settings.bootstrap_servers
        try:
            return await asyncio.to_thread(survey_of, servers, topic, progress)
        except WorkshopError as error:
            if progress is self._progress:
                self._text.set_text("")
                self.fail(str(error))
            return None
        finally:
            self._timer.active = False

    def _tell(self) -> None:
        n = formats.number(self._progress.count)
        doing = self._planned is not None
        self._text.set_text(
            tr("{n} messages sent…", "{n} mensagens enviadas…", n=n)
            if doing
            else tr("Counting: {n} records read…", "Contando: {n} registros lidos…", n=n)
        )

    def _count(self) -> None:
        planned = self._planned
        if planned is None:
            return
        self._planned = planned = replace(planned, again=bool(self._again.value))
        choice = planned.choose()
        self._text.set_text(choice_text(choice, planned.survey.topic))
        self._again.set_visibility(bool(choice.came_back) or planned.again)
        self.button.set_enabled(bool(choice.letters))

    async def _send(self) -> None:
        planned = self._planned
        if planned is None:
            return
        self._progress, self._timer.active = Progress(), True
        sent = await self.attempt(self._console.actions.redrive, planned, self._progress)
        self._timer.active = False
        self._text.set_text("")
        if sent is None:
            self.button.set_enabled(False)
            return
        self.dialog.close()
        self._console.poller.hurry()
        ui.notify(_outcome(sent, planned), type="positive", multi_line=True)


def _outcome(sent: SentBack, planned: Redriving) -> str:
    """Return what became of it; what others sent or nobody takes is said too."""
    outcome, left = sent.outcome, len(sent.final.letters)
    said = [
        tr(
            "Sent back to {topic}: {n}.",
            "Reenviadas para {topic}: {n}.",
            topic=planned.survey.topic,
            n=formats.number(outcome.sent),
        )
    ]
    others = len(planned.choose().letters) - left
    gone = left - outcome.sent - outcome.refused
    reasons = {
        tr("sent by another redrive", "enviadas por outro reenvio"): others,
        tr("refused by the topic", "recusadas pelo tópico"): outcome.refused,
        tr("past their retention", "além da retenção"): gone,
    }
    said += [f"{reason}: {formats.number(n)}." for reason, n in reasons.items() if n]
    return " ".join(said)
