"""The newest score as one record of a compacted topic: whoever shows it need not recompute it."""

import msgspec

from kafka_workshop.errors import Undecodable
from kafka_workshop.messaging.client import OnDelivery, Producer
from kafka_workshop.monitor.score.result import Score

KEY = b"score"
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Score)


def encode_score(score: Score) -> bytes:
    """Return the score as JSON: its counts and instants."""
    return _encoder.encode(score)


def decode_score(payload: bytes | None) -> Score:
    """Return the score that `payload` says.

    Raises:
        Undecodable: it says none.
    """
    try:
        return _decoder.decode(payload or b"")
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Undecodable("wrong-shape", "no score") from None


def publish(
    producer: Producer, topic: str, score: Score, on_delivery: OnDelivery | None = None
) -> None:
    """Send the score; under its one key it replaces the one before."""
    producer.send(topic, KEY, encode_score(score), on_delivery=on_delivery)
