"""Payloads as text: nothing hidden, nothing executed, nothing unbounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop.console.payload import SHOWN_BYTES, preview, show


def test_json_is_indented_and_its_numbers_stay_as_written() -> None:
    shown = show(b'{"amount":12345678901234567890.10,"b":[1,2]}')
    assert shown.kind == "json"
    assert '"amount": 12345678901234567890.10' in shown.text


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (None, "null"),
        (b"", "empty"),
        (b"{broken", "text"),
        (b"\xff\x00", "binary"),
        (b"[1]", "json"),
    ],
)
def test_each_kind_of_payload_is_named(data: bytes | None, kind: str) -> None:
    assert show(data).kind == kind


def test_bytes_that_are_not_utf8_become_a_hex_dump_beside_their_ascii() -> None:
    assert show(b"\xff\xfeabc").text.split() == ["00000000", "ff", "fe", "61", "62", "63", "..abc"]


def test_characters_that_reverse_or_control_are_escaped() -> None:
    shown = show("a\u202eb\x1b[31m\u2028c".encode())
    assert shown.text == "a\\u202eb\\x1b[31m\\u2028c"


def test_a_huge_value_is_cut_and_its_size_is_told() -> None:
    shown = show(b"x" * (SHOWN_BYTES * 3))
    assert (len(shown.text), shown.size, shown.truncated) == (SHOWN_BYTES, SHOWN_BYTES * 3, True)


def test_a_cut_inside_a_character_does_not_make_text_binary() -> None:
    shown = show("ção".encode() * SHOWN_BYTES)
    assert shown.kind == "text"


def test_deep_nesting_neither_fails_nor_hangs() -> None:
    assert show(b"[" * 50_000 + b"]" * 10).kind in {"text", "json"}


def test_a_preview_is_one_line_and_says_that_there_is_more() -> None:
    assert preview(b"one\n two\tthree") == "one two three"
    assert preview(b"y" * 500, 10) == "y" * 10 + " …"


@given(st.binary(max_size=300))
def test_any_bytes_become_printable_text(data: bytes) -> None:
    for text in (show(data).text, preview(data)):
        assert all(character.isprintable() or character in "\n\t" for character in text)
