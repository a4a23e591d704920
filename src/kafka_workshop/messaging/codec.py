"""Transactions as JSON, by msgspec: encoding checks the size, decoding checks everything.

Whatever the bytes are, `decode` returns a transaction or raises `Undecodable` with one of
`ERROR_CLASSES` and a reason in English and ASCII that repeats nothing of the payload but the
names of our own fields: it is written into the dead letter's headers.
"""

import re
from typing import Any, Literal, get_args

import msgspec

from kafka_workshop.domain.transaction import MAX_ENCODED_BYTES, SCHEMA_VERSION, Transaction
from kafka_workshop.errors import Undecodable

ErrorClass = Literal[
    "null-value",  # the record has no value (a tombstone)
    "oversize",  # more bytes than MAX_DECODED_BYTES
    "not-json",  # not UTF-8, not JSON, or nested beyond reason
    "unknown-schema-version",  # a version that this reader does not know
    "wrong-shape",  # JSON, but a field is missing, of another type, or not allowed
]
ERROR_CLASSES: tuple[ErrorClass, ...] = get_args(ErrorClass)

# Four times what we write: room for a person's white space and for fields of later writers.
MAX_DECODED_BYTES = 4 * MAX_ENCODED_BYTES


class _Versioned(msgspec.Struct):
    schema_version: Any = SCHEMA_VERSION


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Transaction)
_version_decoder = msgspec.json.Decoder(_Versioned)
# msgspec's sentences with these beginnings name types and our own fields, never values; others
# (`Invalid enum value 'x'`) quote the payload and are replaced.
_SAFE = re.compile(r"(Expected|Object missing|JSON is malformed|Input data was truncated)[ -~]*")
_OURS = re.compile(r"(decline_reason must|exactly one of merchant)[ -~]*")
_PATH = re.compile(r" - at `(\$[A-Za-z0-9_.\[\]]*)`$")


def encode(transaction: Transaction) -> bytes:
    """Return the transaction as JSON of at most `MAX_ENCODED_BYTES` bytes.

    Raises:
        ValueError: a text was not bounded and the JSON would be larger.
    """
    payload = _encoder.encode(transaction)
    if len(payload) > MAX_ENCODED_BYTES:
        raise ValueError(f"encoded transaction has {len(payload)} bytes, over {MAX_ENCODED_BYTES}")
    return payload


def decode(payload: bytes | None) -> Transaction:
    """Return the transaction that `payload` says.

    Raises:
        Undecodable: it says none; the error class is one of `ERROR_CLASSES`.
    """
    if payload is None:
        raise _undecodable("null-value", "the record has no value")
    if len(payload) > MAX_DECODED_BYTES:
        raise _undecodable("oversize", f"{len(payload)} bytes, over {MAX_DECODED_BYTES}")
    try:
        return _decoder.decode(payload)
    except msgspec.ValidationError as error:
        raise _misshapen(payload, str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _undecodable("not-json", _without_payload(str(error), "not valid UTF-8")) from None
    except RecursionError:
        raise _undecodable("not-json", "nested too deeply") from None


def _misshapen(payload: bytes, message: str) -> Undecodable:
    if _has_unknown_version(payload):
        return _undecodable("unknown-schema-version", f"schema_version is not {SCHEMA_VERSION}")
    return _undecodable("wrong-shape", _without_payload(message, "value not allowed"))


def _has_unknown_version(payload: bytes) -> bool:
    try:
        version = _version_decoder.decode(payload).schema_version
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(version, int) and version != SCHEMA_VERSION


def _without_payload(message: str, otherwise: str) -> str:
    if _SAFE.fullmatch(message) or _OURS.fullmatch(message):
        return message
    path = _PATH.search(message)
    return f"{otherwise} - at `{path[1]}`" if path else otherwise


def _undecodable(error_class: ErrorClass, reason: str) -> Undecodable:
    return Undecodable(error_class, reason)
