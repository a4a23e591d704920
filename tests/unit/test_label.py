"""Labels: a value, its JSON, and what is refused."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop.domain.label import SCENARIOS, CompleteUntil, Label, LabelRecord
from kafka_workshop.errors import Undecodable
from kafka_workshop.messaging.codec import ERROR_CLASSES
from kafka_workshop.messaging.label_codec import (
    MAX_DECODED_LABEL_BYTES,
    MAX_LABEL_BYTES,
    decode_label,
    encode_label,
)

instants = st.integers(0, 9_999_999_999_998)
short = st.text("0123456789abcdefTAM", min_size=1, max_size=6)


@st.composite
def labels(draw: st.DrawFn) -> Label:
    occurred_at = draw(st.integers(0, 9_000_000_000_000))
    return Label(
        1,
        draw(short),
        draw(st.sampled_from(SCENARIOS)),
        draw(short),
        draw(short),
        occurred_at,
        occurred_at + draw(st.integers(1, 10**9)),
        draw(st.none() | short),
    )


records: st.SearchStrategy[LabelRecord] = st.one_of(
    labels(), instants.map(lambda until: CompleteUntil(1, until))
)


@given(records)
def test_what_is_encoded_is_decoded(record: LabelRecord) -> None:
    assert decode_label(encode_label(record)) == record


def test_the_largest_label_has_fewer_bytes_than_allowed() -> None:
    largest = max(
        len(encode_label(Label(1, "E" * 16, name, "T" * 16, "A" * 8, 10**12, 10**12 + 1, "T" * 6)))
        for name in SCENARIOS
    )
    assert 200 < largest <= MAX_LABEL_BYTES


def test_a_label_is_not_known_before_it_occurred() -> None:
    with pytest.raises(ValueError, match="available_at must be later"):
        Label(1, "E1", "mule", "T1", "A1", 1000, 1000)


@given(st.binary(max_size=MAX_DECODED_LABEL_BYTES + 50))
def test_whatever_the_bytes_are_there_is_a_record_or_a_reason(payload: bytes) -> None:
    reasons: list[Undecodable] = []
    try:
        decode_label(payload)
    except Undecodable as error:
        reasons.append(error)
    for reason in reasons:
        assert reason.error_class in ERROR_CLASSES
        assert reason.reason.isascii()


GOOD = encode_label(Label(1, "E1", "mule", "T1", "A1", 1000, 2000))


@pytest.mark.parametrize(
    ("payload", "error_class"),
    [
        (None, "null-value"),
        (b" " * (MAX_DECODED_LABEL_BYTES + 1), "oversize"),
        (b"{", "not-json"),
        (b"\xff", "not-json"),
        (GOOD[:-1] + b',"x":' + b"[" * 900, "not-json"),
        (b"[", "wrong-shape"),
        (GOOD.replace(b"mule", b"secret-4711"), "wrong-shape"),
        (GOOD.replace(b'"schema_version":1', b'"schema_version":2'), "unknown-schema-version"),
        (GOOD.replace(b'"record":"label"', b'"record":"secret-4711"'), "wrong-shape"),
        (GOOD.replace(b"2000", b"1000"), "wrong-shape"),
        (b"{}", "wrong-shape"),
    ],
)
def test_what_is_no_label_is_refused_without_a_word_of_it(
    payload: bytes | None, error_class: str
) -> None:
    with pytest.raises(Undecodable) as refused:
        decode_label(payload)
    assert refused.value.error_class == error_class
    assert "secret" not in refused.value.reason


def test_a_field_of_a_later_writer_is_ignored() -> None:
    later = msgspec.json.encode({**msgspec.json.decode(GOOD), "colour": "red"})
    assert decode_label(later) == decode_label(GOOD)
