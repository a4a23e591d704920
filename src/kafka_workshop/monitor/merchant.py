"""Stage merchant: the merchant detector as the fold of a stage; it scores payments at places."""

from collections import Counter
from collections.abc import Iterable, Mapping

from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.merchant.detector import MerchantDetector
from kafka_workshop.domain.merchant.event import Event, Payment, PlaceEvent
from kafka_workshop.domain.merchant.place import PLACE_SCHEMA
from kafka_workshop.domain.risk import Model, PlaceSide, Score, scored, vector
from kafka_workshop.domain.risk.model import BUILT_IN
from kafka_workshop.domain.rulebook import RuleBook
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.place_codec import decode_place_event
from kafka_workshop.messaging.topics import MonitorTopics
from kafka_workshop.monitor.account import (
    alert_records,
    refuse_the_future,
    score_record,
    with_source,
)
from kafka_workshop.monitor.stage.values import Folded


class MerchantFold:
    """Folds what happens at places into their state."""

    schema = PLACE_SCHEMA
    merged = False  # a place is in one partition, and what is made of it meets nothing else

    def __init__(self, book: RuleBook, topics: MonitorTopics, model: Model = BUILT_IN) -> None:
        self._detector = MerchantDetector(book)
        self._topics, self._scores = topics, topics.scores
        self._model = model
        self.rules = book.rules_version

    def decode(self, message: Message) -> PlaceEvent:
        """Return the event.

        Raises:
            Undecodable: the message says none.
        """
        return decode_place_event(message.key, message.value)

    def key(self, event: PlaceEvent) -> bytes:
        """Return the place."""
        return event.place.encode()

    def fold(self, state: bytes | None, event: PlaceEvent, message: Message) -> Folded[list[Alert]]:
        """Return the place's new state, the alerts, which name their source, and a payment's score.

        Raises:
            Undecodable: the event's own time is over a day ahead of its sending.
        """
        refuse_the_future(event.event.occurred_at, message)
        encoded, verdict = self._detector.judge_encoded(state, event.place, event.event)
        alerts = with_source(verdict.alerts, message)
        outputs = alert_records(self._topics, alerts)
        score = score_of(event.event, verdict.side, self._model)
        if score is not None:
            outputs.append(score_record(self._scores, score))
        return Folded(encoded, outputs, alerts)

    def obsolete(self, states: Mapping[bytes, bytes]) -> list[bytes]:
        """Return none: places are few and small, and a label may come for one that is silent."""
        del states
        return []

    def counts(self) -> "MerchantCounts":
        """Return fresh counts."""
        return MerchantCounts()


def score_of(event: Event, place: PlaceSide | None, model: Model) -> Score | None:
    """Return a payment's score; None of anything else, and of one whose account told no features.

    `place` is what its place is to it.
    """
    if place is None or not isinstance(event, Payment) or event.side is None:
        return None
    return scored(event, vector(event.amount, event.side, place), model)


class MerchantCounts:
    """Counts events and alerts; no record says them: the KPIs are those of the transactions."""

    def __init__(self) -> None:
        self.count = self.dead = 0
        self.alerts: Counter[str] = Counter()

    def add(self, event: PlaceEvent, result: Iterable[Alert]) -> None:
        """Count an event and the alerts that it raised."""
        del event
        self.count += 1
        for alert in result:
            self.alerts[alert.rule] += 1

    def add_dead(self) -> None:
        """Count a message that went to the dead letters."""
        self.dead += 1

    def merge(self, other: "MerchantCounts") -> None:
        """Add what `other` has counted."""
        self.count += other.count
        self.dead += other.dead
        self.alerts.update(other.alerts)

    def record(self, partition: int, until: int, now_ms: int) -> None:
        """See the class."""
        del partition, until, now_ms
