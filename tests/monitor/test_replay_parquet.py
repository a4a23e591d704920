"""The same table as CSV and as Parquet gives the same transactions and labels, byte for byte."""

import csv
import io
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_workshop.errors import UserError
from kafka_workshop.replay import parquet
from kafka_workshop.replay.convert import BadRow
from kafka_workshop.replay.mapping import InvalidMapping, load_mapping
from kafka_workshop.replay.opening import open_rows
from kafka_workshop.replay.rows import InvalidFile
from kafka_workshop.replay.run import examine
from kafka_workshop.settings import PROJECT_FOLDER
from tests.support import command
from tests.support.datasets import HANDBOOK, csv_of, handbook_rows

NAMES = HANDBOOK.split(",")
TIME, AMOUNT = NAMES.index("TX_DATETIME"), NAMES.index("TX_AMOUNT")


def typed(rows: Sequence[str]) -> dict[str, list[Any]]:
    """Return the Handbook's columns as pandas has them: numbers, floats, times."""
    table: dict[str, list[Any]] = {name: [] for name in NAMES}
    for row in rows:
        for number, text in enumerate(row.split(",")):
            value: Any = int(text) if number not in (TIME, AMOUNT) else text
            value = datetime.fromisoformat(text) if number == TIME else value
            table[NAMES[number]].append(float(text) if number == AMOUNT else value)
    return table


def parquet_of(folder: Path, columns: Mapping[str, Any], **options: Any) -> Path:
    path = folder / "small set.parquet"
    pq.write_table(pa.table(dict(columns)), path, **options)
    return path


def lines_of(path: Path) -> bytes:
    """Return what `replay` writes of a file."""
    target = path.with_suffix(".jsonl")
    words = ("replay", str(path), "--map", "handbook", "--to", str(target))
    answer = command.workshop(words, {"WORKSHOP_LANG": "en"})
    assert answer.returncode == 0, answer.stderr
    return target.read_bytes()


@pytest.mark.parametrize(
    "options",
    [{}, {"row_group_size": 7}, {"compression": "zstd", "use_dictionary": True}],
    ids=str,
)
def test_the_same_table_gives_the_same_bytes(tmp_path: Path, options: dict[str, Any]) -> None:
    rows = list(handbook_rows(200))
    (tmp_path / "p").mkdir()
    made = lines_of(parquet_of(tmp_path / "p", typed(rows), **options))
    assert made == lines_of(csv_of(tmp_path, rows))
    assert made.count(b"\n") > 200


VALUES = st.one_of(
    st.tuples(st.just(pa.string()), st.lists(st.none() | st.text("aÇ 1;", max_size=5))),
    st.tuples(st.just(pa.int64()), st.lists(st.none() | st.integers(-(2**63), 2**63 - 1))),
    st.tuples(st.just(pa.uint8()), st.lists(st.integers(0, 255))),
    st.tuples(
        st.just(pa.float64()),
        st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False)),
    ),
    st.tuples(st.just(pa.bool_()), st.lists(st.none() | st.booleans())),
    st.tuples(
        st.just(pa.decimal128(12, 2)),
        st.lists(st.decimals(-99_999, 99_999, places=2, allow_nan=False)),
    ),
    st.tuples(st.just(pa.timestamp("us")), st.lists(st.none() | st.datetimes())),
    st.tuples(st.just(pa.date32()), st.lists(st.none() | st.dates())),
    st.tuples(
        st.just(pa.dictionary(pa.int8(), pa.string())), st.lists(st.sampled_from(["a", "b", None]))
    ),
)


