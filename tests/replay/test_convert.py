from pathlib import Path

import pytest

from kafka_workshop.domain.label import Label
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.messaging.codec import decode, encode
from kafka_workshop.messaging.label_codec import decode_label, encode_label
from kafka_workshop.monitor.backtest.lines import events_of
from kafka_workshop.monitor.score.judge import judge
from kafka_workshop.monitor.score.known import Known
from kafka_workshop.replay.convert import BadRow, as_lines, converted, identifier
from kafka_workshop.replay.mapping import InvalidMapping, load_mapping, parse
from kafka_workshop.replay.rows import CsvRows

HANDBOOK = (
    "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_TIME_SECONDS,TX_TIME_DAYS,"
    "TX_FRAUD,TX_FRAUD_SCENARIO"
)
FIRST = "0,2018-04-01 00:00:31,596,3156,57.16,31,0,0,0"
SECOND = "3527,2018-04-01 10:17:43,3774,3059,225.41,37063,0,1,1"
DAY_MS = 86_400_000
MINIMAL = (
    'version="1"\n[columns]\nid="i"\ntime="t"\naccount="a"\nterminal="p"\namount="m"\n'
    '[time]\nformat="iso"\n'
)


def handbook_row(**changed: str) -> dict[str, str]:
    return dict(zip(HANDBOOK.split(","), SECOND.split(","), strict=True)) | changed


def test_a_row_of_the_handbook_is_a_transaction_and_a_label_a_week_later() -> None:
    said, label = converted(handbook_row(), load_mapping("handbook"))
    assert (said.transaction_id, said.account_id, said.terminal_id) == ("3527", "3774", "3059")
    assert (said.occurred_at, said.amount) == (1_522_577_863_000, 22_541)
    assert label is not None
    assert (label.scenario, label.available_at) == ("large_amount", said.occurred_at + 7 * DAY_MS)
    assert decode(encode(said)) == said
    assert decode_label(encode_label(label)) == label


def test_a_row_of_sparkov_shows_no_card_number() -> None:
    row = {
        "trans_num": "0b242abb623afc578575680df30655b9",
        "trans_date_trans_time": "2019-01-01 00:00:18",
        "cc_num": "2703186189652095",
        "merchant": "fraud_Rippin, Kub and Mann",
        "category": "misc_net",
        "amt": "4.97",
        "is_fraud": "0",
    }
    said, label = converted(row, load_mapping("sparkov"))
    assert (said.kind, said.channel, said.amount, label) == ("card_not_present", "web", 497, None)
    assert b"270318" not in encode(said)
    assert converted(row, load_mapping("sparkov")) == (said, label)


def test_an_identifier_is_kept_where_it_fits_and_a_digest_where_not() -> None:
    assert (identifier("4961", 6), identifier("2703186189652095", 8)) == ("4961", "QOFMRXT3")


@pytest.mark.parametrize("amount", ["0", "-1", "1.005", "NaN", "Infinity", "1,5", "", "1e9"])
def test_an_amount_that_is_not_exact_is_refused_with_its_column(amount: str) -> None:
    with pytest.raises(BadRow, match="TX_AMOUNT"):
        converted(handbook_row(TX_AMOUNT=amount), load_mapping("handbook"))


@pytest.mark.parametrize(
    ("column", "value"),
    [("TX_DATETIME", "yesterday"), ("TX_FRAUD", "maybe"), ("CUSTOMER_ID", " ")],
)
def test_a_bad_row_names_its_column(column: str, value: str) -> None:
    with pytest.raises(BadRow, match=column):
        converted(handbook_row(**{column: value}), load_mapping("handbook"))


def test_seconds_since_the_start_give_the_same_instant_as_the_date() -> None:
    text = MINIMAL.replace('"iso"', '"since_start_s"\nstart="2018-04-01T00:00:00"')
    row = {"i": "1", "t": "37063", "a": "2", "p": "3", "m": "1"}
    assert converted(row, parse(text))[0].occurred_at == 1_522_577_863_000


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (MINIMAL.replace('version="1"', ""), "version"),
        (MINIMAL.replace('id="i"', ""), "id"),
        (MINIMAL + 'zone="x"', "zone"),
        (MINIMAL.replace('"iso"', '"since_start_s"'), "start"),
        (MINIMAL.replace('"iso"', "7"), "format"),
        (MINIMAL + '[labels]\nscenario="heist"', "heist"),
        ("[[", "TOML"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(text: str, named: str) -> None:
    with pytest.raises(InvalidMapping, match=r"mapping is wrong|mapeamento") as refused:
        parse(text)
    assert named in str(refused.value) or named == "TOML"


def test_a_missing_column_is_named_with_what_the_file_has() -> None:
    with pytest.raises(InvalidMapping, match=r"'TX_FRAUD'.*TRANSACTION_ID"):
        load_mapping("handbook").check(HANDBOOK.replace("TX_FRAUD,", "").split(","))


def test_a_file_gives_rows_with_line_numbers_and_says_which_are_torn(tmp_path: Path) -> None:
    path = tmp_path / "handbook.csv"
    path.write_text(f"{HANDBOOK}\n{FIRST}\ntorn,row\n{SECOND}\n", "utf-8")
    rows = CsvRows(path).open()
    load_mapping("handbook").check(rows.header)
    found = list(rows)
    assert [line for line, _ in found] == [2, 3, 4]
    assert [isinstance(row, BadRow) for _, row in found] == [False, True, False]


def test_the_lines_are_those_that_a_backtest_reads_and_a_score_judges(tmp_path: Path) -> None:
    said, label = converted(handbook_row(), load_mapping("handbook"))
    path = tmp_path / "handbook.jsonl"
    path.write_bytes(as_lines(said, label))
    read = list(events_of(path))
    assert read == [label, said]
    known = Known()
    for event in read:
        if isinstance(event, Label):
            known.add_label(event)
    known.complete_until = said.occurred_at
    scored = [(each.scenario, each.episodes, each.caught) for each in judge(known).scenarios]
    assert scored == [("large_amount", 1, 0)]
    assert isinstance(read[1], Transaction)
