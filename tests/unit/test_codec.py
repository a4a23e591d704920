"""The codec: what was encoded comes back, and no bytes whatever do more harm than Undecodable."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kafka_workshop.domain.transaction import MAX_ENCODED_BYTES, Merchant, Transaction
from kafka_workshop.errors import Undecodable
from kafka_workshop.messaging.codec import ERROR_CLASSES, MAX_DECODED_BYTES, decode, encode
from tests.unit.test_transaction import payment, transactions

CANARY = "s3cr3t-Ção"


def refusal(payload: bytes | None) -> Undecodable:
    with pytest.raises(Undecodable) as caught:
        decode(payload)
    return caught.value


def changed(**fields: object) -> bytes:
    return json.dumps(json.loads(encode(payment())) | fields).encode()


@given(transactions())
def test_what_was_encoded_comes_back(value: Transaction) -> None:
    assert decode(encode(value)) == value


def test_names_travel_as_utf_8_not_as_escapes() -> None:
    padaria = payment(merchant=Merchant("M00042", "Pão São João", "5462"))
    assert "Pão São João".encode() in encode(padaria)


def test_money_is_a_whole_number_on_the_wire() -> None:
    wire = encode(payment(amount=1_005))
    assert b'"amount":1005,"currency":"BRL"' in wire


def test_a_transaction_that_was_not_bounded_is_not_encoded() -> None:
    with pytest.raises(ValueError, match=f"over {MAX_ENCODED_BYTES}"):
        encode(payment(merchant=Merchant("M00042", "x" * 60, "5411")))


@pytest.mark.parametrize(
    ("error_class", "payload"),
    [
        ("null-value", None),
        ("oversize", b" " * (MAX_DECODED_BYTES + 1)),
        ("not-json", b""),
        ("not-json", b"{"),
        ("not-json", b"NaN"),
        ("not-json", b"\xff\xfe\x00"),
        ("not-json", b'{"x":' + b"[" * 1900),
        ("not-json", b'{"x":' + b'{"x":' * 390),
        ("not-json", encode(payment()) + b"x"),
        ("not-json", encode(payment()).replace(b"A0000042", b"A000004\xff")),
        ("not-json", encode(payment()).replace(b"A0000042", rb"A\ud80042")),
        ("wrong-shape", b"null"),
        ("wrong-shape", b"[]"),
        ("wrong-shape", b"1e999"),
        ("wrong-shape", b"9" * 1900),
        ("wrong-shape", b"{}"),
        ("wrong-shape", changed(schema_version=True)),
        ("wrong-shape", changed(schema_version="1")),
        ("wrong-shape", changed(amount=0)),
        ("wrong-shape", changed(amount=-1)),
        ("wrong-shape", changed(amount=10.5)),
        ("wrong-shape", changed(amount=10.0)),
        ("wrong-shape", changed(amount="10")),
        ("wrong-shape", changed(amount=10**400)),
        ("wrong-shape", changed(currency="USD")),
        ("wrong-shape", changed(kind="bitcoin")),
        ("wrong-shape", changed(account_id="")),
        ("wrong-shape", changed(occurred_at="2025-10-09T08:53:20Z")),
        ("wrong-shape", changed(holder={"name": "Ana S.", "cpf": "123.456.789-00"})),
        ("wrong-shape", changed(card={"bin": "4002170000000042", "last_four": "0042"})),
        ("wrong-shape", changed(location={"city": "x", "uf": "XX", "lat": 0, "lon": 0})),
        ("wrong-shape", changed(status="approved")),
        ("wrong-shape", changed(merchant=None)),
        ("unknown-schema-version", changed(schema_version=2)),
        ("unknown-schema-version", b'{"schema_version":2,"amount":"another shape"}'),
        ("unknown-schema-version", b'{"schema_version":0}'),
    ],
)
def test_each_way_to_be_wrong_has_its_class(error_class: str, payload: bytes | None) -> None:
    refused = refusal(payload)
    assert refused.error_class == error_class
    assert refused.error_class in ERROR_CLASSES
    assert refused.reason.isascii()
    assert refused.reason


def test_a_reader_ignores_fields_of_a_later_writer() -> None:
    assert decode(changed(loyalty_points=3)) == payment()


def test_a_reason_names_the_field() -> None:
    assert "$.amount" in refusal(changed(amount="10")).reason
    assert (
        "$.location.uf"
        in refusal(changed(location={"city": "x", "uf": CANARY, "lat": 0, "lon": 0})).reason
    )


def test_white_space_does_not_matter() -> None:
    assert decode(json.dumps(json.loads(encode(payment())), indent=4).encode()) == payment()


def decoded(payload: bytes) -> Transaction | Undecodable:
    try:
        return decode(payload)
    except Undecodable as refused:
        return refused


def attempt(payload: bytes) -> None:
    """Decode; anything but a transaction or a documented refusal fails the test."""
    outcome = decoded(payload)
    if isinstance(outcome, Undecodable):
        assert outcome.error_class in ERROR_CLASSES
        assert outcome.reason.isascii()
        assert len(outcome.reason) < 200


@given(st.binary(max_size=MAX_DECODED_BYTES + 10))
def test_no_bytes_whatever_raise_anything_else(payload: bytes) -> None:
    attempt(payload)


@given(st.data())
def test_no_damaged_transaction_raises_anything_else(data: st.DataObject) -> None:
    payload = bytearray(encode(payment()))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(payload) - 1))
        end = data.draw(st.integers(start, min(len(payload), start + 30)))
        payload[start:end] = data.draw(st.binary(max_size=8) | st.just(b'"') | st.just(b"[" * 300))
    attempt(bytes(payload))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(json_values)
def test_no_json_value_raises_anything_else(value: Any) -> None:
    attempt(json.dumps(value).encode())


@given(st.sampled_from(Transaction.__struct_fields__), json_values)
def test_no_value_in_any_field_raises_anything_else(field: str, value: Any) -> None:
    attempt(changed(**{field: value}))


@given(
    st.sampled_from([*Transaction.__struct_fields__, "unknown"]),
    st.sampled_from([CANARY, {CANARY: CANARY}, [CANARY], {"name": CANARY, CANARY: 1}]),
    st.sampled_from([(b"}", b""), (b'"pos"', b"s3cr3t"), (b'"pos"', b'"s3cr3t"')]),
)
@example("decline_reason", CANARY, (b"", b""))
def test_a_reason_repeats_nothing_of_the_payload(
    field: str, value: Any, damage: tuple[bytes, bytes]
) -> None:
    outcome = decoded(changed(**{field: value}).replace(*damage))
    assert isinstance(outcome, Undecodable)
    assert "s3cr3t" not in str(outcome)
