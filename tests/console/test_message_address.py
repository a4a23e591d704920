"""The address of the messages' page and its columns: kept, bounded, hostile text and all."""

from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop import language
from kafka_workshop.console.pages.message_address import MAX_COLUMNS, View, address, read_view
from kafka_workshop.console.pages.message_columns import cell, cells, fields_of, label
from tests.console.planted import record


def query(link: str) -> Mapping[str, str]:
    return dict(parse_qsl(urlsplit(link).query))


@pytest.mark.parametrize(
    "view",
    [
        View(),
        View("offset", 3, 17, count=200),
        View("time", time="2026-01-01T12:00", filter='value.a = "ç & ?" or key exists'),
        View("live", columns=(("a", "b c"), ("items", 0, "<b>"))),
    ],
)
def test_a_view_that_is_kept_in_an_address_is_read_from_it(view: View) -> None:
    assert read_view(query(address("a/b ç", view))) == view


@given(st.dictionaries(st.sampled_from(["show", "partition", "offset", "time", "count", "filter",
                                        "columns"]), st.text(max_size=30)))  # fmt: skip
def test_any_address_is_some_view(asked: dict[str, str]) -> None:
    view = read_view(asked)
    assert address("t", view).isascii()


def test_an_address_is_bounded() -> None:
    view = read_view({"columns": "~".join(f"c{n}" for n in range(50)), "filter": "x" * 9_000})
    assert (len(view.columns), len(view.filter)) == (MAX_COLUMNS, 2_100)
    assert read_view({"offset": "9" * 5_000, "count": "7"}) == View()


def test_the_fields_of_json_are_found_in_order_and_bounded() -> None:
    records = [record(0, b'{"a": 1, "b": {"c": [{"d": 2}, 3]}, "e": []}'), record(1, b"text")]
    assert fields_of(records) == [("a",), ("b", "c", 0, "d"), ("b", "c", 1)]
    wide = record(0, ("{" + ",".join(f'"f{n}": 1' for n in range(5_000)) + "}").encode())
    assert len(fields_of([wide] * 300)) == 60
    assert fields_of([record(0, b"[" * 9_000), record(1, None)]) == []


def test_cells_have_the_numbers_of_the_language_and_stay_exact() -> None:
    document = {"n": 1234567, "d": Decimal("1234.50"), "big": 10**40, "e": Decimal("1E+9999"),
                "t": True, "z": None, "s": "a\u202eb", "l": [1]}  # fmt: skip
    language.use("pt-BR")
    try:
        shown = [cell(document, (name,)).text for name in document]
    finally:
        language.use("en")
    assert shown == ["1.234.567", "1.234,50", "1" + "0" * 40, "1E+9999", "true", "null",
                     "a\\u202eb", "[…]"]  # fmt: skip
    assert cell(document, ("absent",)).text == ""
    assert cell({"s": "x" * 9_000}, ("s",)).text == "x" * 80 + " …"


def test_a_hostile_name_of_a_field_is_a_label_and_no_name_of_ours() -> None:
    path = ("<script>alert(1)</script>" + "x" * 500,)
    assert len(label(path)) <= 62
    assert list(cells(record(0, b"{}"), (path,))) == ["field0", "field0_text"]
    huge = cells(record(0, b'{"e": 1e9999}'), (("e",),))
    assert huge["field0_text"] == "1E+9999"
