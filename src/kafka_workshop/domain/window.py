"""Event-time windows in bounded memory: rings of buckets, and lists of the last few entries.

Both are plain lists of integers, so that a profile which holds them is flat and quick to encode. A
late event is counted in the bucket where it belongs, unless that has left the window.
"""

from collections.abc import Sequence


def ring(buckets: int) -> list[int]:
    """Return an empty ring: the newest bucket's number, then one count for each bucket."""
    return [0] * (buckets + 1)


def add(counts: list[int], bucket: int, amount: int = 1) -> None:
    """Add to a bucket, numbered by event time (instant // width, above 0), and move on to it.

    >>> counts = ring(3)
    >>> add(counts, 10); add(counts, 11); add(counts, 10); add(counts, 8)
    >>> total(counts)
    3
    >>> add(counts, 13); total(counts)
    2
    """
    newest, size = counts[0], len(counts) - 1
    if bucket > newest:
        _advance(counts, bucket)
    elif bucket <= newest - size:
        return  # too late: its bucket has left the window
    counts[1 + bucket % size] += amount


def _advance(counts: list[int], bucket: int) -> None:
    newest, size = counts[0], len(counts) - 1
    if bucket - newest >= size:
        counts[1:] = [0] * size
    else:
        for passed in range(newest + 1, bucket + 1):
            counts[1 + passed % size] = 0
    counts[0] = bucket


def total(counts: list[int]) -> int:
    """Return the sum over the window that ends with the newest bucket."""
    return sum(counts) - counts[0]


def before_newest(counts: list[int]) -> list[int]:
    """Return the counts of the buckets before the newest one, the latest first.

    >>> counts = ring(3)
    >>> add(counts, 10); add(counts, 11, 5); add(counts, 12)
    >>> before_newest(counts)
    [5, 1]
    """
    newest, size = counts[0], len(counts) - 1
    return [counts[1 + (newest - back) % size] for back in range(1, size)]


def remember(entries: list[int], keep: int, entry: Sequence[int]) -> None:
    """Append an entry (its first integer is its time) and forget the oldest arrivals beyond `keep`.

    >>> entries = [1, 100, 2, 200]
    >>> remember(entries, 2, (3, 300)); entries
    [2, 200, 3, 300]
    """
    entries.extend(entry)
    excess = len(entries) - keep * len(entry)
    if excess > 0:
        del entries[:excess]


def within(entries: list[int], width: int, after: int, until: int) -> list[tuple[int, ...]]:
    """Return the entries, `width` integers each, whose time lies in (after, until], as they came.

    >>> within([1, 100, 2, 200, 9, 900], 2, 1, 8)
    [(2, 200)]
    """
    return [
        tuple(entries[at : at + width])
        for at in range(0, len(entries), width)
        if after < entries[at] <= until
    ]
