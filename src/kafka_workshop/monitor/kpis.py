"""Counts what stage account has done, for the records of `messaging.kpi_codec`."""

from collections import Counter
from collections.abc import Iterable

from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.messaging.kpi_codec import Cell, Kpi, encode_kpi
from kafka_workshop.monitor.stage.values import Output
from kafka_workshop.totals import state_of


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
        return Output(self._topic, b"%d" % partition, encode_kpi(kpi))
