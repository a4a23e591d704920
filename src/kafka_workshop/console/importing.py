"""JSON lines, as `exporting` writes them, as messages to send: checked whole before the first."""

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass

import msgspec

from kafka_workshop.console.outgoing import MAX_MESSAGE_BYTES, NotAllowed, Numbered, Outgoing
from kafka_workshop.language import tr

MAX_FILE_BYTES = 10_000_000
MAX_LINES = 10_000
_MAX_HEADERS = 100
_MAX_TIME_MS = 2**62


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    value: str | msgspec.UnsetType | None = msgspec.UNSET
    value_base64: str | msgspec.UnsetType = msgspec.UNSET


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    partition: int | None = None
    offset: int | None = None
    timestamp: int | None = None
    key: str | msgspec.UnsetType | None = msgspec.UNSET
    key_base64: str | msgspec.UnsetType = msgspec.UNSET
    value: str | msgspec.UnsetType | None = msgspec.UNSET
    value_base64: str | msgspec.UnsetType = msgspec.UNSET
    headers: list[_Header] = []


_DECODER = msgspec.json.Decoder(_Line)


@dataclass(frozen=True)
class Target:
    """Where imported messages go, and what of their origin they keep."""

    topic: str
    partitions: Collection[int]
    keep_partition: bool = True
    keep_time: bool = True


@dataclass(frozen=True)
class Checked:
    """A file that was looked at: its messages, and what is wrong with which lines."""

    messages: tuple[Numbered, ...]
    refused: tuple[tuple[int, str], ...]

    @property
    def size(self) -> int:
        """Bytes of keys and values."""
        sent = (m.outgoing for m in self.messages)
        return sum(len(o.key or b"") + len(o.value or b"") for o in sent)


def check(data: bytes, target: Target) -> Checked:
    """Return the messages of a file of JSON lines; empty lines count, but are no messages.

    Raises:
        NotAllowed: the file is too large, or has too many lines.
    """
    _check_size(len(data), MAX_FILE_BYTES, "bytes")
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    _check_size(len(lines) - (not lines[-1]), MAX_LINES, tr("lines", "linhas"))
    messages, refused = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            messages.append(Numbered(number, _outgoing(line, target)))
        except NotAllowed as error:
            refused.append((number, str(error)))
    return Checked(tuple(messages), tuple(refused))


def _check_size(size: int, limit: int, what: str) -> None:
    if size > limit:
        raise NotAllowed(
            tr(
                "The file has {size} {what}; at most {limit} are allowed.",
                "O arquivo tem {size} {what}; são permitidos no máximo {limit}.",
                size=size,
                what=what,
                limit=limit,
            )
        )


def _outgoing(data: bytes, target: Target) -> Outgoing:
    try:
        line = _DECODER.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _wrong(str(error)[:200]) from None
    outgoing = Outgoing(
        topic=target.topic,
        key=_bytes("key", line.key, line.key_base64),
        value=_bytes("value", line.value, line.value_base64),
        headers=tuple((h.name, _bytes("value", h.value, h.value_base64)) for h in line.headers),
        partition=_partition(line, target),
        timestamp_ms=_time(line) if target.keep_time else None,
    )
    _check_message(outgoing)
    return outgoing


def _wrong(reason: str) -> NotAllowed:
    return NotAllowed(
        tr("not a message as exported: {reason}", "não é uma mensagem exportada: {reason}",
           reason=reason)
    )  # fmt: skip


def _bytes(
    name: str, text: str | msgspec.UnsetType | None, encoded: str | msgspec.UnsetType
) -> bytes | None:
    if (text is msgspec.UNSET) == (encoded is msgspec.UNSET):
        raise _wrong(
            tr(
                "either {name} or {name}_base64 is needed",
                "é necessário {name} ou {name}_base64",
                name=name,
            )
        )
    if isinstance(encoded, str):
        return _decoded(name, encoded)
    return text.encode() if isinstance(text, str) else None


def _decoded(name: str, encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise _wrong(tr("{name}_base64 is not base64", "{name}_base64 não é base64",
                        name=name)) from None  # fmt: skip


def _partition(line: _Line, target: Target) -> int | None:
    if not target.keep_partition or line.partition is None:
        return None
    if line.partition not in target.partitions:
        raise NotAllowed(
            tr(
                "the topic has no partition {p}",
                "o tópico não tem a partição {p}",
                p=line.partition,
            )
        )
    return line.partition


def _time(line: _Line) -> int | None:
    if line.timestamp is not None and not 0 <= line.timestamp < _MAX_TIME_MS:
        raise _wrong(tr("timestamp must be milliseconds since 1970",
                        "timestamp deve ser milissegundos desde 1970"))  # fmt: skip
    return line.timestamp


def _check_message(outgoing: Outgoing) -> None:
    size = len(outgoing.key or b"") + len(outgoing.value or b"")
    size += sum(len(name.encode()) + len(data or b"") for name, data in outgoing.headers)
    if size > MAX_MESSAGE_BYTES or len(outgoing.headers) > _MAX_HEADERS:
        raise NotAllowed(
            tr(
                "more than {limit} bytes or {headers} headers",
                "mais de {limit} bytes ou {headers} cabeçalhos",
                limit=MAX_MESSAGE_BYTES,
                headers=_MAX_HEADERS,
            )
        )
