"""What a record shows to whoever asks: card numbers and CPFs masked, chosen fields hidden.

Masked it is made, so pages, filters, exports and live views know nothing else: a filter could
otherwise be asked for a number digit by digit. Sending a message once more needs what was masked;
that stays on the server, in `Record.plain`.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from kafka_workshop.console.access.roles import Role, caller
from kafka_workshop.masking import masked_bytes, masked_text

HIDDEN = "***"
# Names that are no field of the value: the record's own key.
KEY = "key"


def _exact(text: str) -> Decimal | str:
    # An exponent beyond what Decimal holds stays as it is written, in quotes.
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


_DECODER = msgspec.json.Decoder(float_hook=_exact)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
Headers = tuple[tuple[str, bytes | None], ...]
Fields = Mapping[str, Role]
_chosen: dict[str, Role] = {}


def choose(fields: Fields) -> None:
    """Hide these fields from now on from all roles below the one that each is given."""
    _chosen.clear()
    _chosen.update(fields)


def hidden_now() -> frozenset[str]:
    """Return the fields that whoever asks may not see; nobody may see none of them."""
    who = caller()
    return frozenset(name for name, least in _chosen.items() if who is None or who.role < least)


def shown_key(key: bytes | None, hidden: Collection[str]) -> bytes | None:
    """Return a key as it may be seen."""
    if key is None:
        return None
    return HIDDEN.encode() if KEY in hidden else masked_bytes(key)


def shown_value(value: bytes | None, hidden: Collection[str]) -> bytes | None:
    """Return a value as it may be seen.

    >>> shown_value(b'{"pan":"4111111111111111","city":"Rio"}', {"city"})
    b'{"pan":"411111******1111","city":"***"}'
    """
    if value is None:
        return None
    return masked_bytes(_without(value, hidden) if hidden else value)


def shown_headers(headers: Headers, hidden: Collection[str]) -> Headers:
    """Return headers as they may be seen."""
    return tuple(
        (masked_text(name), HIDDEN.encode() if name in hidden and data else shown_value(data, ()))
        for name, data in headers
    )


def _without(value: bytes, hidden: Collection[str]) -> bytes:
    try:
        document = _DECODER.decode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        # No JSON: where a name stands in it, nobody can tell where its value ends.
        named = any(name.encode() in value for name in hidden)
        return HIDDEN.encode() if named else value
    return value if not _holds(document, hidden) else _ENCODER.encode(_hide(document, hidden))


def _holds(document: Any, hidden: Collection[str]) -> bool:
    if isinstance(document, dict):
        return any(name in hidden or _holds(part, hidden) for name, part in document.items())
    return isinstance(document, list) and any(_holds(part, hidden) for part in document)


def _hide(document: Any, hidden: Collection[str]) -> Any:
    if isinstance(document, dict):
        return {n: HIDDEN if n in hidden else _hide(part, hidden) for n, part in document.items()}
    if isinstance(document, list):
        return [_hide(part, hidden) for part in document]
    return document