def as_csv(value: Any) -> str:
    """Return what Python's own writer of CSV makes of a value, ISO 8601 of times."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime | date):
        return value.isoformat()
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_NONE, escapechar="\\").writerow([value, ""])
    return out.getvalue().removesuffix(",\r\n").replace("\\", "")


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_each_value_is_the_text_that_a_csv_would_have(
    tmp_path_factory: pytest.TempPathFactory, typed_values: tuple[Any, list[Any]]
) -> None:
    kind, values = typed_values
    folder = tmp_path_factory.mktemp("values")
    path = parquet_of(folder, {"c": pa.array(values, kind), "n": list(range(len(values)))})
    found = list(open_rows(path))
    assert [line for line, _ in found] == list(range(2, 2 + len(values)))
    texts = [row["c"] for _, row in found if isinstance(row, dict)]
    assert texts == [as_csv(value) for value in values]
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pa.array([57.16], pa.float32()), "57.16"),
        (pa.array([1.5], pa.float32()).cast(pa.float16()), "1.5"),
        (pa.array([float("nan")], pa.float32()), ""),
        (pa.array([float("nan")]), ""),
        (pa.array([Decimal("1E+3")], pa.decimal128(8, 0)), "1000"),
        (pa.array([b"caf\xc3\xa9"], pa.binary()), "café"),
        (pa.array(["x"], pa.large_string()), "x"),
        (pa.array([None], pa.null()), ""),
        (pa.array([1_522_540_831_123_456_789], pa.timestamp("ns")), "2018-04-01T00:00:31.123456"),
        (pa.array([1_522_540_831], pa.timestamp("s")), "2018-04-01T00:00:31"),
        (
            pa.array(
                [datetime(2018, 4, 1, 0, 0, 31, tzinfo=timezone(timedelta(hours=-3)))],
                pa.timestamp("ms", "America/Sao_Paulo"),
            ),
            "2018-04-01T03:00:31+00:00",
        ),
        (pa.array([date(2018, 4, 1)], pa.date64()), "2018-04-01"),
    ],
    ids=str,
)
def test_what_a_csv_has_no_type_for_says_exactly_its_value(
    tmp_path: Path, column: Any, text: str
) -> None:
    ((_, row),) = open_rows(parquet_of(tmp_path, {"c": column}))
    assert isinstance(row, dict)
    assert row["c"] == text


def test_lists_and_structures_are_no_columns_and_bytes_of_no_text_cost_their_row(
    tmp_path: Path,
) -> None:
    path = parquet_of(
        tmp_path,
        {
            "tags": [["a"], ["b"]],
            "inside": [{"a": 1}, {"a": 2}],
            "took": pa.array([1, 2], pa.duration("s")),
            "name": pa.array([b"\xff", b"ok"], pa.binary()),
        },
    )
    rows = open_rows(path)
    assert rows.header == ["name"]
    (_, torn), (line, row) = rows
    assert isinstance(torn, BadRow)
    assert (line, row) == (3, {"name": "ok"})


def test_bad_rows_go_to_the_rejects_with_their_number(tmp_path: Path) -> None:
    columns = typed(list(handbook_rows(150)))
    columns["TX_AMOUNT"][120] = 1e-05
    columns["TX_DATETIME"][121] = None
    path = parquet_of(tmp_path, columns)
    assert lines_of(path).count(b"\n") > 148
    rejects = list(csv.reader((tmp_path / "small set.rejects.csv").read_text("utf-8").split("\n")))
    assert [line for line, _ in rejects[1:3]] == ["122", "123"]
    assert "TX_AMOUNT='1e-05'" in rejects[1][1]
    assert "TX_DATETIME is empty" in rejects[2][1]


def test_it_is_read_in_parts_and_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_BATCH_ROWS", 10)
    rows = open_rows(parquet_of(tmp_path, {"c": list(range(100))}, row_group_size=25))
    shares = [rows.share for _ in rows]
    assert shares[0] == pytest.approx(0.01)
    assert shares[-1] == 1.0
    assert [row["c"] for _, row in rows if isinstance(row, dict)] == [str(n) for n in range(100)]


def test_a_column_that_the_mapping_names_and_the_file_lacks_is_refused(tmp_path: Path) -> None:
    columns = typed(list(handbook_rows(3)))
    del columns["TX_AMOUNT"]
    with pytest.raises(InvalidMapping, match="no column 'TX_AMOUNT'"):
        examine(open_rows(parquet_of(tmp_path, columns)), load_mapping("handbook"))


def test_what_is_no_whole_parquet_file_is_refused_in_words(tmp_path: Path) -> None:
    whole = parquet_of(tmp_path, {"c": [1]}).read_bytes()
    broken = {
        "cut.parquet": whole[:-9],
        "cut.csv": whole[:-9],  # told by what it begins with
        "text.parquet": b"a,b\n1,2\n",
        "empty.pq": b"",
        "encrypted.parquet": b"PARE" + whole[4:-4] + b"PARE",
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InvalidFile, match=name):
            open_rows(tmp_path / name)
    with pytest.raises(InvalidFile, match="Is a directory"):
        open_rows(tmp_path)


def test_a_part_that_is_broken_ends_the_reading_and_names_the_row(tmp_path: Path) -> None:
    path = parquet_of(tmp_path, {"c": [f"{n:050d}" for n in range(60_000)]}, row_group_size=30_000)
    content = bytearray(path.read_bytes())
    at = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    content[at : at + 400] = b"\xff" * 400
    path.write_bytes(content)
    rows = open_rows(path)
    with pytest.raises(InvalidFile, match=r"behind row \d+"):
        deque(rows, maxlen=0)
    assert 0 < rows.share <= 0.5


def test_a_compression_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet_of(tmp_path, {"c": [1]})
    monkeypatch.setattr(parquet, "_codecs", lambda _: {"LZO", "UNCOMPRESSED"})
    with pytest.raises(InvalidFile, match="compression LZO is not supported"):
        open_rows(path)


def test_without_the_library_it_says_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet_of(tmp_path, {"c": [1]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserError, match=r"./workshop replay FILE.parquet installs it"):
        open_rows(path)


@pytest.mark.parametrize(
    ("name", "content", "parquet_too"),
    [
        ("a.parquet", None, True),
        ("a.csv", b"PAR1\x15\x04", True),
        ("a.csv", b"a,b\n", False),
        ("a.csv", b"\x00\x01\x02\x03\x04", False),
        ("a.csv", None, False),
    ],
)
def test_the_start_script_takes_the_environment_that_reads_it(
    tmp_path: Path, name: str, content: bytes | None, parquet_too: bool
) -> None:
    script = (PROJECT_FOLDER / "workshop").read_text("utf-8")
    begin = script.index("is_parquet() {")
    function = script[begin : script.index("\n}\n", begin) + 3]
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    ran = subprocess.run(
        ["bash", "-u", "-c", f'{function}is_parquet "$1"', "-", str(path)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (ran.returncode == 0, ran.stderr) == (parquet_too, "")


def test_times_of_a_zone_are_those_of_the_csv(tmp_path: Path) -> None:
    at = datetime(2018, 4, 1, 12, tzinfo=UTC)
    ((_, row),) = open_rows(parquet_of(tmp_path, {"c": pa.array([at])}))
    assert isinstance(row, dict)
    assert datetime.fromisoformat(row["c"]) == at
