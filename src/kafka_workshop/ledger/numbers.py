"""Sets of sequence numbers: which are there, which came twice, which are missing."""

from collections.abc import Iterable, Iterator

import msgspec

# Numbers that share one integer used as a bitmap. Small, so that a stranger's scattered numbers
# cost little; dense ones take a bit each and some forty bytes a block.
BLOCK = 1024
SHOWN = 5
Range = tuple[int, int]


class Some(msgspec.Struct, frozen=True):
    """How many of something, and the first few of them by name."""

    count: int = 0
    first: tuple[str, ...] = ()

    def plus(self, count: int, named: Iterable[str]) -> "Some":
        """Return it with so many more; only as many names are kept as are shown."""
        room = SHOWN - len(self.first)
        kept = tuple(name for name, _ in zip(named, range(room), strict=False)) if room else ()
        return Some(self.count + count, self.first + kept)


class Numbers:
    """A set of whole numbers, dense or not.

    >>> numbers = Numbers()
    >>> [numbers.add(n) for n in (0, 1, 3, 1)]
    [True, True, True, False]
    >>> list(numbers.missing(0, 5)), len(numbers)
    ([2, 4], 3)
    """

    def __init__(self) -> None:
        self._blocks: dict[int, int] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, number: int) -> bool:
        """Add a number; return whether it is new."""
        block, bit = number // BLOCK, 1 << number % BLOCK
        bits = self._blocks.get(block, 0)
        if bits & bit:
            return False
        self._blocks[block] = bits | bit
        self._count += 1
        return True

    def count(self, first: int, until: int) -> int:
        """Return how many numbers there are in [first, until)."""
        blocks = range(first // BLOCK, -(-until // BLOCK))
        if len(blocks) > len(self._blocks):  # a range that somebody made up may be endless
            there = (block * BLOCK for block in self._blocks if block in blocks)
        else:
            there = (block * BLOCK for block in blocks)
        return sum((bits & mask).bit_count() for _, bits, mask in self._masked(there, first, until))

    def missing(self, first: int, until: int) -> Iterator[int]:
        """Yield the numbers of [first, until) that are not there, lowest first."""
        starts = range(first - first % BLOCK, until, BLOCK)
        for start, bits, mask in self._masked(starts, first, until):
            absent = mask & ~bits
            while absent:
                lowest = absent & -absent
                yield start + lowest.bit_length() - 1
                absent ^= lowest

    def _masked(
        self, starts: Iterable[int], first: int, until: int
    ) -> Iterator[tuple[int, int, int]]:
        """Yield each block's first number, its bits, and a mask of those within [first, until)."""
        for start in starts:
            low, high = max(first - start, 0), min(until - start, BLOCK)
            if low >= high:
                continue
            yield start, self._blocks.get(start // BLOCK, 0), (1 << high) - (1 << low)


def without(first: int, until: int, holes: Iterable[Range]) -> Iterator[Range]:
    """Yield what is left of [first, until) without `holes`, which are [from, to) and ordered.

    >>> list(without(0, 10, [(2, 3), (8, 12)]))
    [(0, 2), (3, 8)]
    """
    for start, end in holes:
        if first < min(start, until):
            yield first, min(start, until)
        first = max(first, end)
    if first < until:
        yield first, until


def add_to(ranges: list[Range], number: int, most: int) -> None:
    """Add a number to ordered ranges [from, to), at most so many: the last one swallows the rest.

    >>> ranges: list[Range] = []
    >>> for n in (1, 2, 5, 9):
    ...     add_to(ranges, n, most=2)
    >>> ranges
    [(1, 3), (5, 10)]
    """
    ranges.append((number, number + 1))
    ranges.sort()
    merged: list[Range] = []
    for start, end in ranges:
        if merged and (start <= merged[-1][1] or len(merged) == most):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    ranges[:] = merged
