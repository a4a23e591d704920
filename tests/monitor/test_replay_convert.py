"""A row of a foreign file as a transaction and a label; which mappings and files are refused."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
import typer.core
import typer.main
from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop import language
from kafka_workshop.cli import app
from kafka_workshop.messaging.codec import decode, encode
from kafka_workshop.messaging.label_codec import decode_label, encode_label
from kafka_workshop.replay.convert import BadRow, converted, identifier
from kafka_workshop.replay.mapping import Columns, InvalidMapping, Mapping, load_mapping, parse
from kafka_workshop.replay.opening import open_rows
from kafka_workshop.replay.rows import InvalidFile
from kafka_workshop.replay.run import examine
from tests.support.datasets import (
    CARD,
    FIRST,
    HANDBOOK,
    SECOND,
    SPARKOV,
    csv_of,
    sparkov_row,
)
from tests.unit.repository import Document, text

DAY_MS = 86_400_000
MINIMAL = (
    'version="1"\n[columns]\ntime="t"\naccount="a"\nterminal="p"\namount="m"\n'
    '[time]\nformat="iso"\n'
)
ROW = {"t": "2018-04-01", "a": "2", "p": "3", "m": "1"}


def handbook_row(**changed: str) -> dict[str, str]:
    return dict(zip(HANDBOOK.split(","), SECOND.split(","), strict=True)) | changed


def sparkov(**changed: str) -> dict[str, str]:
    values = next(csv.reader([sparkov_row("0b242abb623afc578575680df30655b9", "2019-01-01")]))
    return dict(zip(SPARKOV.split(","), values, strict=True)) | changed


def test_a_row_of_the_handbook_is_a_transaction_and_a_label_a_week_later() -> None:
    said, label = converted(handbook_row(), load_mapping("handbook"))
    assert (said.transaction_id, said.account_id, said.terminal_id) == ("3527", "3774", "3059")
    # 10:17:43 on Brasília's clock
    assert (said.occurred_at, said.amount) == (1_522_588_663_000, 22_541)
    assert label is not None
    assert (label.scenario, label.available_at) == ("large_amount", said.occurred_at + 7 * DAY_MS)
    assert decode(encode(said)) == said
    assert decode_label(encode_label(label)) == label


def test_a_row_of_sparkov_shows_no_card_number_and_is_the_same_each_time() -> None:
    said, label = converted(sparkov(), load_mapping("sparkov"))
    assert (said.kind, said.channel, said.amount, label) == ("card_not_present", "web", 497, None)
    assert CARD[:6].encode() not in encode(said)
    assert CARD[-4:].encode() not in encode(said)
    assert converted(sparkov(), load_mapping("sparkov")) == (said, label)


def test_a_shop_of_sparkov_is_its_own_terminal() -> None:
    said, label = converted(sparkov(category="home", is_fraud="1"), load_mapping("sparkov"))
    assert said.merchant is not None
    assert label is not None
    assert said.terminal_id == said.merchant.id == label.terminal_id
    assert label.scenario == "unspecified"


def test_an_identifier_is_kept_where_it_fits_and_a_digest_where_not() -> None:
    assert (identifier("4961", 6), identifier("2703186189652095", 8)) == ("4961", "QOFMRXT3")


@given(st.integers(min_value=1, max_value=999_999_999))
def test_every_amount_is_exact(minor: int) -> None:
    text = f"{minor // 100}.{minor % 100:02d}"
    said, _ = converted(handbook_row(TX_AMOUNT=text), load_mapping("handbook"))
    assert said.amount == minor


@pytest.mark.parametrize(
    "amount",
    [
        "0",
        "0.00",
        "-1",
        "1.005",
        "1.0000000000000000000000000000001",
        "NaN",
        "Infinity",
        "1,5",
        "",
        "1e9",
        "1e999999999",
        "1_000",
        "10000000",
        "57.160000000000004",
    ],
)
def test_an_amount_that_is_not_exact_is_refused_with_its_column(amount: str) -> None:
    with pytest.raises(BadRow, match="TX_AMOUNT"):
        converted(handbook_row(TX_AMOUNT=amount), load_mapping("handbook"))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("TX_DATETIME", "yesterday"),
        ("TX_DATETIME", "1969-12-31 00:00:00"),
        ("TX_FRAUD", "maybe"),
        ("TX_FRAUD", ""),  # not known is not the same as honest
        ("CUSTOMER_ID", " "),
    ],
)
def test_a_bad_row_names_its_column(column: str, value: str) -> None:
    with pytest.raises(BadRow, match=column):
        converted(handbook_row(**{column: value}), load_mapping("handbook"))


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ('"since_start_s"\nstart="2018-04-01T00:00:00"', "37063"),
        ('"since_start_s"\nstart=2018-04-01', "37063.0"),
        ('"epoch_s"', "1522577863"),
        ('"epoch_ms"', "1522577863000"),
        ('"iso"', "2018-04-01 10:17:43"),
        ('"iso"', "2018-04-01T12:17:43+02:00"),
        ('"iso"\noffset="-03:00"', "2018-04-01T07:17:43"),
    ],
)
def test_every_form_of_time_gives_the_same_instant(form: str, text: str) -> None:
    mapping = parse(MINIMAL.replace('"iso"', form))
    assert converted(ROW | {"t": text}, mapping)[0].occurred_at == 1_522_577_863_000


@pytest.mark.parametrize(
    "text", ["1e999999999", "nan", "-5", "99999999999999999999", "1522577863 s"]
)
def test_a_number_that_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(BadRow, match="t="):
        converted(ROW | {"t": text}, parse(MINIMAL.replace('"iso"', '"epoch_s"')))


def test_what_the_file_lacks_is_constant_and_a_row_without_an_id_is_named_after_its_line() -> None:
    text = MINIMAL.replace('terminal="p"\n', "") + '[constants]\nterminal="T1"\nmcc="5411"\n'
    said, label = converted(ROW, parse(text), line=7)
    assert (said.transaction_id, said.terminal_id, label) == ("line7", "T1", None)
    assert said.merchant is not None
    assert said.merchant.mcc == "5411"


def test_a_label_has_the_delay_of_its_row_up_to_the_longest() -> None:
    text = MINIMAL.replace("[time]", 'fraud="f"\ndelay_days="d"\n[time]')
    mapping = parse(text + "[labels]\ndelay_days=30\n")
    said, label = converted(ROW | {"f": "true", "d": "12"}, mapping)
    assert label is not None
    assert label.available_at == said.occurred_at + 12 * DAY_MS
    for days in ("0", "31", "1.5", ""):
        with pytest.raises(BadRow, match=r"^d"):
            converted(ROW | {"f": "1", "d": days}, mapping)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (MINIMAL.replace('version="1"', ""), 'version is missing: "1"'),
        (MINIMAL.replace('time="t"\n', ""), "columns.time is missing: a text of 1 to 200"),
        (MINIMAL.replace("[time]", "[times]"), "there is no times; there are: version, columns"),
        (MINIMAL + 'zone="x"', "there is no time.zone; there are: format, start, offset"),
        (MINIMAL.replace('"iso"', "7"), "time.format = 7 is not allowed: iso, epoch_s"),
        (MINIMAL.replace('"iso"', '"uk"'), "time.format = 'uk' is not allowed: iso, epoch_s"),
        (MINIMAL.replace('"iso"', '"since_start_s"'), "time.start goes with"),
        (
            MINIMAL.replace('"iso"', '"since_start_s"\nstart="then"'),
            "time.start = 'then' is not allowed: an instant such as",
        ),
        (MINIMAL + 'offset="3"', "time.offset = '3' is not allowed: hours from UTC"),
        (MINIMAL + '[labels]\nscenario="heist"', "labels.scenario = 'heist' is not allowed: card_"),
        (MINIMAL + '[labels.scenarios]\n1="heist"', "labels.scenarios = {'1': 'heist'} is not"),
        (
            MINIMAL + "[labels]\ndelay_days=0",
            "labels.delay_days = 0 is not allowed: a whole number",
        ),
        (MINIMAL + '[kind.values]\nx="pix"', "kind.values = {'x': 'pix'} is not allowed: card_pre"),
        (MINIMAL.replace('"m"', '"t"'), "column 't' is said to be both time and amount"),
        (MINIMAL.replace('account="a"', 'account="a"\naccount="b"'), "no TOML"),
        (MINIMAL.replace('terminal="p"', ""), "where it was paid is missing"),
        (MINIMAL + '[constants]\nterminal="1"', "terminal stands in [columns] and in [constants]"),
        (MINIMAL + "[constants]\nmcc=5999", "constants.mcc = 5999 is not allowed: a text of four"),
        ("[[", "no TOML"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InvalidMapping) as refused:
        parse(text)
    assert sentence in str(refused.value)
    assert "$" not in str(refused.value)


def test_a_refusal_is_said_in_portuguese_too() -> None:
    language.use("pt-BR")
    with pytest.raises(InvalidMapping, match=r"labels\.delay_days = 0 não é permitido: um número"):
        parse(MINIMAL + "[labels]\ndelay_days=0")


def test_a_mapping_that_is_not_there_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(InvalidMapping, match="handbook, sparkov, or a TOML file"):
        load_mapping(str(tmp_path / "none.toml"))


def test_a_mapping_of_a_file_is_named_when_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(MINIMAL + "[labels]\ndelay_days=0")
    with pytest.raises(InvalidMapping, match=r"own\.toml: labels\.delay_days"):
        load_mapping(str(tmp_path / "own.toml"))


def examined(folder: Path, rows: Iterable[str], header: str = HANDBOOK) -> Mapping:
    mapping = load_mapping("handbook")
    examine(open_rows(csv_of(folder, rows, header)), mapping)
    return mapping


def test_a_missing_column_is_named_with_what_the_file_has(tmp_path: Path) -> None:
    with pytest.raises(InvalidMapping, match=r"'TX_FRAUD' \(fraud\); it has: TRANSACTION_ID, TX_"):
        examined(tmp_path, [FIRST], HANDBOOK.replace("TX_FRAUD,", ""))


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidMapping, match=r"'TX_FRAUD'.*more than once"):
        examined(tmp_path, [FIRST + ",1"], HANDBOOK + ",TX_FRAUD")


def test_a_file_none_of_whose_first_rows_can_be_read_is_refused(tmp_path: Path) -> None:
    bad = FIRST.replace("57.16", "57,16")
    with pytest.raises(InvalidMapping, match="none of the first 100 rows; line 2: 10 columns"):
        examined(tmp_path, [bad] * 200)
    examined(tmp_path, [*[bad] * 99, FIRST])


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidMapping, match="no row below its header"):
        examined(tmp_path, [])


def test_a_file_gives_rows_with_line_numbers_and_says_which_are_torn(tmp_path: Path) -> None:
    rows = open_rows(csv_of(tmp_path, [FIRST, "torn,row", "", SECOND]))
    assert [(line, isinstance(row, BadRow)) for line, row in rows] == [
        (2, False),
        (3, True),
        (5, False),
    ]


def test_what_is_no_text_is_a_reject_of_its_line_and_the_next_line_is_read(tmp_path: Path) -> None:
    path = csv_of(tmp_path, [FIRST])
    latin = FIRST.replace("596", "ÃO").encode("latin-1")
    long = b"x" * 3_000_000
    path.write_bytes(path.read_bytes() + b"\n".join([latin, long, SECOND.encode()]) + b"\n")
    found = list(open_rows(path))
    assert [line for line, _ in found] == [2, 3, 4, 5]
    assert [f"{row}" for _, row in found[1:3]] == [
        "CSV: not UTF-8",
        "CSV: a line of over 1048576 bytes",
    ]
    assert isinstance(found[3][1], dict)


def test_a_quote_that_nobody_closes_says_from_which_line_on(tmp_path: Path) -> None:
    rows = open_rows(csv_of(tmp_path, [FIRST, '"' + FIRST, *[SECOND] * 5]))
    (last, bad) = list(rows)[-1]
    assert (last, isinstance(bad, BadRow)) == (8, True)
    assert "(from line 3 on)" in str(bad)


def test_a_byte_order_mark_belongs_to_no_column(tmp_path: Path) -> None:
    path = tmp_path / "bom.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HANDBOOK}\r\n{FIRST}\r\n".encode())
    assert open_rows(path).header == HANDBOOK.split(",")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", b"", "names no columns"),
        ("a.csv", b"\xff\xfe\n", "not UTF-8"),
        ("a.csv", None, "No such file"),
    ],
)
def test_a_file_that_is_no_csv_is_refused(
    tmp_path: Path, name: str, content: bytes | None, why: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidFile, match=why):
        open_rows(tmp_path / name)


# What the pages say


@pytest.mark.parametrize("page", ["docs/replay.md", "docs/replay.pt-BR.md"])
def test_the_mapping_of_the_page_is_one_and_its_options_are_all_there_are(page: str) -> None:
    found = Document(text(page))
    (example,) = [code.text for code in found.code if code.language == "toml"]
    assert parse(example).columns.used().keys() == set(Columns.__struct_fields__)
    verb = typer.main.get_command(app)
    assert isinstance(verb, typer.core.TyperGroup)
    options = {option for each in verb.commands["replay"].params for option in each.opts}
    (_heading, *rows) = found.tables[0]
    assert {row[0].strip("`") for row in rows} == {o for o in options if o.startswith("--")}


def test_the_pages_have_the_same_commands_and_keys() -> None:
    pages = [Document(text(name)) for name in ("docs/replay.md", "docs/replay.pt-BR.md")]
    bare = [[re.sub(r"(?m)\s+# .*$", "", code.text) for code in page.code] for page in pages]
    assert bare[0] == bare[1]
    assert [level for level, _ in pages[0].headings] == [level for level, _ in pages[1].headings]
