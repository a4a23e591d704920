"""Which format a file of rows has: told by what it begins with, not by its name alone."""

from pathlib import Path

from kafka_workshop.replay.parquet import MAGIC, SUFFIXES, ParquetRows
from kafka_workshop.replay.rows import CsvRows, Rows, unreadable


def open_rows(path: Path) -> Rows:
    """Return the rows of a file, its header read.

    Raises:
        InvalidFile: it can't be read, is empty, or is neither CSV nor Parquet.
        UserError: it is Parquet, and what reads that is not installed here.
    """
    try:
        with path.open("rb") as file:
            begins = file.read(len(MAGIC))
    except OSError as error:
        raise unreadable(path, f"{error.strerror}") from None
    if begins == MAGIC or path.suffix.lower() in SUFFIXES:
        return ParquetRows(path)
    return CsvRows(path).open()
