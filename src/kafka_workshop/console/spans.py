"""What of a topic is still to be searched, as spans of offsets: nothing twice, nothing forgotten.

A span is a half-open range of offsets. A search goes on in rounds; each takes a piece of every
partition, from the new end or from the old one, and gives back what it did not get to.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True)
class Remaining:
    """The spans of each partition that are left, in order of offset; partitions without are out."""

    spans: Mapping[int, tuple[Span, ...]]

    @property
    def offsets(self) -> int:
        """How many offsets are left: an estimate of the messages where a log has gaps."""
        return sum(high - low for spans in self.spans.values() for low, high in spans)

    def piece(self, width: int, *, backwards: bool) -> dict[int, Span]:
        """Return the next span of each partition, at most `width` offsets wide."""
        if backwards:
            last = {p: spans[-1] for p, spans in self.spans.items()}
            return {p: (max(low, high - width), high) for p, (low, high) in last.items()}
        first = {p: spans[0] for p, spans in self.spans.items()}
        return {p: (low, min(high, low + width)) for p, (low, high) in first.items()}

    def without(self, covered: Mapping[int, Span]) -> "Remaining":
        """Return what is left once these spans were searched, one a partition."""
        left = {p: _cut(spans, covered.get(p, (0, 0))) for p, spans in self.spans.items()}
        return Remaining({p: spans for p, spans in left.items() if spans})


def remaining(bounds: Mapping[int, Span]) -> Remaining:
    """Return all of `bounds` as still to be searched."""
    return Remaining({p: ((low, high),) for p, (low, high) in bounds.items() if low < high})


def _cut(spans: tuple[Span, ...], covered: Span) -> tuple[Span, ...]:
    begin, end = covered
    pieces = [
        piece
        for low, high in spans
        for piece in ((low, min(high, max(low, begin))), (max(low, min(high, end)), high))
        if begin < end
    ]
    return tuple((low, high) for low, high in pieces if low < high) if pieces else spans
