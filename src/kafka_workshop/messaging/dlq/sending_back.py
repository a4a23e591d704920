"""One redrive from its beginning to its end: the later of two fences, looks again, then sends."""

from collections.abc import Callable
from dataclasses import dataclass

from kafka_workshop.messaging.committed import Read, ignored
from kafka_workshop.messaging.dlq.letter import Form, Letter
from kafka_workshop.messaging.dlq.reader import read_markers
from kafka_workshop.messaging.dlq.redrive import Outcome, open_redrive
from kafka_workshop.messaging.dlq.survey import Choice, Survey


@dataclass(frozen=True, slots=True)
class SentBack:
    """What was left to send once no other redrive could send any more, and what became of it."""

    final: Choice
    outcome: Outcome


def send_back(
    servers: tuple[str, ...],
    storage: int,
    survey: Survey,
    choose: Callable[[], Choice],
    on_sent: Read = ignored,
) -> SentBack:
    """Send what `choose` takes of `survey` back to its topic, each exactly once.

    Args:
        servers: the brokers.
        storage: the bytes on disk that all topics may use.
        survey: hears which of its letters were redriven meanwhile, before `choose` is asked.
        choose: returns what is to be sent.
        on_sent: hears how many are sent so far.

    Raises:
        Fenced: another redrive has taken over; what is sent so far counts.
        Unavailable: the brokers don't answer; what is sent so far counts. Run it again.
    """
    sending = open_redrive(servers, survey.topic, storage)
    try:
        # What an earlier redrive committed until it was fenced is done: choose once more.
        read_markers(servers, survey, settled=True)
        final = choose()
        return SentBack(final, sending.send(final.letters, on_sent))
    finally:
        sending.close()


def send_back_edited(
    servers: tuple[str, ...], storage: int, topic: str, letter: Letter, edited: Form
) -> Outcome | None:
    """Send what a person made of a letter's message, once; `None` if it was redriven before.

    Raises:
        Fenced, Unavailable: as `send_back`.
    """
    survey = Survey(topic, {letter.source: letter})
    sending = open_redrive(servers, topic, storage)
    try:
        read_markers(servers, survey, settled=True)
        if letter.source in survey.redriven:
            return None
        return sending.send_edited(letter, edited)
    finally:
        sending.close()
