"""A value's JSON: decoded with exact numbers, and looked into by a path."""

from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from kafka_workshop.console.filtering.tree import Path


class Missing:
    """What stands where nothing stands; JSON's null is something."""


MISSING: Final = Missing()


def _exact(text: str) -> Decimal | str:
    # An exponent beyond what Decimal holds: no number that anything could be compared with.
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return number if number.is_finite() else text


_DECODER = msgspec.json.Decoder(float_hook=_exact)


def decoded(data: bytes | None) -> Any:
    """Return the JSON that `data` is, its decimals exact, or `MISSING`.

    >>> decoded(b'{"price": 0.10}')
    {'price': Decimal('0.10')}
    """
    if not data:
        return MISSING
    try:
        return _DECODER.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return MISSING


def lookup(document: Any, path: Path) -> Any:
    """Return what stands at `path`, or `MISSING`."""
    for step in path:
        if not _has(document, step):
            return MISSING
        document = document[step]
    return document


def _has(document: Any, step: str | int) -> bool:
    if isinstance(step, str):
        return isinstance(document, dict) and step in document
    return isinstance(document, list) and step < len(document)
