"""What stage account counts: one record for each input partition and transaction of the stage.

Counts of all records sum to what the group has processed, dead letters included, each message
once: they are committed with the offsets.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec

from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import Undecodable
from kafka_workshop.monitor.stage.values import Output
from kafka_workshop.totals import state_of

# Of a kind or a state: how many, minor units of BRL, how many were declined.
Cell = list[int]


class Kpi(msgspec.Struct):
    """Deltas of one partition: what was processed since the record before.

    Attributes:
        partition, until: the input's; the offset after the last message counted here.
        at: wall clock at its commit, whole seconds since the epoch, UTC.
        count: transactions processed; `amount` in minor units, `declined` how many were.
        dead: messages that went to the dead letters.
        by_kind, by_uf: count, amount and declined of each kind and state (`--`: none named).
        alerts: raised, by rule.
    """

    partition: int
    until: int
    at: int
    count: int = 0
    amount: int = 0
    declined: int = 0
    dead: int = 0
    by_kind: dict[str, Cell] = msgspec.field(default_factory=dict)
    by_uf: dict[str, Cell] = msgspec.field(default_factory=dict)
    alerts: dict[str, int] = msgspec.field(default_factory=dict)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Kpi)


def decode_kpi(value: bytes | None) -> Kpi:
    """Return the deltas that a record says.

    Raises:
        Undecodable: it says none.
    """
    try:
        return _decoder.decode(value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Undecodable("wrong-shape", "no KPI record") from None


class AccountCounts:
    """Counts transactions and alerts; see `Kpi` for what."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self.count = self.amount = self.declined = self.dead = 0
        self.by_kind: dict[str, Cell] = {}
        self.by_uf: dict[str, Cell] = {}
        self.alerts: Counter[str] = Counter()

    def add(self, event: Transaction, result: Iterable[Alert]) -> None:
        """Count a transaction and the alerts that it raised."""
        amount, declined = event.amount, event.status == "declined"
        self.count += 1
        self.amount += amount
        self.declined += declined
        for cells, name in ((self.by_kind, event.kind), (self.by_uf, state_of(event))):
            cell = cells.get(name)
            if cell is None:
                cell = cells[name] = [0, 0, 0]
            cell[0] += 1
            cell[1] += amount
            cell[2] += declined
        for alert in result:
            self.alerts[alert.rule] += 1

    def add_dead(self) -> None:
        """Count a message that went to the dead letters."""
        self.dead += 1

    def merge(self, other: "AccountCounts") -> None:
        """Add what `other` has counted."""
        self.count += other.count
        self.amount += other.amount
        self.declined += other.declined
        self.dead += other.dead
        self.alerts.update(other.alerts)
        for ours, theirs in ((self.by_kind, other.by_kind), (self.by_uf, other.by_uf)):
            for name, cell in theirs.items():
                ours[name] = [a + b for a, b in zip(ours.get(name, [0, 0, 0]), cell, strict=True)]

    def record(self, partition: int, until: int, now_ms: int) -> Output:
        """Return the record that says the deltas."""
        kpi = Kpi(
            partition,
            until,
            now_ms // 1000,
            self.count,
            self.amount,
            self.declined,
            self.dead,
            self.by_kind,
            self.by_uf,
            dict(self.alerts),
        )
        return Output(self._topic, b"%d" % partition, _encoder.encode(kpi))
