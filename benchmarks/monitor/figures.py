"""What is computed from measurements, and how it is shown; pure."""

from collections.abc import Iterable, Sequence
from math import ceil
from statistics import median
from typing import NamedTuple

from rich.table import Table

from kafka_workshop.language import current, tr


class Sample(NamedTuple):
    """How many transactions were `done` (committed) at a moment, seconds of a monotonic clock."""

    at: float
    done: int


class Row(NamedTuple):
    """A line of the table; `aim` is empty where there is none."""

    what: str
    measured: str
    aim: str = ""


class Result(NamedTuple):
    """What a part has measured: figures for the JSON, rows for a person."""

    figures: dict[str, object]
    rows: list[Row]


def percentile(values: Iterable[float], percent: float) -> float:
    """Return the smallest value that is at least as large as `percent` of them (nearest rank).

    Raises:
        ValueError: there are no values, or `percent` is not above 0 and at most 100.

    >>> percentile([30, 10, 20, 40], 50), percentile(range(1, 101), 99)
    (20, 99)
    """
    ordered = sorted(values)
    if not ordered or not 0 < percent <= 100:
        raise ValueError("a percentile needs values, and a percent above 0 and at most 100")
    return ordered[ceil(len(ordered) * percent / 100) - 1]


def rate(samples: Sequence[Sample]) -> float:
    """Return how many were done a second, from the first commit to the last full one.

    The samples are the commits seen from outside, each once, after one with 0 at the start. The
    first span holds starting and joining, the last commit comes when nothing is left, earlier or
    later than the interval says: neither is counted, if there are enough others.

    Raises:
        ValueError: nothing was done.

    >>> rate([Sample(0, 0), Sample(9, 100), Sample(10, 300), Sample(11, 500), Sample(19, 510)])
    200.0
    """
    commits = [sample for sample in samples if sample.done]
    if not commits:
        raise ValueError("nothing was committed")
    counted = commits[:-1] if len(commits) > 2 else samples[-2:]
    first, last = counted[0], counted[-1]
    return (last.done - first.done) / (last.at - first.at)


def less(value: float, than: float) -> float:
    """Return by how many percent a value is less than another, negative if it is more.

    >>> less(90, 100), less(110, 100)
    (10.0, -10.0)
    """
    return round(100 * (than - value) / than, 1)


def grown(values: Sequence[float]) -> float:
    """Return the largest of the second half minus the largest of the first.

    >>> grown([1, 5, 4, 6])
    1
    """
    half = len(values) // 2
    return max(values[half:]) - max(values[:half])


def middle(rates: Iterable[float]) -> int:
    """Return the median, whole."""
    return round(median(rates))


def number(value: float, digits: int = 0) -> str:
    """Return a number as a person of the current language writes it.

    >>> number(12_345), number(1.5, 1)
    ('12,345', '1.5')
    """
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if current() == "pt-BR" else text


def table(rows: Iterable[Row]) -> Table:
    """Return the table of all rows."""
    shown = Table(title="./workshop bench monitor")
    shown.add_column(tr("what", "o quê"))
    shown.add_column(tr("measured", "medido"), justify="right")
    shown.add_column(tr("aim", "meta"), justify="right")
    for row in rows:
        shown.add_row(*row)
    return shown
