"""Stage account: the detector as the fold of a stage, and what it tells stage merchant.

It scores what happens at no place; of the rest it tells stage merchant the account's features.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, msgpack, structs

from kafka_workshop.domain.alert import Alert, Source
from kafka_workshop.domain.detector import Detector
from kafka_workshop.domain.label import Label
from kafka_workshop.domain.merchant.event import PlaceEvent, fraud_of, place_of
from kafka_workshop.domain.profile import SCHEMA, TIME_TO_LIVE_MS
from kafka_workshop.domain.risk import Model, Score, scored, vector
from kafka_workshop.domain.risk.model import BUILT_IN
from kafka_workshop.domain.rulebook import RuleBook
from kafka_workshop.domain.telling import told_of
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import Undecodable
from kafka_workshop.messaging.alert_codec import encode_alert
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.codec import decode
from kafka_workshop.messaging.label_codec import decode_label
from kafka_workshop.messaging.place_codec import encode_place_event
from kafka_workshop.messaging.risk_codec import encode_score
from kafka_workshop.messaging.topics import MonitorTopics
from kafka_workshop.monitor.classes import FROM_THE_FUTURE
from kafka_workshop.monitor.kpis import AccountCounts
from kafka_workshop.monitor.stage.values import Folded, Output

# An event so far ahead of its sending would make every later one of the account late.
MOST_AHEAD_MS = 24 * 3600 * 1000


class _Latest(Struct, array_like=True):
    """The first field of a profile, the rest unread."""

    latest: int


_decoder = msgpack.Decoder(_Latest)


class AccountFold:
    """Folds transactions into the profiles of their accounts."""

    schema = SCHEMA
    merged = True  # accounts of all partitions pay at the same places
    scores = True

    def __init__(self, book: RuleBook, topics: MonitorTopics, model: Model = BUILT_IN) -> None:
        self._detector = Detector(book, features=self.scores)
        self._topics = topics
        self._told_in, self._scores = topics.by_merchant, topics.scores
        self._model = model
        self.rules = book.rules_version

    def decode(self, message: Message) -> Transaction:
        """Return the transaction.

        Raises:
            Undecodable: the message says none.
        """
        return decode(message.value)

    def key(self, event: Transaction) -> bytes:
        """Return the account."""
        return event.account_id.encode()

    def fold(
        self, state: bytes | None, event: Transaction, message: Message
    ) -> Folded[list[Alert]]:
        """Return the account's new profile, the alerts, and its score or what its place is told.

        Raises:
            Undecodable: the event's own time is over a day ahead of its sending.
        """
        refuse_the_future(event.occurred_at, message)
        encoded, verdict = self._detector.judge_encoded(state, event)
        alerts = with_source(verdict.alerts, message)
        told = self.told(told_of(event, verdict))
        outputs = [*alert_records(self._topics, alerts), *told]
        if verdict.side is not None and place_of(event) is None:
            features = vector(event.amount, verdict.side)
            outputs.append(score_record(self._scores, scored(event, features, self._model)))
        return Folded(encoded, outputs, alerts)

    def told(self, events: Iterable[PlaceEvent]) -> Iterator[Output]:
        """Yield the records that tell stage merchant of events, keyed by place."""
        for event in events:
            yield Output(self._told_in, *encode_place_event(event))

    def labels(self, message: Message) -> Iterable[Output]:
        """Return what stage merchant is told of a record of the labels' topic.

        Raises:
            Undecodable: it is none.
        """
        said = decode_label(message.value)
        event = fraud_of(said) if isinstance(said, Label) else None
        return self.told([] if event is None else [event])

    def obsolete(self, states: Mapping[bytes, bytes]) -> list[bytes]:
        """Return the accounts that were silent for twice the time to live of a profile.

        Their next transaction finds a fresh profile, with or without the old one; only one that is
        over `TIME_TO_LIVE_MS` late in its partition could tell.
        """
        latest = {key: _decoder.decode(state).latest for key, state in states.items()}
        oldest = max(latest.values(), default=0) - 2 * TIME_TO_LIVE_MS
        return [key for key, at in latest.items() if at < oldest]

    def counts(self) -> AccountCounts:
        """Return fresh counts."""
        return AccountCounts(self._topics.kpis)


def refuse_the_future(occurred_at: int, message: Message) -> None:
    """Refuse an event that occurs over a day after it was sent.

    Raises:
        Undecodable: it does.
    """
    ahead = occurred_at - message.timestamp_ms
    if ahead > MOST_AHEAD_MS:
        reason = f"occurred_at is {ahead // 1000} s ahead of the record's timestamp"
        raise Undecodable(FROM_THE_FUTURE, reason)


def with_source(alerts: list[Alert], message: Message) -> list[Alert]:
    """Return the alerts with the record that raised them."""
    if not alerts:
        return alerts
    at = Source(message.topic, message.partition, message.offset)
    return [structs.replace(alert, source=at) for alert in alerts]


def alert_records(topics: MonitorTopics, alerts: Iterable[Alert]) -> list[Output]:
    """Return the alerts' records, keyed by whom they are about."""
    return [Output(topics.alerts, alert.subject.encode(), encode_alert(alert)) for alert in alerts]


def score_record(topic: str, score: Score) -> Output:
    """Return a score's record in the topic of scores, keyed by the account."""
    return Output(topic, score.account_id.encode(), encode_score(score))
