"""Letters as values: read as they were written, whatever else stands in their topic."""

import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from kafka_workshop.cli import letters as shown
from kafka_workshop.cli.view import View
from kafka_workshop.feed import is_ours
from kafka_workshop.messaging.client import Headers, Message
from kafka_workshop.messaging.codec import encode
from kafka_workshop.messaging.dlq import redrive
from kafka_workshop.messaging.dlq.letter import (
    EDITED,
    Letter,
    Source,
    context,
    edited_headers,
    forms,
    letter_of,
    original_headers,
    own_headers,
    redriven_headers,
    was_redriven,
)
from kafka_workshop.messaging.dlq.survey import Survey
from tests.support.simulation import SEED, uninterrupted

NAMES = st.sampled_from(
    ["a", "dlq.topic", "dlq.offset", "dlq.time", "dlq.redrive.of", "dlq.redrive.count"]
)
VALUES = st.none() | st.binary(max_size=12) | st.sampled_from([b"t", b"3:41", b"1", b"-1"])
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=12).map(tuple)


def dead(
    source: Source,
    headers: Headers = (),
    at: int = 1_000,
    value: bytes | None = b"v",
    place: int = 0,
) -> Message:
    """Return the letter of a message of `t`, as it stands in `t.dlq` at offset `place`."""
    message = Message("t", source.partition, source.offset, 500, b"k", value, headers)
    key, value, all_headers = forms(message, context(message, "not-json", "why", at))[0]
    return Message("t.dlq", 2, place, at, key, value, all_headers)


def letter(record: Message) -> Letter:
    found = letter_of(record, "t")
    assert found is not None
    return found


@given(HEADERS, st.none() | st.binary(max_size=50))
def test_a_letter_is_read_as_it_was_written_whatever_headers_its_message_had(
    headers: Headers, value: bytes | None
) -> None:
    record = dead(Source(3, 41), headers, 7_000, value, place=9)
    found = letter(record)
    assert (found.source, found.partition, found.offset) == (Source(3, 41), 2, 9)
    assert (found.error_class, found.reason, found.time_ms) == ("not-json", b"why", 7_000)
    assert (found.source_time_ms, found.size) == (500, 1 + len(value or b""))
    assert original_headers(record.headers) == headers
    assert (record.key, record.value) == (b"k", value)


@given(HEADERS)
def test_no_record_of_a_stranger_is_taken_for_a_letter_or_does_harm(headers: Headers) -> None:
    record = Message("t.dlq", 0, 0, 0, None, b"", headers)
    assert letter_of(record, "t") is None
    assert letter_of(dead(Source(0, 0), headers), "another") is None
    was_redriven(record)


@given(HEADERS)
def test_each_redrive_counts_up_and_keeps_the_first_source_and_the_headers(
    headers: Headers,
) -> None:
    record = dead(Source(3, 41), headers)
    before = letter(record).redrive_count
    for number in (1, 2, 3):
        sent = redriven_headers(letter(record), record.headers)
        assert was_redriven(Message("t", 0, 0, 0, None, None, sent))
        record = dead(Source(5, number), sent)
        assert letter(record).redrive_count == before + number
        assert letter(record).redrive_of == (
            letter(dead(Source(3, 41), headers)).redrive_of or Source(3, 41)
        )
    kept = headers[:-2] if before else headers
    assert original_headers(record.headers)[:-2] == kept


@given(HEADERS)
def test_an_edited_letter_says_so_once_and_is_told_as_redriven(headers: Headers) -> None:
    first = letter(dead(Source(3, 41)))
    sent = edited_headers(first, headers)
    assert sent.count(EDITED) == 1
    assert was_redriven(Message("t", 0, 0, 0, None, None, sent))
    again = dead(Source(5, 1), sent)
    own = own_headers(letter(again), again.headers)
    assert own == (*(header for header in headers if header != EDITED), EDITED)
    assert edited_headers(letter(again), own)[:-2] == own
    assert (letter(again).redrive_of, letter(again).redrive_count) == (Source(3, 41), 1)


@pytest.mark.parametrize("text", ["", "3", "3:", ":41", "-1:2", "3:41 ", "٣:41", "3:" + "9" * 19])
def test_a_position_of_another_form_is_none(text: str) -> None:
    assert Source.parse(text) is None


def surveyed(*records: Message) -> Survey:
    survey = Survey("t")
    for record in records:
        survey.add(record)
    return survey


def test_letters_of_one_source_are_one_and_the_oldest_of_them_stands() -> None:
    survey = surveyed(
        dead(Source(0, 1), at=300, place=1),
        dead(Source(0, 1), at=200, place=0),
        dead(Source(0, 1), at=400, place=2),
        dead(Source(1, 1), at=100),
        Message("t.dlq", 0, 0, 0, None, b"a stranger"),
    )
    assert (len(survey.letters), survey.repeated, survey.foreign) == (2, 2, 1)
    assert [(x.source, x.offset) for x in survey.of_class(None)] == [
        (Source(1, 1), 0),
        (Source(0, 1), 0),
    ]
    (count,) = survey.by_class()
    assert (count.letters, count.first_ms, count.last_ms) == (2, 100, 200)


