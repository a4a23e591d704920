"""Labels as JSON, by msgspec; `record` tells a label from a `CompleteUntil`.

Whatever the bytes are, `decode_label` returns one of the two or raises `Undecodable`, its reason in
English and ASCII without anything of the payload but the names of our own fields.
"""

import re
from typing import Any

import msgspec

from kafka_workshop.domain.label import LABEL_VERSION, LabelRecord
from kafka_workshop.errors import Undecodable
from kafka_workshop.messaging.codec import ErrorClass

MAX_LABEL_BYTES = 300
# Room for a person's white space and for fields of later writers.
MAX_DECODED_LABEL_BYTES = 4 * MAX_LABEL_BYTES


class _Versioned(msgspec.Struct):
    schema_version: Any = LABEL_VERSION


_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[LabelRecord] = msgspec.json.Decoder(LabelRecord)
_version_decoder = msgspec.json.Decoder(_Versioned)
_PATH = re.compile(r" - at `(\$[A-Za-z0-9_.]*)`$")


def encode_label(record: LabelRecord) -> bytes:
    """Return a label, or how far labels are complete, as JSON of at most `MAX_LABEL_BYTES`."""
    return _encoder.encode(record)


def decode_label(payload: bytes | None) -> LabelRecord:
    """Return what `payload` says.

    Raises:
        Undecodable: it says none; the error class is one of `codec.ERROR_CLASSES`.
    """
    if payload is None:
        raise _undecodable("null-value", "the record has no value")
    if len(payload) > MAX_DECODED_LABEL_BYTES:
        raise _undecodable("oversize", f"{len(payload)} bytes, over {MAX_DECODED_LABEL_BYTES}")
    try:
        return _decoder.decode(payload)
    except msgspec.ValidationError as error:
        raise _misshapen(payload, str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _undecodable("not-json", "not valid JSON in UTF-8") from None
    except RecursionError:
        raise _undecodable("not-json", "nested too deeply") from None


def _misshapen(payload: bytes, message: str) -> Undecodable:
    if _has_unknown_version(payload):
        return _undecodable("unknown-schema-version", f"schema_version is not {LABEL_VERSION}")
    path = _PATH.search(message)
    where = f" - at `{path[1]}`" if path else ""
    return _undecodable("wrong-shape", f"a field is missing or not allowed{where}")


def _has_unknown_version(payload: bytes) -> bool:
    try:
        version = _version_decoder.decode(payload).schema_version
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(version, int) and version != LABEL_VERSION


def _undecodable(error_class: ErrorClass, reason: str) -> Undecodable:
    return Undecodable(error_class, reason)
