"""What a person asks to be sent back: counted before it is done, then done as it was counted."""

import threading
from dataclasses import dataclass, replace

from kafka_workshop.clock import Deadline
from kafka_workshop.console.diagnosis import Refused
from kafka_workshop.console.outgoing import MAX_MESSAGE_BYTES, NotAllowed
from kafka_workshop.language import tr
from kafka_workshop.messaging.dlq.letter import Form, Letter, Source
from kafka_workshop.messaging.dlq.reader import read_survey
from kafka_workshop.messaging.dlq.redrive import Outcome
from kafka_workshop.messaging.dlq.sending_back import SentBack, send_back, send_back_edited
from kafka_workshop.messaging.dlq.survey import Choice, Survey

# A person waits for the count: more letters than can be read in that time are the shell's.
_READ_SECONDS = 30.0


@dataclass(frozen=True)
class Redriving:
    """What is to be sent back.

    Attributes:
        survey: the letters to choose from.
        storage: the bytes on disk that all topics may use; the markers' topic comes from it.
        error_class: only this one; empty: all.
        again: whether what came back from an earlier redrive goes too.
        only: only these; `None`: all.
    """

    survey: Survey
    storage: int
    error_class: str = ""
    again: bool = False
    only: frozenset[Source] | None = None

    def choose(self) -> Choice:
        """Return what is sent, as far as is known now."""
        return self.survey.choose(self.error_class or None, self.again, self.only)


class Progress:
    """How far a redrive or the count before it has got; `cancel` ends it between two batches."""

    def __init__(self, seconds: float | None = None) -> None:
        self.count = 0
        self.cancel = threading.Event()
        self._deadline = Deadline(seconds) if seconds is not None else None

    def __call__(self, count: int) -> None:
        """Take in how far it is.

        Raises:
            Refused: it was cancelled, or takes too long.
        """
        self.count = count
        if self.cancel.is_set():
            raise Refused(tr("Stopped at your word.", "Interrompido a seu pedido."))
        if self._deadline is not None and self._deadline.expired:
            raise Refused(
                tr(
                    "There are more letters than can be counted here in {s:.0f} s; in a shell "
                    "./workshop dlq redrive takes them all.",
                    "Há mais mensagens na DLQ do que se conta aqui em {s:.0f} s; no terminal "
                    "./workshop dlq redrive reenvia todas.",
                    s=_READ_SECONDS,
                )
            )


def counting() -> Progress:
    """Return what hears how far the count is, and ends it when that takes too long."""
    return Progress(_READ_SECONDS)


def survey_of(servers: tuple[str, ...], topic: str, progress: Progress) -> Survey:
    """Return all letters of a topic as they are now.

    Raises:
        Refused: it was cancelled, or there are too many.
        Unavailable: the brokers could not be asked.
    """
    return read_survey(servers, topic, progress)


def redrive(servers: tuple[str, ...], planned: Redriving, progress: Progress) -> SentBack:
    """Send what is planned back to its topic, each exactly once.

    Raises:
        NotAllowed: there is nothing to send.
        Refused: it was cancelled; what is sent so far counts.
        Fenced: another redrive has taken over.
        Unavailable: the brokers don't answer; what is sent so far counts.
    """
    if not planned.choose().letters:
        raise NotAllowed(tr("There is nothing to send back.", "Não há nada a reenviar."))
    # What is read meanwhile is this redrive's alone: other windows show the same survey.
    known = planned.survey
    survey = Survey(known.topic, dict(known.letters), dict(known.redriven))
    choose = replace(planned, survey=survey).choose
    return send_back(servers, planned.storage, survey, choose, progress)


def redrive_edited(
    servers: tuple[str, ...], storage: int, topic: str, letter: Letter, edited: Form
) -> Outcome:
    """Send what a person made of a letter's message, once.

    Raises:
        NotAllowed: it is too large.
        Refused: it was redriven before, its topic does not take it, or its letter is gone.
        Fenced, Unavailable: as `redrive`.
    """
    key, value, _ = edited
    size = len(key or b"") + len(value or b"")
    if size > MAX_MESSAGE_BYTES:
        raise NotAllowed(
            tr(
                "The message has {size} bytes; at most {limit} are allowed.",
                "A mensagem tem {size} bytes; são permitidos no máximo {limit}.",
                size=size,
                limit=MAX_MESSAGE_BYTES,
            )
        )
    outcome = send_back_edited(servers, storage, topic, letter, edited)
    if outcome is None:
        raise Refused(
            tr(
                "It was redriven meanwhile; nothing was sent.",
                "Ela foi reenviada nesse meio-tempo; nada foi enviado.",
            )
        )
    if outcome.sent == 0:
        raise Refused(
            tr(
                "{topic} does not take it, or its letter is past its retention; nothing was sent.",
                "{topic} não a aceita, ou a mensagem da DLQ passou da retenção; nada foi enviado.",
                topic=topic,
            )
        )
    return outcome
