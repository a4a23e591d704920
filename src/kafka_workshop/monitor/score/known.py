"""What is known so far of alerts and labels: each id once, whatever the order and the repeats."""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.label import Label, Scenario

T = TypeVar("T", bound=tuple[object, ...])


class Raised(NamedTuple):
    """What the score needs of an alert; instants are event times, milliseconds UTC.

    `end` is when it was raised: the event time of the transaction that tripped the rule. `place` is
    empty if the alert is about the account.
    """

    alert_id: str
    rule: str
    account_id: str
    score: float
    start: int
    end: int
    policy: bool
    place: str = ""


class Fraud(NamedTuple):
    """What the score needs of a label: one transaction that was fraud, its terminal if any."""

    transaction_id: str
    scenario: Scenario
    episode_id: str
    account_id: str
    occurred_at: int
    available_at: int
    terminal_id: str = ""


class Known:
    """Alerts by id and labels by transaction: a few hundred bytes for each that the topics keep.

    Two records of one id that say different things are one record, the smaller as a tuple: so
    neither the order of reading nor a repeat changes a score.

    Attributes:
        complete_until: of what occurred up to here, milliseconds UTC, every label is known.
        since: event time of the first transaction, milliseconds UTC; None if nobody told.
    """

    def __init__(self) -> None:
        self._alerts: dict[str, Raised] = {}
        self._labels: dict[str, Fraud] = {}
        self.complete_until = 0
        self.since: int | None = None

    @property
    def alerts(self) -> Iterable[Raised]:
        """All alerts, in no order."""
        return self._alerts.values()

    @property
    def labels(self) -> Iterable[Fraud]:
        """All labels, in no order."""
        return self._labels.values()

    def add_alert(self, alert: Alert) -> None:
        """Take an alert in."""
        window = alert.window_start, alert.window_end
        said = alert.alert_id, alert.rule, alert.account_id, alert.score
        _keep(self._alerts, alert.alert_id, Raised(*said, *window, alert.policy, alert.place or ""))

    def add_label(self, label: Label) -> None:
        """Take a label in."""
        times = label.occurred_at, label.available_at
        said = label.transaction_id, label.scenario, label.episode_id, label.account_id
        _keep(self._labels, label.transaction_id, Fraud(*said, *times, label.terminal_id or ""))


def _keep(known: dict[str, T], key: str, value: T) -> None:
    before = known.get(key)
    known[key] = value if before is None else min(before, value)