def test_what_was_redriven_came_back_or_is_incomplete_is_not_chosen() -> None:
    again = redriven_headers(letter(dead(Source(0, 1))), ())
    message = Message("t", 0, 4, 0, b"k", b"v")
    incomplete = forms(message, context(message, "oversize", "", 0))[1]
    survey = surveyed(
        dead(Source(0, 1)),
        dead(Source(0, 2)),
        dead(Source(0, 3), again),
        Message("t.dlq", 0, 9, 0, *incomplete),
    )
    survey.mark(Message("t.dlq.redriven", 0, 0, 800, b"0:1", b""))
    survey.mark(Message("t.dlq.redriven", 0, 0, 800, b"\xff", b""))
    chosen = survey.choose(None, again=False)
    assert [x.source for x in chosen.letters] == [Source(0, 2)]
    assert (chosen.came_back, chosen.omitted) == (1, 1)
    asked = survey.choose("not-json", again=True)
    assert [x.source for x in asked.letters] == [Source(0, 2), Source(0, 3)]
    assert (asked.came_back, asked.omitted) == (0, 0)
    assert asked.by_class() == {"not-json": 2}
    survey.mark(Message("t.dlq.redriven", 0, 0, 800, b"0:3", b""))
    assert [x.source for x in survey.choose(None, again=True).letters] == [Source(0, 2)]


def test_only_those_that_were_named_are_chosen_and_of_them_only_what_may_go() -> None:
    survey = surveyed(*(dead(Source(0, n)) for n in range(5)))
    survey.mark(Message("t.dlq.redriven", 0, 0, 800, b"0:1", b""))
    only = frozenset({Source(0, 1), Source(0, 3), Source(9, 9)})
    assert [x.source for x in survey.choose(None, False, only).letters] == [Source(0, 3)]
    assert survey.choose("oversize", False, only).letters == []


@given(st.lists(st.integers(0, 9_000_000), max_size=1_200))
def test_batches_keep_the_order_and_are_bounded(sizes: list[int]) -> None:
    record = dead(Source(0, 0))
    items = [
        (Letter(Source(0, n), 0, n, "c", b"", 0, 0, size), record) for n, size in enumerate(sizes)
    ]
    batches = list(redrive.batches(items))
    assert [item for batch in batches for item in batch] == items
    for batch in batches:
        assert 0 < len(batch) <= redrive.BATCH_LETTERS
        total = sum(item.size for item, _ in batch)
        assert total <= redrive.BATCH_BYTES or len(batch) == 1


def test_a_redriven_transaction_is_not_where_its_producer_goes_on() -> None:
    value = encode(uninterrupted()[0])
    message = Message("t", 0, 7, 0, b"k", value)
    sent = redriven_headers(letter(dead(Source(0, 1))), ())
    assert is_ours(message, SEED)
    assert not is_ours(Message("t", 0, 8, 0, b"k", value, sent), SEED)


def printed(record: Message) -> str:
    view, out = View(), io.StringIO()
    view.console = Console(file=out, width=100, highlight=False, soft_wrap=True)
    shown.show_letter(view, "t", letter(record), record, None)
    return out.getvalue()


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode(errors="replace")))
def test_no_payload_drives_the_terminal_or_forges_a_line(payload: bytes) -> None:
    headers = (("a", payload), (payload.decode(errors="replace"), None))
    message = Message("t", 3, 41, 500, payload, payload, headers)
    record = Message("t.dlq", 0, 0, 0, *forms(message, context(message, "not-json", "r", 0))[0])
    text = printed(record)
    assert {unicodedata.category(c) for c in text if c != "\n"}.isdisjoint({"Cc", "Cf", "Zl", "Zp"})
    ours = [line for line in text.splitlines() if not line.startswith("    ")]
    assert len(ours) <= 12, "what is not indented is ours"


@pytest.mark.parametrize("payload", [b"[" * 30_000, b"[" * 900 + b"]" * 900, bytes(2_000_000)])
def test_what_is_shown_of_a_payload_is_bounded(payload: bytes) -> None:
    text = printed(dead(Source(3, 41), value=payload))
    assert len(text) < 50_000
    assert "the rest is not shown" in text


def test_json_for_programs_is_ascii() -> None:
    record = dead(Source(3, 41))
    message = Message("t", 0, 1, 0, None, None)
    hostile = context(message, "not-json", "\x9b2J\x1b[2J", 0)
    survey = surveyed(record, Message("t.dlq", 0, 0, 0, None, None, hostile))
    text = shown.as_json(survey, "not-json")
    assert text.isascii()
    assert "\x1b" not in text
    assert {each["source"] for each in json.loads(text)["list"]} == {"3:41", "0:1"}
