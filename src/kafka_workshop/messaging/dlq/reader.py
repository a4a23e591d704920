"""Reads the letters and the markers of what was redriven; no consumer group is involved."""

from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.committed import Read, ignored, read
from kafka_workshop.messaging.dlq.letter import Source, letter_of
from kafka_workshop.messaging.dlq.survey import Survey
from kafka_workshop.messaging.topics import dead_letter_topic, redriven_topic


def read_survey(servers: tuple[str, ...], topic: str, on_read: Read = ignored) -> Survey:
    """Return the letters of `topic`, and which of them were redriven.

    A redrive under way at this moment is not waited for. `on_read` hears, now and then, how many
    records have been read.

    Raises:
        Unavailable: the brokers could not be asked (`BrokersUnavailable`: none answered).
    """
    survey = Survey(topic)
    for record in read(servers, dead_letter_topic(topic), on_read=on_read):
        survey.add(record)
    read_markers(servers, survey)
    return survey


def read_markers(servers: tuple[str, ...], survey: Survey, settled: bool = False) -> None:
    """Put into `survey` which letters were redriven.

    If `settled`, waits until every transaction that had begun to write markers is committed or
    aborted; otherwise reads only what is committed before the first open one.

    Raises:
        Unavailable: the brokers could not be asked, or a transaction stayed open too long.
    """
    for record in read(servers, redriven_topic(survey.topic), settled=settled):
        survey.mark(record)


def find(
    servers: tuple[str, ...], topic: str, source: Source, on_read: Read = ignored
) -> Message | None:
    """Return the first record that holds the letter of `source`, `None` if there is none.

    Raises:
        Unavailable: the brokers could not be asked.
    """
    for record in read(servers, dead_letter_topic(topic), on_read=on_read):
        letter = letter_of(record, topic)
        if letter is not None and letter.source == source:
            return record
    return None
