"""What the monitor has counted in the last minute, folded from the records of its KPIs.

A record says at which second its counts were committed; so the figures are of what was processed
then, whenever they are read. The present second and the one before are still being written.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import get_args

from kafka_workshop.console.figures.counted import Counted
from kafka_workshop.domain.transaction import Kind, Uf
from kafka_workshop.errors import Undecodable
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.kpi_codec import Cell, Kpi, decode_kpi
from kafka_workshop.totals import NO_STATE

RATE_SECONDS, MINUTE = 10, 60
_OPEN_SECONDS = 1
# Seconds that a clock may be ahead of ours; what claims to be later is passed over.
_AHEAD = 5
# What a record may name; anything else counts under `OTHER`, so that nobody's records grow us.
OTHER = ""
_KINDS, _STATES = frozenset(get_args(Kind)), frozenset((*get_args(Uf), NO_STATE))


@dataclass(frozen=True)
class Part:
    """A kind's or state's part of the last minute: how many, minor units, and 0 to 1 of all."""

    name: str
    count: int
    amount: int
    share: float


@dataclass(frozen=True)
class Figures:
    """The figures; `None` where nothing is known.

    Attributes:
        rate, money: transactions and minor units of BRL a second, over the last `RATE_SECONDS`.
        count, declined, dead: transactions of the last minute, how many of them were declined,
            and messages that went to the dead letters.
        alerts: raised in the last minute.
        kinds, states: of the last minute, the largest first.
        missing: whether there is no topic of KPIs yet.
        misread: records that are no KPIs.
        counted: since we began to follow.
    """

    rate: float | None = None
    money: float | None = None
    count: int | None = None
    declined: int | None = None
    dead: int | None = None
    alerts: int | None = None
    kinds: tuple[Part, ...] = ()
    states: tuple[Part, ...] = ()
    missing: bool = False
    misread: int = 0
    counted: Counted = field(default_factory=Counted)

    @property
    def approval(self) -> float | None:
        """The share of the last minute's transactions that were approved, 0 to 1."""
        if not self.count or self.declined is None:
            return None
        return 1 - self.declined / self.count


@dataclass
class _Counts:
    count: int = 0
    amount: int = 0
    declined: int = 0
    dead: int = 0
    alerts: int = 0
    kinds: dict[str, list[int]] = field(default_factory=dict)
    states: dict[str, list[int]] = field(default_factory=dict)

    def add(self, kpi: Kpi) -> None:
        self.count += kpi.count
        self.amount += kpi.amount
        self.declined += kpi.declined
        self.dead += kpi.dead
        self.alerts += sum(kpi.alerts.values())
        _add(self.kinds, kpi.by_kind, _KINDS)
        _add(self.states, kpi.by_uf, _STATES)


def _add(ours: dict[str, list[int]], cells: dict[str, Cell], names: frozenset[str]) -> None:
    for name, (count, amount, _) in cells.items():
        cell = ours.setdefault(name if name in names else OTHER, [0, 0])
        cell[0] += count
        cell[1] += amount


class Known:
    """Folds records; holds one set of counts for each second of the last minute."""

    def __init__(self) -> None:
        self._seconds: dict[int, _Counts] = {}
        self._taken = self._misread = 0
        self._missing, self._counted = False, Counted()
        self._drawn: tuple[int, int, bool] | None = None
        self._shown = Figures()

    def add(self, record: Message, now_ms: int) -> None:
        """Take in a record, at `now_ms` of our clock."""
        self._taken += 1
        try:
            kpi = decode_kpi(record.value)
        except Undecodable:
            self._misread += 1
            return
        self._counted = self._counted.plus(kpi)
        now = now_ms // 1000
        if now - MINUTE - _OPEN_SECONDS <= kpi.at <= now + _AHEAD:
            self._seconds.setdefault(kpi.at, _Counts()).add(kpi)

    def forget(self) -> None:
        """Begin anew, because the topic did."""
        self._seconds, self._misread = {}, 0
        self._taken += 1

    def say_missing(self, missing: bool) -> None:
        """Take in whether there is no topic of KPIs."""
        self._missing = missing

    def shown(self, now_ms: int) -> Figures:
        """Return the figures; the same value as before within a second in which nothing came."""
        now = now_ms // 1000
        drawn = now, self._taken, self._missing
        if drawn != self._drawn:
            self._drawn = drawn
            self._seconds = {
                at: counts
                for at, counts in self._seconds.items()
                if at >= now - MINUTE - _OPEN_SECONDS
            }
            self._shown = self._figures(now - _OPEN_SECONDS)
        return self._shown

    def _figures(self, until: int) -> Figures:
        if self._missing:
            return Figures(missing=True, misread=self._misread)
        minute = self._between(until - MINUTE, until)
        latest = self._between(until - RATE_SECONDS, until)
        return Figures(
            rate=sum(each.count for each in latest) / RATE_SECONDS,
            money=sum(each.amount for each in latest) / RATE_SECONDS,
            count=sum(each.count for each in minute),
            declined=sum(each.declined for each in minute),
            dead=sum(each.dead for each in minute),
            alerts=sum(each.alerts for each in minute),
            kinds=_parts(each.kinds for each in minute),
            states=_parts(each.states for each in minute),
            misread=self._misread,
            counted=self._counted,
        )

    def _between(self, first: int, until: int) -> list[_Counts]:
        return [counts for at, counts in self._seconds.items() if first <= at < until]


def _parts(seconds: Iterable[dict[str, list[int]]]) -> tuple[Part, ...]:
    sums: dict[str, list[int]] = {}
    for cells in seconds:
        for name, (count, amount) in cells.items():
            cell = sums.setdefault(name, [0, 0])
            cell[0] += count
            cell[1] += amount
    whole = sum(count for count, _ in sums.values())
    found = [Part(n, count, amount, count / whole) for n, (count, amount) in sums.items() if count]
    return tuple(sorted(found, key=lambda part: (-part.count, part.name)))
