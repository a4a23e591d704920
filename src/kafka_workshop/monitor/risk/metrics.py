"""How well scores tell fraud from the rest, whatever the threshold: pure functions.

Equal scores are one threshold: they are taken together, never in the order in which they came.

Sources: [1] T. Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006.
[2] Y.-A. Le Borgne et al., Reproducible Machine Learning for Credit Card Fraud Detection, 2022,
chapter 4.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from typing import NamedTuple

# A transaction's score, 0 to 1, and whether it was fraud.
Judged = tuple[float, bool]


class Point(NamedTuple):
    """What is found if every score from `threshold` on is looked at."""

    threshold: float
    recall: float
    precision: float
    false_positive_rate: float


def curve(judged: Iterable[Judged]) -> list[Point]:
    """Return a point for each different score, the highest first.

    Raises:
        ValueError: there is no fraud, or nothing but fraud: nothing can be told apart.
    """
    ranked = sorted(judged, reverse=True)
    frauds = sum(fraud for _, fraud in ranked)
    honest = len(ranked) - frauds
    if not frauds or not honest:
        raise ValueError("one class only")
    return [
        Point(threshold, hits / frauds, hits / (hits + misses), misses / honest)
        for threshold, hits, misses in _counts(ranked)
    ]


def _counts(ranked: Iterable[Judged]) -> Iterator[tuple[float, int, int]]:
    """Yield each threshold with the frauds and the honest ones from it on."""
    hits = misses = 0
    for threshold, group in groupby(ranked, key=lambda judged: judged[0]):
        for _, fraud in group:
            hits += fraud
            misses += not fraud
        yield threshold, hits, misses


def roc_auc(points: Iterable[Point]) -> float:
    """Return the area under the ROC curve: how often a fraud scores higher than an honest one."""
    corners = [(0.0, 0.0), *((p.false_positive_rate, p.recall) for p in points)]
    return sum((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in pairwise(corners))


def average_precision(points: Iterable[Point]) -> float:
    """Return the precision at each threshold, weighted by the recall that it adds."""
    reached, total = 0.0, 0.0
    for point in points:
        total += (point.recall - reached) * point.precision
        reached = point.recall
    return total
