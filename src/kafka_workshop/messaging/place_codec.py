"""What stage account tells stage merchant, as MessagePack: arrays, the place is the record's key.

Bytes written a transaction decide how many a second the brokers take, hence no names of fields.
"""

import msgspec

from kafka_workshop.domain.merchant.event import Event, PlaceEvent
from kafka_workshop.errors import Undecodable

MAX_PLACE_EVENT_BYTES = 200
_MAX_KEY_BYTES = 24  # six characters of four bytes

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Event] = msgspec.msgpack.Decoder(Event)


def encode_place_event(said: PlaceEvent) -> tuple[bytes, bytes]:
    """Return key and value."""
    return said.place.encode(), _encoder.encode(said.event)


def decode_place_event(key: bytes | None, value: bytes | None) -> PlaceEvent:
    """Return what a record says.

    Raises:
        Undecodable: it says nothing; the error class is one of `codec.ERROR_CLASSES`.
    """
    if value is None:
        raise Undecodable("null-value", "the record has no value")
    if len(value) > MAX_PLACE_EVENT_BYTES:
        raise Undecodable("oversize", f"{len(value)} bytes, over {MAX_PLACE_EVENT_BYTES}")
    if not key or len(key) > _MAX_KEY_BYTES:
        raise Undecodable("wrong-shape", "the key is no place")
    try:
        return PlaceEvent(key.decode(), _decoder.decode(value))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Undecodable("wrong-shape", "no event of a place") from None
