"""The newest alerts and what people decided about them, folded from the records of two topics."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.triage import State, Triage
from kafka_workshop.errors import Undecodable
from kafka_workshop.masking import masked_bytes
from kafka_workshop.messaging.alert_codec import decode_alert
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.triage_codec import decode_triage

NEWEST = 2_000
# More than there are alerts, because a decision may be read before its alert, or outlive it.
_DECISIONS = 10_000


@dataclass(frozen=True)
class Raised:
    """An alert, when it was written (ms UTC), and where it stands in the topic of alerts."""

    alert: Alert
    at_ms: int
    partition: int
    offset: int

    @property
    def age(self) -> tuple[int, int, int]:
        """What tells the older from the newer."""
        return self.at_ms, self.partition, self.offset


@dataclass(frozen=True)
class Alerts:
    """What is known of the alerts now.

    Attributes:
        version: grows with every change.
        raised: the newest, newest first, by id.
        triage: the newest decision by the alert's id; `open` where there is none.
        missing: whether there is no topic of alerts yet.
        undecodable: records that are no alert; `misread`: records that are no decision.
    """

    version: int = 0
    raised: Mapping[str, Raised] = field(default_factory=dict)
    triage: Mapping[str, Triage] = field(default_factory=dict)
    missing: bool = False
    undecodable: int = 0
    misread: int = 0

    def state_of(self, alert_id: str) -> State:
        """Return what was decided about an alert."""
        decision = self.triage.get(alert_id)
        return decision.state if decision else "open"


def _masked(value: bytes | None) -> bytes | None:
    return None if value is None else masked_bytes(value)


class Known:
    """Folds records; holds the newest `limit` alerts, and a bounded number of decisions."""

    def __init__(self, limit: int = NEWEST) -> None:
        self._limit = limit
        self._raised: dict[str, Raised] = {}
        self._triage: dict[str, Triage] = {}
        self._undecodable = self._misread = 0
        self._missing = False
        self._changed = False
        self._shown = Alerts()

    def add_alert(self, record: Message) -> None:
        """Take in a record of the topic of alerts."""
        self._changed = True
        try:
            alert = decode_alert(_masked(record.value))
        except Undecodable:
            self._undecodable += 1
            return
        raised = Raised(alert, record.timestamp_ms, record.partition, record.offset)
        self._raised[alert.alert_id] = raised
        if len(self._raised) > 2 * self._limit:
            self._raised = self._newest()

    def add_decision(self, record: Message) -> None:
        """Take in a record of the topic of decisions; one without a value takes it back."""
        self._changed = True
        try:
            alert_id, decision = decode_triage(record.key, _masked(record.value))
        except Undecodable:
            self._misread += 1
            return
        self._triage.pop(alert_id, None)
        if decision is not None:
            self._triage[alert_id] = decision
        if len(self._triage) > _DECISIONS:
            del self._triage[next(iter(self._triage))]

    def forget_alerts(self) -> None:
        """Begin anew, because the topic of alerts did."""
        self._raised, self._undecodable, self._changed = {}, 0, True

    def forget_decisions(self) -> None:
        """Begin anew, because the topic of decisions did."""
        self._triage, self._misread, self._changed = {}, 0, True

    def say_missing(self, missing: bool) -> None:
        """Take in whether there is no topic of alerts."""
        self._changed = self._changed or missing != self._missing
        self._missing = missing

    def shown(self) -> Alerts:
        """Return what is known now; the same value as before where nothing changed."""
        if self._changed:
            self._changed = False
            self._raised = self._newest()
            self._shown = Alerts(
                self._shown.version + 1,
                dict(self._raised),
                dict(self._triage),
                self._missing,
                self._undecodable,
                self._misread,
            )
        return self._shown

    def _newest(self) -> dict[str, Raised]:
        ordered = sorted(self._raised.items(), key=lambda item: item[1].age, reverse=True)
        return dict(ordered[: self._limit])
