"""Rows of a Parquet file, as a CSV file would have them: text, batch by batch in bounded memory.

Every value becomes the text that says exactly it, so that the same table gives the same bytes from
either format: a time is ISO 8601, a missing value or NaN is empty. Rows are numbered as the lines
of that CSV would be: the first one is 2. pyarrow reads them, which is of the extra `parquet`.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from kafka_workshop.errors import UserError
from kafka_workshop.language import tr
from kafka_workshop.replay.convert import BadRow
from kafka_workshop.replay.rows import Row, unreadable

MAGIC = b"PAR1"
SUFFIXES = frozenset({".parquet", ".pq"})
_BATCH_ROWS = 4_096
_FIRST_LINE = 2  # below the header that a CSV would have
_LONGEST_REASON = 200
Text = Callable[[Any], str]


class ParquetRows:
    """A Parquet file's columns that hold one value a row; lists and structures are left out.

    Raises:
        InvalidFile: it can't be read, or uses what pyarrow does not know.
        UserError: pyarrow is not installed here.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._arrow, self._parquet = _libraries()
        self._read = 0
        try:
            with self._parquet.ParquetFile(path) as file:
                self._rows: int = file.metadata.num_rows
                fields = [field for field in file.schema_arrow if self._is_plain(field.type)]
                codecs = _codecs(file.metadata)
        except (OSError, self._arrow.ArrowException) as error:
            raise unreadable(path, _reason(error)) from None
        self._refuse(codecs)
        self._header: list[str] = [field.name for field in fields]

    @property
    def header(self) -> list[str]:
        """See `Rows`."""
        return self._header

    @property
    def share(self) -> float:
        """See `Rows`."""
        return min(1.0, self._read / max(1, self._rows))

    def __iter__(self) -> Iterator[tuple[int, Row | BadRow]]:
        """See `Rows`.

        Raises:
            InvalidFile: a part of the file can't be read.
        """
        self._read = 0
        try:
            with self._parquet.ParquetFile(self._path) as file:
                for batch in file.iter_batches(_BATCH_ROWS, columns=self._header):
                    yield from self._numbered(batch)
        except (OSError, self._arrow.ArrowException) as error:
            behind = tr("behind row {n}: ", "depois da linha {n}: ", n=self._read)
            raise unreadable(self._path, behind + _reason(error)) from None

    def _numbered(self, batch: Any) -> Iterator[tuple[int, Row | BadRow]]:
        columns = [self._texts(column) for column in batch.columns]
        for values in zip(*columns, strict=True):
            line, self._read = self._read + _FIRST_LINE, self._read + 1
            bad = next((value for value in values if isinstance(value, BadRow)), None)
            yield line, bad or dict(zip(batch.schema.names, values, strict=True))

    def _texts(self, column: Any) -> Iterable[str | BadRow]:
        text, plain = self._converter(column.type), self._simplified(column)
        for value in plain.to_pylist():
            try:
                yield "" if value is None else text(value)
            except UnicodeDecodeError:
                yield BadRow(tr("not UTF-8", "não é UTF-8"))

    def _simplified(self, column: Any) -> Any:
        """Return a column whose values Python has, to the microsecond, times of a zone in UTC."""
        types = self._arrow.types
        if types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if types.is_timestamp(column.type):
            zone = None if column.type.tz is None else "UTC"
            return column.cast(self._arrow.timestamp("us", zone), safe=False)
        if types.is_float32(column.type) or types.is_float16(column.type):
            # The shortest text that says it; as a wider number it would get digits of its own.
            return column.cast(self._arrow.string())
        return column

    def _converter(self, kind: Any) -> Text:
        types = self._arrow.types
        if types.is_dictionary(kind):
            return self._converter(kind.value_type)
        if types.is_boolean(kind):
            return _of_boolean
        if types.is_temporal(kind):
            return _of_time
        if types.is_floating(kind):
            return _of_float
        if types.is_decimal(kind):
            return _of_decimal
        return _of_bytes if self._is_bytes(kind) else str

    def _is_plain(self, kind: Any) -> bool:
        types = self._arrow.types
        if types.is_dictionary(kind):
            return self._is_plain(kind.value_type)
        simple = types.is_boolean, types.is_integer, types.is_floating, types.is_decimal
        texts = types.is_string, types.is_large_string, types.is_null, self._is_bytes
        times = types.is_timestamp, types.is_date
        return any(is_one(kind) for is_one in (*simple, *texts, *times))

    def _is_bytes(self, kind: Any) -> bool:
        # What older writers call text.
        return bool(self._arrow.types.is_binary(kind) or self._arrow.types.is_large_binary(kind))

    def _has(self, codec: str) -> bool:
        try:
            return bool(self._arrow.Codec.is_available(codec.lower()))
        except ValueError:  # it has not even heard of it
            return False

    def _refuse(self, codecs: set[str]) -> None:
        for codec in sorted(codecs):
            if codec != "UNCOMPRESSED" and not self._has(codec):
                why = tr(
                    "its compression {codec} is not supported; gzip, snappy, zstd, lz4, brotli are",
                    "a compressão {codec} não é suportada; gzip, snappy, zstd, lz4, brotli são",
                    codec=codec,
                )
                raise unreadable(self._path, why)


def _libraries() -> tuple[Any, Any]:
    try:
        import pyarrow  # noqa: PLC0415 - of the extra `parquet`
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError:
        raise UserError(
            tr(
                "pyarrow is not installed here: ./workshop replay FILE.parquet installs it",
                "o pyarrow não está instalado aqui: ./workshop replay ARQUIVO.parquet o instala",
            )
        ) from None
    return pyarrow, pyarrow.parquet


def _codecs(metadata: Any) -> set[str]:
    return {
        metadata.row_group(group).column(column).compression
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    }


def _reason(error: Exception) -> str:
    return " ".join(f"{error}".split())[:_LONGEST_REASON]


def _of_boolean(value: bool) -> str:
    return "true" if value else "false"


def _of_time(value: datetime | date) -> str:
    return value.isoformat()


def _of_float(value: float | str) -> str:
    text = f"{value}"
    return "" if text == "nan" else text


def _of_decimal(value: Decimal) -> str:
    return f"{value:f}"


def _of_bytes(value: bytes) -> str:
    return value.decode("utf-8")
