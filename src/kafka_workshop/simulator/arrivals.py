"""When transactions happen and whose hour it is: day and night, weekdays, time zones."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import accumulate

from kafka_workshop.domain.local_time import local, national_zone, zone_of
from kafka_workshop.simulator.behaviour import CHRONOTYPES, activity
from kafka_workshop.simulator.draws import BLOCK, table
from kafka_workshop.simulator.population import Account, Population

_HOUR_MS = 3_600_000
_DRAW = 2**32


class Activity:
    """Picks accounts by how active they are, at their own local time or regardless of it."""

    def __init__(self, population: Population) -> None:
        groups: dict[tuple[str, int], list[Account]] = defaultdict(list)
        self._zones = {
            zone_of(account.uf).key: zone_of(account.uf) for account in population.accounts
        }
        for account in population.accounts:
            key = (zone_of(account.uf).key, account.chronotype)
            groups[key] += [account] * account.activity
        self._groups = [(*key, tuple(members)) for key, members in groups.items()]
        self._everyone = tuple(a for a in population.accounts for _ in range(a.activity))
        self._hour = -1
        self._cumulative: list[int] = []
        self._known: dict[tuple[tuple[int, int], ...], list[int]] = {}

    def anyone(self, draw: int) -> Account:
        """Return the account that a draw picks whatever the time, busy ones more often."""
        return self._everyone[draw * len(self._everyone) >> 32]

    def at(self, instant: int, draw_group: int, draw: int) -> Account:
        """Return the account that two draws pick at an instant, in milliseconds UTC."""
        hour = instant // _HOUR_MS
        if hour != self._hour:
            self._hour, self._cumulative = hour, self._weights(hour * _HOUR_MS)
        cumulative = self._cumulative
        members = self._groups[bisect(cumulative, draw_group * cumulative[-1] >> 32)][2]
        return members[draw * len(members) >> 32]

    def _weights(self, instant: int) -> list[int]:
        times = {key: local(instant, zone) for key, zone in self._zones.items()}
        known = tuple((time.weekday(), time.hour) for time in times.values())
        if known not in self._known:
            self._known[known] = list(
                accumulate(
                    len(members) * activity(times[zone], CHRONOTYPES[chronotype].hours_later)
                    for zone, chronotype, members in self._groups
                )
            )
        return self._known[known]


def history_instants(seed: int, start_ms: int, end_ms: int, count: int) -> Iterator[int]:
    """Yield `count` instants in [start_ms, end_ms), sorted, milliseconds UTC.

    They follow the hours and weekdays of Brasília: the span is cut into `count` pieces of equal
    expected activity, and one instant is drawn in each. So they come sorted without being kept.

    Raises:
        ValueError: instants are wanted of an empty span.
    """
    if count > 0 and start_ms >= end_ms:
        raise ValueError("the span of the history is empty")
    spans = _spans(start_ms, end_ms)
    total = sum(weight * length for _, length, weight in spans)
    place = _inverse(spans)
    for position, draw in enumerate(_uniform(seed, count)):
        yield place((position * _DRAW + draw) * total // (count * _DRAW))


def _spans(start_ms: int, end_ms: int) -> list[tuple[int, int, int]]:
    """Return (start, length, activity) of each hour, the first and the last cut."""
    zone = national_zone()
    spans: list[tuple[int, int, int]] = []
    for hour in range(start_ms // _HOUR_MS, (end_ms - 1) // _HOUR_MS + 1):
        start = max(start_ms, hour * _HOUR_MS)
        length = min(end_ms, (hour + 1) * _HOUR_MS) - start
        spans.append((start, length, activity(local(start, zone))))
    return spans


def _inverse(spans: list[tuple[int, int, int]]) -> Callable[[int], int]:
    """Return the function from accumulated activity to the instant where it is reached."""
    bounds = list(accumulate((weight * length for _, length, weight in spans), initial=0))

    def place(reached: int) -> int:
        index = bisect(bounds, reached) - 1
        start, _, weight = spans[index]
        return start + (reached - bounds[index]) // weight

    return place


def _uniform(seed: int, count: int) -> Iterator[int]:
    for block in range(-(-count // BLOCK)):
        rows = table(seed, block, "instants")
        for row, _ in zip(rows, range(count - block * BLOCK), strict=False):
            yield row[0]
