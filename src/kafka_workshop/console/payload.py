"""Bytes of a message as text for a person: never trusted, always bounded, nothing hidden.

Control characters and the characters that reverse the direction of writing are shown as escapes,
so that a payload can neither break a line nor pretend to be another one.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

import msgspec

Kind = Literal["null", "empty", "json", "text", "binary"]
SHOWN_BYTES = 64 * 1024
_HEX_SHOWN_BYTES = 4 * 1024
_BYTES_PER_LINE = 16
_PLAIN = re.compile(r"[\n\t\x20-\x7e]*")


@dataclass(frozen=True)
class Shown:
    """A payload as text; `size` is the whole payload in bytes, `truncated` if text is a part."""

    text: str
    kind: Kind
    size: int
    truncated: bool = False


def show(data: bytes | None, limit: int = SHOWN_BYTES) -> Shown:
    """Return `data` for reading: JSON indented, UTF-8 as text, anything else as a hex dump.

    >>> show(b'{"a":1}').text
    '{\\n  "a": 1\\n}'
    >>> show(None).kind
    'null'
    """
    if data is None:
        return Shown("", "null", 0)
    if not data:
        return Shown("", "empty", 0)
    text = _decoded(data[:limit], cut=len(data) > limit)
    if text is None:
        return Shown(_hex_dump(data), "binary", len(data), len(data) > _HEX_SHOWN_BYTES)
    if len(data) > limit:
        return Shown(_safe(text), "text", len(data), truncated=True)
    pretty = _indented(data)
    return Shown(_safe(pretty or text), "json" if pretty else "text", len(data))


def preview(data: bytes | None, characters: int = 160) -> str:
    """Return the beginning of `data` on one line.

    >>> preview(b"a\\nb\\x00")
    'a b\\\\x00'
    >>> preview(b"\\xff\\xfe")
    'ff fe'
    """
    if data is None:
        return ""
    head = data[: characters * 4]
    text = _decoded(head, cut=len(data) > len(head))
    line = head[: characters // 3].hex(" ") if text is None else _safe(" ".join(text.split()))
    whole = len(line) <= characters and (text is not None or len(data) <= characters // 3)
    return line if whole and len(head) == len(data) else line[:characters] + " …"


def _decoded(data: bytes, *, cut: bool) -> str | None:
    # A cut may fall inside a character of up to four bytes: try without its beginning.
    for dropped in range(4 if cut else 1):
        try:
            return data[: len(data) - dropped].decode()
        except UnicodeDecodeError:
            continue
    return None


def _indented(data: bytes) -> str | None:
    # msgspec's formatter keeps numbers and keys as they are written: no rounding, no reordering.
    if data[:1] not in b'{["' and not data[:1].isdigit():
        return None
    try:
        return msgspec.json.format(data, indent=2).decode()
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _safe(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return "".join(c if _harmless(c) else _escaped(c) for c in text)


def _harmless(character: str) -> bool:
    # Cc control, Cf format (direction, joiners), Cs surrogates, Zl and Zp line separators.
    return character in "\n\t" or unicodedata.category(character) not in {
        "Cc", "Cf", "Cs", "Zl", "Zp",
    }  # fmt: skip


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


def _hex_dump(data: bytes) -> str:
    head = data[:_HEX_SHOWN_BYTES]
    lines = (head[i : i + _BYTES_PER_LINE] for i in range(0, len(head), _BYTES_PER_LINE))
    return "\n".join(
        f"{number * _BYTES_PER_LINE:08x}  {line.hex(' '):<{_BYTES_PER_LINE * 3}} {_ascii(line)}"
        for number, line in enumerate(lines)
    )


def _ascii(line: bytes) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in line)
