"""Scores of transactions as JSON, by msgspec.

Whatever the bytes are, `decode_score` returns a score or raises `Undecodable`, its reason in
English and ASCII without anything of the payload.
"""

import msgspec

from kafka_workshop.domain.risk import FEATURES, Score
from kafka_workshop.errors import Undecodable

MAX_SCORE_BYTES = 1_000

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Score)


def encode_score(score: Score) -> bytes:
    """Return the score as JSON."""
    return _encoder.encode(score)


def decode_score(payload: bytes | None) -> Score:
    """Return the score that `payload` says.

    Raises:
        Undecodable: it says none.
    """
    if payload is None:
        raise Undecodable("null-value", "the record has no value")
    if len(payload) > MAX_SCORE_BYTES:
        raise Undecodable("oversize", f"{len(payload)} bytes, over {MAX_SCORE_BYTES}")
    try:
        score = _decoder.decode(payload)
    except msgspec.ValidationError:
        raise Undecodable("wrong-shape", "a field is missing or not allowed") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Undecodable("not-json", "not valid JSON in UTF-8") from None
    if len(score.features) != len(FEATURES):
        raise Undecodable("wrong-shape", f"{len(score.features)} features, not {len(FEATURES)}")
    return score
