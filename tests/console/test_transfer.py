"""Messages as files and back: nothing lost, nothing run, nothing sent that is not right."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop import language
from kafka_workshop.console.exporting import as_csv, as_jsonl, file_name
from kafka_workshop.console.importing import MAX_FILE_BYTES, MAX_LINES, Target, check
from kafka_workshop.console.outgoing import NotAllowed, Outgoing
from kafka_workshop.console.records import Record

TARGET = Target("orders", range(6))
BYTES = st.none() | st.binary(max_size=20) | st.text(max_size=10).map(str.encode)
HEADERS = st.lists(st.tuples(st.text(max_size=5), BYTES), max_size=4).map(tuple)


def stored(offset: int, outgoing: Outgoing) -> Record:
    """What a topic holds of a message that was sent."""
    size = len(outgoing.key or b"") + len(outgoing.value or b"")
    partition, key, value = outgoing.partition or 0, outgoing.key, outgoing.value
    return Record(partition, offset, outgoing.timestamp_ms, key, value, outgoing.headers, size)


RECORDS = st.builds(
    lambda p, at_ms, key, value, headers: (p, at_ms, key, value, headers),
    st.integers(0, 5), st.integers(0, 10**14), BYTES, BYTES, HEADERS,
)  # fmt: skip


@given(st.lists(RECORDS, max_size=6))
def test_an_export_that_is_imported_and_exported_again_differs_by_offsets_alone(
    made: list[tuple[int, int, bytes | None, bytes | None, tuple[tuple[str, bytes | None], ...]]],
) -> None:
    records = [
        Record(p, 100 + n, at_ms, key, value, headers, 0)
        for n, (p, at_ms, key, value, headers) in enumerate(made)
    ]
    file = as_jsonl(records)
    checked = check(file, TARGET)
    assert checked.refused == ()
    again = [stored(100 + n, m.outgoing) for n, m in enumerate(checked.messages)]
    renumbered = sorted(records, key=lambda r: (r.partition, r.offset))
    by_place = as_jsonl(
        Record(r.partition, 100 + n, r.timestamp_ms, r.key, r.value, r.headers, 0)
        for n, r in enumerate(renumbered)
    )
    assert as_jsonl(again) == by_place


def test_no_key_and_an_empty_one_stay_apart_and_headers_keep_their_order() -> None:
    headers = (("b", b"1"), ("a", None), ("b", b""), ("b", b"\xff"))
    file = as_jsonl([Record(2, 7, None, None, b"", headers, 0)])
    (message,) = check(file, TARGET).messages
    assert message.outgoing == Outgoing("orders", None, b"", headers, 2, None)


def test_partition_and_time_are_left_behind_if_so_wished() -> None:
    file = as_jsonl([Record(5, 7, 1234, b"k", None, (), 0)])
    target = Target("orders", range(1), keep_partition=False, keep_time=False)
    (message,) = check(file, target).messages
    assert (message.outgoing.partition, message.outgoing.timestamp_ms) == (None, None)
    assert check(file, Target("orders", range(1))).refused[0] == (
        1,
        "the topic has no partition 5",
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "not a message as exported"),
        (b"[" * 50_000, "not a message as exported"),
        (b'"text"', "not a message as exported"),
        (b'{"key":1,"value":"a"}', "not a message as exported"),
        (b'{"key":"a"}', "either value or value_base64 is needed"),
        (b'{"key":"a","key_base64":"YQ==","value":"a"}', "either key or key_base64 is needed"),
        (b'{"key":"a","value_base64":"%"}', "value_base64 is not base64"),
        (b'{"key":"a","value":"a","topic":"other"}', "not a message as exported"),
        (b'{"key":"a","value":"a","timestamp":-1}', "milliseconds since 1970"),
        (b'{"key":"a","value":"a","headers":[{"name":"h"}]}', "either value or value_base64"),
        (b'{"key":"a","value":"' + b"x" * 1_000_001 + b'"}', "more than 1000000 bytes"),
        (b'{"key":"\xff","value":"a"}', "not a message as exported"),
    ],
)
def test_a_wrong_line_is_refused_by_its_number(line: bytes, said: str) -> None:
    good = b'{"key":"a","value":"b"}\n'
    checked = check(good + b"\n" + line + b"\n" + good, TARGET)
    ((number, reason),) = checked.refused
    assert number == 3
    assert said in reason
    assert [m.number for m in checked.messages] == [1, 4]


@given(st.binary(max_size=200))
def test_any_file_is_checked_without_an_error_of_its_own(data: bytes) -> None:
    checked = check(data, TARGET)
    assert len(checked.messages) + len(checked.refused) <= data.count(b"\n") + 1


def test_a_file_is_bounded_in_bytes_and_lines() -> None:
    with pytest.raises(NotAllowed, match="at most 10000000 are allowed"):
        check(b"x" * (MAX_FILE_BYTES + 1), TARGET)
    assert len(check(b"\n" * MAX_LINES, TARGET).messages) == 0
    with pytest.raises(NotAllowed, match="at most 10000 are allowed"):
        check(b"\n" * (MAX_LINES + 1), TARGET)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_spreadsheet_gets_no_formula_from_a_message(text: str) -> None:
    value = f'{{"{text.strip()}": "{text.strip()}", "n": -5}}'.encode()
    record = Record(0, 1, 5, text.encode(), value, ((text, b""),), 0)
    file = as_csv([record, Record(0, 2, 5, None, text.encode(), (), 0)],
                  [(text.strip(),), ("n",)])  # fmt: skip
    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))
    for cell in (cell for row in rows for cell in row if cell != "-5"):
        assert cell[:1] not in set("=+-@\t\r\n")
    assert rows[1][-1] == "-5"


def test_csv_is_split_as_brazilian_spreadsheets_expect() -> None:
    language.use("pt-BR")
    try:
        file = as_csv([Record(0, 1, 5, b"a;b", b"\xff", (), 4)]).decode("utf-8-sig")
    finally:
        language.use("en")
    assert file.splitlines()[1] == r'0;1;1970-01-01T00:00:00.005Z;"a;b";\xff;;4'


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("transactions.dlq", "messages-transactions.dlq.csv"),
        ("../../etc/passwd", "messages-etc-passwd.csv"),
        ("a\r\nSet-Cookie: b", "messages-a-Set-Cookie-b.csv"),
        ("..", "messages-topic.csv"),
        ("<script>", "messages-script.csv"),
        ("x" * 300, "messages-" + "x" * 80 + ".csv"),
    ],
)
def test_a_files_name_is_made_of_harmless_letters(topic: str, name: str) -> None:
    assert file_name(topic, "csv") == name
