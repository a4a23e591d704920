"""A message as a person asks for it to be written, and what is not allowed of that."""

import re
from dataclasses import dataclass

from kafka_workshop.errors import UserError
from kafka_workshop.language import tr

MAX_MESSAGE_BYTES = 1_000_000
_HEADER = re.compile(r"([^=\s][^=]{0,199}?)\s*=\s*(.*)")


class NotAllowed(UserError):
    """What was asked for is not allowed; the text says what is."""


@dataclass(frozen=True)
class Outgoing:
    """A message to produce; without a partition the key decides, as murmur2 does it in Java.

    Without a time (ms since the epoch) it has that of sending.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    partition: int | None = None
    timestamp_ms: int | None = None


@dataclass(frozen=True)
class Numbered:
    """A message to send and the number of its line in a file, from 1."""

    number: int
    outgoing: Outgoing


def parse_headers(text: str) -> tuple[tuple[str, bytes], ...]:
    """Return the headers that `text` names, one `name=value` a line.

    Raises:
        NotAllowed: a line is not `name=value`.
    """
    headers = []
    for line in filter(str.strip, text.splitlines()):
        match = _HEADER.fullmatch(line.strip())
        if match is None:
            raise NotAllowed(
                tr(
                    "Header {line!r}: write name=value, one a line.",
                    "Cabeçalho {line!r}: escreva nome=valor, um por linha.",
                    line=line[:80],
                )
            )
        headers.append((match[1], match[2].encode()))
    return tuple(headers)


def refuse_other(typed: str, name: str) -> None:
    """Refuse what is confirmed by a name that was typed wrong.

    Raises:
        NotAllowed: the text says what to type.
    """
    if typed != name:
        raise NotAllowed(tr("Type {name} to confirm.", "Digite {name} para confirmar.", name=name))


def refuse_too_large(outgoing: Outgoing) -> None:
    """Refuse a message that is larger than one may be.

    Raises:
        NotAllowed: the text says how large it is, and what is allowed.
    """
    size = len(outgoing.key or b"") + len(outgoing.value or b"")
    if size > MAX_MESSAGE_BYTES:
        raise NotAllowed(
            tr(
                "The message has {size} bytes; at most {limit} are allowed.",
                "A mensagem tem {size} bytes; são permitidos no máximo {limit}.",
                size=size,
                limit=MAX_MESSAGE_BYTES,
            )
        )


def refuse_internal(topic: str) -> None:
    """Refuse to write to a topic of Kafka's own.

    Raises:
        NotAllowed: it is one.
    """
    if topic.startswith("__"):
        raise NotAllowed(
            tr(
                "{name} is internal to Kafka and is not written here.",
                "{name} é interno do Kafka e não é gravado aqui.",
                name=topic,
            )
        )
