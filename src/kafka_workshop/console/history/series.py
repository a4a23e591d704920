"""All histories of one cluster: an hour in steps of five seconds, a day in minutes."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from kafka_workshop.console.history.ring import Ring

# Throughput of a topic in messages a second, lag of a group in messages.
Kind = Literal["topic", "group"]
Span = Literal["hour", "day"]
FINE_MS, FINE_SIZE = 5_000, 720
COARSE_MS, COARSE_SIZE = 60_000, 1_440
_FINE_IN_COARSE = COARSE_MS // FINE_MS
# Of topics, and of groups: with both rings some 8.6 kB each.
MAX_SERIES = 200


@dataclass(frozen=True)
class Window:
    """A span of one history: each step's instant (ms since the epoch) with its value, in order.

    `points` holds what is known; a `None` stands where that breaks off.
    """

    start_ms: int
    end_ms: int
    step_ms: int
    points: tuple[tuple[int, float | None], ...]


class Series:
    """The history of one figure, fine and coarse.

    A minute of lag is its highest value, for a short peak matters; one of throughput is the mean,
    so that the messages of a day can be added up.
    """

    def __init__(self, kind: Kind, fine: Ring | None = None, coarse: Ring | None = None) -> None:
        self.kind = kind
        self.fine = fine or Ring(FINE_MS, FINE_SIZE)
        self.coarse = coarse or Ring(COARSE_MS, COARSE_SIZE)

    def record(self, at_ms: int, value: float) -> None:
        """Keep a value; the minute is made anew from its steps, so nothing else is remembered."""
        self.fine.put(at_ms // FINE_MS, value)
        minute = at_ms // COARSE_MS
        first = minute * _FINE_IN_COARSE
        steps = map(self.fine.at, range(first, first + _FINE_IN_COARSE))
        known = [step for step in steps if step is not None]
        if known:
            joined = max(known) if self.kind == "group" else sum(known) / len(known)
            self.coarse.put(minute, joined)

    def window(self, span: Span, now_ms: int) -> Window:
        """Return its last hour or day."""
        ring = self.fine if span == "hour" else self.coarse
        last = now_ms // ring.step_ms
        first = last - ring.size + 1
        slots = range(first, last + 1)
        points = tuple(_without_repeated_gaps(ring, slots))
        return Window(first * ring.step_ms, (last + 1) * ring.step_ms, ring.step_ms, points)


def _without_repeated_gaps(ring: Ring, slots: range) -> Iterable[tuple[int, float | None]]:
    broken = True
    for slot in slots:
        value = ring.at(slot)
        # The step that goes on now is no gap: its value may still come.
        if value is not None or (not broken and slot != slots[-1]):
            yield slot * ring.step_ms, value
        broken = value is None


class History:
    """The histories of one cluster; any thread may read while another one records."""

    def __init__(self, cluster: str = "", limit: int = MAX_SERIES) -> None:
        self.cluster, self._limit = cluster, limit
        self._lock = threading.Lock()
        self._series: dict[tuple[Kind, str], Series] = {}

    def record(self, cluster: str, kind: Kind, at_ms: int, values: Mapping[str, float]) -> None:
        """Keep what was measured at `at_ms`; another cluster's history is forgotten first."""
        with self._lock:
            if cluster != self.cluster:
                self.cluster = cluster
                self._series.clear()
            for name, value in values.items():
                series = self._series.get((kind, name))
                if series is not None:
                    series.record(at_ms, value)
            self._admit(kind, at_ms, values)

    def window(self, kind: Kind, name: str, span: Span, now_ms: int) -> Window | None:
        """Return a span up to `now_ms`; `None` if nothing was ever known, or there was no room."""
        with self._lock:
            series = self._series.get((kind, name))
            return series.window(span, now_ms) if series else None

    def full(self, kind: Kind) -> bool:
        """Return whether there is no room for another one of this kind."""
        with self._lock:
            return self._count(kind) >= self._limit

    def all(self) -> list[tuple[str, Series]]:
        """Return each name with its history, for what saves them; not to be changed."""
        with self._lock:
            return [(name, series) for (_, name), series in self._series.items()]

    def restore(self, cluster: str, found: Iterable[tuple[str, Series]]) -> None:
        """Take up what was kept before."""
        with self._lock:
            self.cluster = cluster
            self._series = {(series.kind, name): series for name, series in found}

    def _admit(self, kind: Kind, at_ms: int, values: Mapping[str, float]) -> None:
        """Begin those that are new; the largest first, for there may not be room for all."""
        fresh = [name for name in values if (kind, name) not in self._series]
        for name in sorted(fresh, key=lambda name: -values[name]):
            if self._count(kind) >= self._limit and not self._make_room(kind, at_ms):
                return
            series = self._series[kind, name] = Series(kind)
            series.record(at_ms, values[name])

    def _count(self, kind: Kind) -> int:
        return sum(each == kind for each, _ in self._series)

    def _make_room(self, kind: Kind, at_ms: int) -> bool:
        """Forget the one of which nothing was known for longest, if that is an hour or more."""
        oldest = min(
            (key for key in self._series if key[0] == kind),
            key=lambda key: self._series[key].fine.newest,
        )
        gone = self._series[oldest].fine.newest <= at_ms // FINE_MS - FINE_SIZE
        if gone:
            del self._series[oldest]
        return gone
