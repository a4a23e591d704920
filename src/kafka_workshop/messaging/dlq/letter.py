"""A dead letter: the context that is written behind the original headers, and read from there.

Pure: no Kafka, no clock. Whatever stands in a dead-letter topic may have been written by anyone,
so nothing that is read here is believed further than its form.
"""

import re
from sys import intern

import msgspec

from kafka_workshop.messaging.client import Headers, Message

TOPIC, PARTITION, OFFSET = "dlq.topic", "dlq.partition", "dlq.offset"
TIMESTAMP, ERROR_CLASS, REASON, TIME = (
    "dlq.timestamp",
    "dlq.error.class",
    "dlq.error.reason",
    "dlq.time",
)
VALUE_OMITTED, KEY_OMITTED = "dlq.value.omitted.bytes", "dlq.key.omitted.bytes"
HEADERS_OMITTED = "dlq.headers.omitted"
REDRIVE_OF, REDRIVE_COUNT = "dlq.redrive.of", "dlq.redrive.count"
EDITED = ("dlq.redrive.edited", b"1")
_KEPT_REASON = 300
_NUMBER = re.compile(rb"-?[0-9]{1,18}")
_CLASS = re.compile(rb"[a-z0-9][a-z0-9-]{0,63}")
_OMITTED = (VALUE_OMITTED, KEY_OMITTED, HEADERS_OMITTED)
_SOURCE = re.compile(r"([0-9]{1,9}):([0-9]{1,18})")


# Key, value and headers of a letter.
Form = tuple[bytes | None, bytes | None, Headers]


class Source(msgspec.Struct, frozen=True, order=True):
    """Where a message stood in the topic that it came from: the identity of its letter.

    >>> str(Source.parse("3:41"))
    '3:41'
    """

    partition: int
    offset: int

    def __str__(self) -> str:
        """Return `partition:offset`."""
        return f"{self.partition}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> "Source | None":
        """Return the source that `partition:offset` names, `None` if the text has another form."""
        found = _SOURCE.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found else None


class Letter(msgspec.Struct, frozen=True):
    """What is known of one letter without its payload; times are milliseconds UTC.

    `partition` and `offset` say where it stands in the dead-letter topic, `size` is the bytes of
    key and value, `omitted` whether a part of the original is missing because no topic took it.
    A letter whose message had been redriven before has `redrive_count` > 0 and, as `redrive_of`,
    the source of the very first.
    """

    source: Source
    partition: int
    offset: int
    error_class: str
    reason: bytes
    time_ms: int
    source_time_ms: int
    size: int
    omitted: bool = False
    redrive_of: Source | None = None
    redrive_count: int = 0


def context(message: Message, error_class: str, reason: str, now_ms: int) -> Headers:
    """Return the headers that follow the original ones in the letter of `message`."""
    values = {
        TOPIC: message.topic,
        PARTITION: message.partition,
        OFFSET: message.offset,
        TIMESTAMP: message.timestamp_ms,
        ERROR_CLASS: error_class,
        REASON: reason,
        TIME: now_ms,
    }
    return tuple((name, str(value).encode()) for name, value in values.items())


def forms(message: Message, context: Headers) -> tuple[Form, ...]:
    """Return the letter of `message` unchanged, and smaller ones for when that is not taken.

    First its value is left out, then its key and headers too; headers say how many bytes, or how
    many headers, are missing.
    """
    no_value = (VALUE_OMITTED, b"%d" % len(message.value or b""))
    no_key = (KEY_OMITTED, b"%d" % len(message.key or b""))
    no_headers = (HEADERS_OMITTED, b"%d" % len(message.headers))
    return (
        (message.key, message.value, message.headers + context),
        (message.key, None, (*message.headers, *context, no_value)),
        (None, None, (*context, no_value, no_key, no_headers)),
    )


def letter_of(record: Message, topic: str) -> Letter | None:
    """Return the letter that `record` of a dead-letter topic is, `None` if it is no letter.

    A letter is one of a message of `topic`.
    """
    found = _values(record.headers[_context_start(record.headers) :])
    numbers = [_number(found.get(name)) for name in (PARTITION, OFFSET, TIMESTAMP, TIME)]
    partition, offset, source_time, time = numbers
    error_class = found.get(ERROR_CLASS, b"")
    known = partition is not None and offset is not None and min(partition, offset) >= 0
    if not known or found.get(TOPIC) != topic.encode() or not _CLASS.fullmatch(error_class):
        return None
    redrive_of, redrive_count = _redriven(original_headers(record.headers))
    return Letter(
        source=Source(partition or 0, offset or 0),
        partition=record.partition,
        offset=record.offset,
        error_class=intern(error_class.decode()),
        reason=found.get(REASON, b"")[:_KEPT_REASON],
        time_ms=record.timestamp_ms if time is None else time,
        source_time_ms=-1 if source_time is None else source_time,
        size=len(record.key or b"") + len(record.value or b""),
        omitted=any(name in found for name in _OMITTED),
        redrive_of=redrive_of,
        redrive_count=redrive_count,
    )


def original_headers(headers: Headers) -> Headers:
    """Return the headers of the original message: all that stand before our context.

    An original may have headers of the same names; they are its own and stay.
    """
    return headers[: _context_start(headers)]


def redriven_headers(letter: Letter, headers: Headers) -> Headers:
    """Return the headers with which the message goes back: its own, and that it was redriven.

    >>> redriven_headers(Letter(Source(3, 41), 0, 7, "not-json", b"", 0, 0, 1), (("a", None),))
    (('a', None), ('dlq.redrive.of', b'3:41'), ('dlq.redrive.count', b'1'))
    """
    return (*own_headers(letter, headers), *_marks(letter))


def own_headers(letter: Letter, headers: Headers) -> Headers:
    """Return the headers that a letter's message came with: none of them is of ours."""
    original = original_headers(headers)
    return original[:-2] if letter.redrive_count else original


def edited_headers(letter: Letter, own: Headers) -> Headers:
    """Return the headers of a message that a person made of `letter`; `own` are those given to it.

    >>> edited_headers(Letter(Source(3, 41), 0, 7, "not-json", b"", 0, 0, 1), ())[0]
    ('dlq.redrive.edited', b'1')
    """
    kept = tuple(header for header in own if header != EDITED)
    return (*kept, EDITED, *_marks(letter))


def _marks(letter: Letter) -> Headers:
    first, count = letter.redrive_of or letter.source, letter.redrive_count + 1
    return ((REDRIVE_OF, str(first).encode()), (REDRIVE_COUNT, b"%d" % count))


def was_redriven(message: Message) -> bool:
    """Return whether `message` stands in its topic a second time, sent back from the letters."""
    return _redriven(message.headers)[1] > 0


def _context_start(headers: Headers) -> int:
    # Ours are the last: an original may bring headers of these names along.
    return max((i for i, (name, _) in enumerate(headers) if name == TOPIC), default=len(headers))


def _redriven(headers: Headers) -> tuple[Source | None, int]:
    if [name for name, _ in headers[-2:]] != [REDRIVE_OF, REDRIVE_COUNT]:
        return None, 0
    of, count = (value or b"" for _, value in headers[-2:])
    source, number = Source.parse(of.decode(errors="replace")), _number(count)
    return (source, number) if source and number and number > 0 else (None, 0)


def _values(headers: Headers) -> dict[str, bytes]:
    return {name: value for name, value in headers if value is not None}


def _number(value: bytes | None) -> int | None:
    return int(value) if value is not None and _NUMBER.fullmatch(value) else None
