"""The merchant detector: a fold of what happens at one place, in the order of its offsets.

State and one event give the new state and the alerts. Time comes from the events alone.

- A place hears from many accounts, whose order among each other nobody keeps; so a late event is
  judged as of the newest one, and nothing is said about the past.
- After an alert a rule stays silent about the place for the rule's window, and no two alerts of a
  rule and place begin at the same time: so none share an id.
- A label alone raises nothing: what it changes is said with the next payment.
- Repeated transactions don't get here: stage account leaves them out.
"""

from typing import NamedTuple

from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.merchant.event import Event, Fraud, Payment
from kafka_workshop.domain.merchant.place import Place, is_expired, restore, snapshot
from kafka_workshop.domain.risk.sides import PlaceSide
from kafka_workshop.domain.rulebook import RuleBook
from kafka_workshop.domain.rules.raising import Trip, alert_of


class PlaceVerdict(NamedTuple):
    """What an event is to its place; `side` is that of a payment whose account told its own."""

    place: Place
    alerts: list[Alert]
    side: PlaceSide | None = None


class MerchantDetector:
    """Applies the merchant rules of a rule book; holds no state of its own."""

    def __init__(self, book: RuleBook) -> None:
        self.version = book.rules_version
        self._active = list(book.active_merchant())

    def fold(self, place: Place, place_id: str, event: Event) -> tuple[Place, list[Alert]]:
        """Return the place's new state and the alerts that the event raises; see `judge`."""
        verdict = self.judge(place, place_id, event)
        return verdict.place, verdict.alerts

    def judge(self, place: Place, place_id: str, event: Event) -> PlaceVerdict:
        """Return what the event is to its place.

        The state is changed in place, or a fresh one is begun.
        """
        if is_expired(place, event):
            place = Place()
        seen = place.learn(event)
        if isinstance(event, Fraud):
            return PlaceVerdict(place, [])
        alerts: list[Alert] = []
        for rule, parameters in self._active:
            finding = rule.evaluate(place, seen, parameters)
            last = place.alerted[rule.slot]
            if finding is not None and (last == 0 or seen.second > last + parameters.window):
                place.alerted[rule.slot] = seen.second
                trip = Trip(event.account_id, event.transaction_id, place.latest, place_id)
                since = max(finding.since, last + 1)
                alerts.append(alert_of(rule, finding, since, trip, self.version))
        if isinstance(event, Payment) and event.side is not None:
            # As of its own time and not of the place's newest: it is to be the same in any order.
            return PlaceVerdict(place, alerts, place.side(event.occurred_at // 1000))
        return PlaceVerdict(place, alerts)

    def fold_encoded(
        self, encoded: bytes | None, place_id: str, event: Event
    ) -> tuple[bytes, list[Alert]]:
        """Do the same with the state as bytes; None is a place never seen."""
        encoded, verdict = self.judge_encoded(encoded, place_id, event)
        return encoded, verdict.alerts

    def judge_encoded(
        self, encoded: bytes | None, place_id: str, event: Event
    ) -> tuple[bytes, PlaceVerdict]:
        """Return the new state as bytes, and the verdict; None is a place never seen."""
        verdict = self.judge(Place() if encoded is None else restore(encoded), place_id, event)
        return snapshot(verdict.place), verdict
