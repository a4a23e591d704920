"""Triage as JSON, by msgspec, keyed by the id of its alert.

Whatever the bytes are, `decode_triage` returns a decision or raises `Undecodable`, its reason in
English and ASCII without anything of the payload.
"""

import re

import msgspec

from kafka_workshop.domain.triage import Triage
from kafka_workshop.errors import Undecodable

# A note of nothing but characters that JSON escapes still fits.
MAX_TRIAGE_BYTES = 8_000
_ALERT_ID = re.compile(r"[0-9a-f]{16}")
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Triage)


def is_alert_id(text: str) -> bool:
    """Return whether `text` is what our rules call an alert."""
    return _ALERT_ID.fullmatch(text) is not None


def encode_triage(alert_id: str, triage: Triage) -> tuple[bytes, bytes]:
    """Return key and value."""
    return alert_id.encode(), _encoder.encode(triage)


def decode_triage(key: bytes | None, value: bytes | None) -> tuple[str, Triage | None]:
    """Return which alert was decided about, and what; `None` where the decision was taken back.

    Raises:
        Undecodable: it says nothing.
    """
    alert_id = (key or b"")[:64].decode("ascii", "replace")
    if not is_alert_id(alert_id):
        raise Undecodable("wrong-shape", "the key is no alert's id")
    if value is None:
        return alert_id, None
    if len(value) > MAX_TRIAGE_BYTES:
        raise Undecodable("oversize", f"{len(value)} bytes, over {MAX_TRIAGE_BYTES}")
    try:
        return alert_id, _decoder.decode(value)
    except msgspec.ValidationError:
        raise Undecodable("wrong-shape", "a field is missing or not allowed") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Undecodable("not-json", "not valid JSON in UTF-8") from None
