"""Alerts as JSON, by msgspec.

Whatever the bytes are, `decode_alert` returns an alert or raises `Undecodable`, its reason in
English and ASCII without anything of the payload.
"""

import msgspec

from kafka_workshop.domain.alert import Alert
from kafka_workshop.errors import Undecodable

MAX_ALERT_BYTES = 4_000

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Alert)


def encode_alert(alert: Alert) -> bytes:
    """Return the alert as JSON."""
    return _encoder.encode(alert)


def decode_alert(payload: bytes | None) -> Alert:
    """Return the alert that `payload` says.

    Raises:
        Undecodable: it says none.
    """
    if payload is None:
        raise Undecodable("null-value", "the record has no value")
    if len(payload) > MAX_ALERT_BYTES:
        raise Undecodable("oversize", f"{len(payload)} bytes, over {MAX_ALERT_BYTES}")
    try:
        return _decoder.decode(payload)
    except msgspec.ValidationError:
        raise Undecodable("wrong-shape", "a field is missing or not allowed") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Undecodable("not-json", "not valid JSON in UTF-8") from None
