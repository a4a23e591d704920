"""The transaction: its bounds, what stands on the wire, what it refuses."""

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop.domain import local_time
from kafka_workshop.domain.transaction import (
    MAX_CITY_BYTES,
    MAX_ENCODED_BYTES,
    MAX_HOLDER_BYTES,
    MAX_NAME_BYTES,
    SCHEMA_VERSION,
    Card,
    Counterparty,
    DeclineReason,
    Holder,
    Location,
    Merchant,
    Transaction,
    Uf,
    bounded,
    masked_cpf,
    masked_name,
)


def text_of(max_bytes: int) -> st.SearchStrategy[str]:
    """Any text at all, emoji, quotes and control characters too, as the simulator would cut it."""
    anything = st.text(min_size=1, max_size=40) | st.text("ãéÇ", min_size=20, max_size=40)
    return anything.map(lambda text: bounded(text, max_bytes)).filter(bool)


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


identifiers = st.text("ABCabc0123456789", min_size=8, max_size=8)
short_identifiers = st.text("ABCabc0123456789", min_size=6, max_size=6)
cities = text_of(MAX_CITY_BYTES)
names = text_of(MAX_NAME_BYTES)
cards = st.builds(Card, digits(6), digits(4))
holders = st.builds(
    lambda first, last, cpf: Holder(masked_name(first, last), masked_cpf(cpf)),
    text_of(MAX_HOLDER_BYTES),
    st.text("SÁ", min_size=1, max_size=3),
    st.integers(0, 999_999),
)
locations = st.builds(
    Location,
    cities,
    st.sampled_from(get_args(Uf)),
    st.floats(-90, 90).map(lambda degrees: round(degrees, 3)),
    st.floats(-99, 99).map(lambda degrees: round(degrees, 3)),
)
ips = st.just("100.127.255.255")
reasons = st.none() | st.sampled_from(get_args(DeclineReason))
shop = st.builds(Merchant, short_identifiers, names, digits(4))
site = st.builds(Merchant, short_identifiers, names, digits(4), cities)
counterparty = st.builds(Counterparty, identifiers, digits(8))
online: dict[str, st.SearchStrategy[Any]] = {"device_id": identifiers, "ip": ips}
SHAPES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "card_present": {
        "merchant": shop,
        "terminal_id": short_identifiers,
        "location": locations,
        "card": cards,
    },
    "card_not_present": {"merchant": site, "card": cards, **online},
    "pix": {"merchant": site, "location": locations, **online},
    "transfer": {"counterparty": counterparty, "location": locations, **online},
    "boleto": {"counterparty": counterparty, "location": locations, **online},
    "withdrawal": {"terminal_id": short_identifiers, "location": locations, "card": cards},
}
CHANNEL_OF = {"card_present": "pos", "withdrawal": "atm"}


@st.composite
def transactions(draw: st.DrawFn) -> Transaction:
    kind = draw(st.sampled_from(sorted(SHAPES)))
    reason = draw(reasons)
    fields = {name: draw(strategy) for name, strategy in SHAPES[kind].items()}
    return Transaction(
        schema_version=SCHEMA_VERSION,
        transaction_id=draw(st.text("0123456789av-", min_size=16, max_size=16)),
        occurred_at=draw(st.integers(0, 9_999_999_999_999)),
        account_id=draw(identifiers),
        kind=kind,  # type: ignore[arg-type]
        amount=draw(st.integers(1, 999_999_999)),
        currency="BRL",
        channel=CHANNEL_OF.get(kind, "web"),  # type: ignore[arg-type]
        status="approved" if reason is None else "declined",
        holder=draw(holders),
        decline_reason=reason,
        **fields,
    )


def payment(**changes: Any) -> Transaction:
    """A card payment whose every text has the greatest length."""
    fields: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "transaction_id": "0000007-0000002a",
        "occurred_at": 1_760_000_000_000,
        "account_id": "A0000042",
        "kind": "card_present",
        "amount": 999_999_999,
        "currency": "BRL",
        "channel": "pos",
        "status": "declined",
        "decline_reason": "over_limit",
        "holder": Holder("M" * MAX_HOLDER_BYTES, "***.456.789-**"),
        "merchant": Merchant("M00042", "x" * MAX_NAME_BYTES, "5411"),
        "terminal_id": "T00042",
        "location": Location("c" * MAX_CITY_BYTES, "SP", -23.551, -46.633),
        "card": Card("400217", "0042"),
    }
    return Transaction(**fields | changes)


@given(transactions())
def test_no_transaction_has_more_than_500_bytes_whatever_its_names(value: Transaction) -> None:
    assert len(msgspec.json.encode(value)) <= MAX_ENCODED_BYTES


@given(transactions())
def test_the_type_accepts_what_was_encoded_and_nothing_is_lost(value: Transaction) -> None:
    assert msgspec.json.decode(msgspec.json.encode(value), type=Transaction) == value


def test_the_longest_kind_fills_the_bound_exactly() -> None:
    assert len(msgspec.json.encode(payment())) == MAX_ENCODED_BYTES == 500


def test_what_is_absent_costs_no_byte_and_the_version_is_always_there() -> None:
    wire = msgspec.json.decode(msgspec.json.encode(payment(status="approved", decline_reason=None)))
    assert next(iter(wire)) == "schema_version"
    assert wire["schema_version"] == 1
    assert not {"leg", "counterparty", "device_id", "ip", "decline_reason"} & set(wire)
    assert "city" not in wire["merchant"]


def test_ground_truth_has_no_place_in_a_transaction() -> None:
    assert not [
        name for name in Transaction.__struct_fields__ if "fraud" in name or "label" in name
    ]


def test_a_transaction_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        payment().amount = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "approved"},
        {"decline_reason": None},
        {"merchant": None},
        {"counterparty": Counterparty("12345678", "18236120")},
        {"kind": "withdrawal", "counterparty": Counterparty("12345678", "18236120")},
    ],
    ids="+".join,
)
def test_combinations_that_mean_nothing_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"decline_reason|merchant"):
        payment(**changes)


def test_a_withdrawal_may_have_nobody_on_the_other_side() -> None:
    assert payment(kind="withdrawal", merchant=None, channel="atm").merchant is None


@given(st.text(), st.integers(0, 30))
def test_a_bounded_text_is_one_line_within_its_bytes_and_never_escaped(
    text: str, max_bytes: int
) -> None:
    cut = bounded(text, max_bytes)
    assert len(cut.encode()) <= max_bytes
    assert len(msgspec.json.encode(cut)) == len(cut.encode()) + 2
    assert bounded(cut, max_bytes) == cut


@given(st.text(min_size=1), st.lists(st.sampled_from(["Souza", "Ávila", "Luz"]), max_size=3))
def test_a_masked_name_is_bounded_and_shows_no_surname(first: str, others: list[str]) -> None:
    masked = masked_name(first, *others)
    assert len(masked.encode()) <= MAX_HOLDER_BYTES
    assert all(f" {name[0]}." in masked for name in others)


def test_every_state_has_its_time() -> None:
    offsets = {uf: local_time.local(0, local_time.zone_of(uf)).utcoffset() for uf in get_args(Uf)}
    assert len(offsets) == 27
    hours = {uf: offset.total_seconds() / 3600 for uf, offset in offsets.items() if offset}
    assert (hours["SP"], hours["AM"], hours["AC"]) == (-3, -4, -5)
