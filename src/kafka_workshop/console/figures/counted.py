"""What the monitor has counted since this console began to follow it: counters that only grow."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kafka_workshop.domain.rulebook import RULES
from kafka_workshop.messaging.kpi_codec import Kpi

# Whatever else a record names counts here, so that nobody's records grow us.
OTHER_RULE = "other"


@dataclass(frozen=True)
class Counted:
    """Transactions, their minor units of BRL, how many were declined; dead letters; alerts by rule.

    >>> Counted().plus(Kpi(0, 5, 0, count=2, alerts={"velocity": 1, "<b>": 1})).alerts
    {'velocity': 1, 'other': 1}
    """

    transactions: int = 0
    amount: int = 0
    declined: int = 0
    dead: int = 0
    alerts: Mapping[str, int] = field(default_factory=dict)

    def plus(self, kpi: Kpi) -> "Counted":
        """Return the counts with one more record."""
        alerts = dict(self.alerts)
        for rule, count in kpi.alerts.items():
            name = rule if rule in RULES else OTHER_RULE
            alerts[name] = alerts.get(name, 0) + count
        return Counted(
            self.transactions + kpi.count,
            self.amount + kpi.amount,
            self.declined + kpi.declined,
            self.dead + kpi.dead,
            alerts,
        )
