"""Members of the stages in the test's own process, and the oracles that they are judged by."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka import Message as Record
from msgspec import structs

from kafka_workshop import logs
from kafka_workshop.clock import Deadline, now_ms
from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.detector import Detector
from kafka_workshop.domain.label import Label, LabelRecord
from kafka_workshop.domain.merchant import event as said
from kafka_workshop.domain.merchant.detector import MerchantDetector
from kafka_workshop.domain.merchant.event import PlaceEvent
from kafka_workshop.domain.merchant.rules import example
from kafka_workshop.domain.risk import AccountSide, PlaceSide, Score, scored, vector
from kafka_workshop.domain.risk.model import BUILT_IN
from kafka_workshop.domain.rulebook import default_rules
from kafka_workshop.domain.rules.example import past
from kafka_workshop.domain.telling import told_of
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import Undecodable
from kafka_workshop.messaging import confluent
from kafka_workshop.messaging.admin import create_topics, end_offsets
from kafka_workshop.messaging.alert_codec import decode_alert
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.codec import decode, encode
from kafka_workshop.messaging.config import LIBRDKAFKA_LOG, confluent_consumer
from kafka_workshop.messaging.kpi_codec import Kpi, decode_kpi
from kafka_workshop.messaging.label_codec import decode_label, encode_label
from kafka_workshop.messaging.place_codec import decode_place_event, encode_place_event
from kafka_workshop.messaging.risk_codec import encode_score
from kafka_workshop.messaging.tally import Tally, tally_of
from kafka_workshop.messaging.topics import (
    MonitorTopics,
    TopicSpec,
    dead_letter_topic,
    labels_topic,
)
from kafka_workshop.monitor.opening import MonitorStage, open_stage
from kafka_workshop.monitor.stage.changelog import STAMP_KEY
from kafka_workshop.settings import (
    ACCOUNT,
    MERCHANT,
    ConsumerSettings,
    KafkaSettings,
    LogSettings,
)
from kafka_workshop.simulator.population import build_population
from kafka_workshop.simulator.stream import Simulator, history_instants
from tests.support.simulation import START
from tests.support.stories import POSITIVE, copied_card
from tests.support.topics import delete_topics

Said = tuple[bytes, bytes]
DAY = 24 * 3600 * 1000
PARTITIONS = 3
CONFLUENT, KAFKA_PYTHON = "confluent-kafka", "kafka-python"
LOGGED = LogSettings("ERROR", "json", 0)
_READ_S = 20.0
_LONGEST_STORY = 100


@cache
def history(count: int) -> tuple[Transaction, ...]:
    """Return plain transactions of few accounts, and stories that trip every rule between them."""
    tripping = [story for each in POSITIVE.values() for story in each]
    stories = [
        structs.replace(transaction, account_id=f"S{number:07d}")
        for number, story in enumerate([*tripping, *[copied_card()] * 4])
        if len(story) < _LONGEST_STORY
        for transaction in (*past(), *story)
    ]
    rest = count - len(stories)
    instants = history_instants(5, START, START + 120 * DAY, rest)
    plain = Simulator(build_population(5, 60), 5).transactions(instants)
    return tuple(sorted((*stories, *plain), key=lambda transaction: transaction.occurred_at))


def from_the_future() -> list[bytes]:
    """Return transactions whose own time is two days ahead."""
    ahead = now_ms() + 2 * DAY
    return [encode(structs.replace(each, occurred_at=ahead)) for each in history(2_000)[:3]]


def labels_of(transactions: Sequence[Transaction]) -> list[Label]:
    """Return labels of some transactions, two days late; those at a terminal name it."""
    return [
        Label(
            *(1, f"e{number}", "compromise", each.transaction_id, each.account_id),
            *(each.occurred_at, each.occurred_at + 2 * DAY, each.terminal_id),
        )
        for number, each in enumerate(transactions[::7])
    ]


@cache
def place_history(count: int) -> tuple[PlaceEvent, ...]:
    """Return what happens at places, and stories that trip every merchant rule between them."""
    stories = [*example.plain()[-6:], *example.copied(4), *example.tried(6), *example.defrauded(4)]
    events: list[PlaceEvent] = []
    for number in range(count // 40):
        place = f"P{number:05d}"
        events += [PlaceEvent(place, with_side(event, number)) for event in stories]
        plain = (example.paid(example.NOW + n, n) for n in range(40 - len(stories)))
        events += [PlaceEvent(f"Q{number % 7}", event) for event in plain]
    return tuple(events)


def with_side(event: said.Event, number: int) -> said.Event:
    """Return a payment with an account's features that differ by a number; others as they are."""
    if not isinstance(event, said.Payment):
        return event
    side = AccountSide(number, 10, 70, 300, 90, 91, 92, 7_200, 1, 0, 0, 2, number % 512)
    return structs.replace(event, side=side)


@dataclass
class Judgement:
    """What the pure fold of the input in offset order says must have come out.

    `told` and `scores` count records, key and value: what stage merchant must have been told, and
    the transactions' scores.
    """

    alerts: Counter[str] = field(default_factory=Counter)
    states: dict[tuple[int, bytes], bytes] = field(default_factory=dict)
    told: Counter[Said] = field(default_factory=Counter)
    scores: Counter[Said] = field(default_factory=Counter)
    processed: int = 0
    dead: int = 0
    amount: int = 0


@dataclass
class Scene:
    """A topic of its own, a group, and everything that one stage of their monitor writes."""

    servers: tuple[str, ...]
    stage: str = ACCOUNT
    topic: str = field(default_factory=lambda: f"stage-{secrets.token_hex(4)}")
    client: str = CONFLUENT

    @property
    def group(self) -> str:
        """The monitor's consumer group."""
        return f"group-{self.topic}"

    @property
    def topics(self) -> MonitorTopics:
        """Where the monitor writes."""
        return MonitorTopics(self.topic, self.group)

    @property
    def is_merchant(self) -> bool:
        """Whether it is about stage merchant."""
        return self.stage == MERCHANT

    @property
    def input(self) -> str:
        """What the stage reads."""
        return self.topics.by_merchant if self.is_merchant else self.topic

    @property
    def readers(self) -> str:
        """The stage's consumer group."""
        return self.topics.merchant_group if self.is_merchant else self.group

    @property
    def changelog(self) -> str:
        """The stage's changelog."""
        return self.topics.merchant_state if self.is_merchant else self.topics.state

    def make(self) -> None:
        """Create the input."""
        names = [self.input, *([] if self.is_merchant else [labels_topic(self.topic)])]
        create_topics(self.servers, [TopicSpec(name, PARTITIONS, 3, {}) for name in names])

    def fill(
        self,
        events: Sequence[Transaction | PlaceEvent | LabelRecord | bytes],
        raw: Sequence[bytes] = (),
    ) -> None:
        """Send events (as bytes: what is no label), and to the input bytes that are none."""
        producer = confluent.open_producer(self.servers, 10.0)
        for event in events:
            producer.send(*self._record(event))
        for value in raw:
            producer.send(self.input, value[:4], value)
        assert producer.flush(Deadline(20)) == 0
        producer.close()

    def _record(
        self, event: Transaction | PlaceEvent | LabelRecord | bytes
    ) -> tuple[str, bytes | None, bytes]:
        if isinstance(event, bytes):
            return labels_topic(self.topic), b"none", event
        if isinstance(event, PlaceEvent):
            return self.input, *encode_place_event(event)
        if isinstance(event, Transaction):
            return self.input, event.account_id.encode(), encode(event)
        key = event.account_id.encode() if isinstance(event, Label) else None
        return labels_topic(self.topic), key, encode_label(event)

    def history(self, count: int) -> Sequence[Transaction | PlaceEvent]:
        """Return events that the stage reads, among them such that trip every rule of it."""
        return place_history(count) if self.is_merchant else history(count)

    def settings(self, **changed: object) -> ConsumerSettings:
        """Return a member's settings."""
        kafka = KafkaSettings(self.topic, self.servers, self.client)
        plain = ConsumerSettings(kafka, LOGGED, self.group, 0, None, stage=self.stage)
        return replace(plain, **changed)  # type: ignore[arg-type] # names are checked at run time

    def member(self, **changed: object) -> "Member":
        """Start a member of the group."""
        settings = self.settings(**changed)
        logger = logs.configure(LOGGED, "consumer")
        return Member(open_stage(settings, lambda: False, logger))

    def read(self, topic: str, isolation: str = "read_committed") -> list[Record]:
        """Read a topic to its end."""
        return list(records_of(self.servers, topic, isolation))

    def alert_ids(self, isolation: str = "read_committed") -> Counter[str]:
        """Count each alert's id as a reader of alerts gets it."""
        values = (r.value() for r in self.read(self.topics.alerts, isolation))
        return Counter(decode_alert(value).alert_id for value in values)

    def alerts(self) -> list[Alert]:
        """Return the alerts."""
        return [decode_alert(r.value()) for r in self.read(self.topics.alerts)]

    def kpis(self) -> list[Kpi]:
        """Return the counts."""
        return [decode_kpi(r.value()) for r in self.read(self.topics.kpis)]

    def states(self) -> dict[tuple[int, bytes], bytes]:
        """Return the state that the changelog says, by partition and key."""
        found: dict[tuple[int, bytes], bytes] = {}
        for record in self.read(self.changelog):
            key, value = record.key() or b"", record.value()
            if key != STAMP_KEY and value is not None:
                found[(record.partition() or 0, key)] = value
        return found

    def letters(self) -> int:
        """Return how many dead letters there are."""
        return len(self.read(dead_letter_topic(self.input)))

    def told(self) -> Counter[Said]:
        """Count what stage merchant was told, as it gets it."""
        return self._said(self.topics.by_merchant)

    def scores(self) -> Counter[Said]:
        """Count the scores that the stages wrote, as a reader gets them."""
        return self._said(self.topics.scores)

    def _said(self, topic: str) -> Counter[Said]:
        return Counter((r.key() or b"", r.value() or b"") for r in self.read(topic))

    def tallies(self, topic: str = "") -> list[Tally]:
        """Return what the stage's group has committed with its offsets, in its input or another."""
        asker = Consumer(confluent_consumer(self.servers, self.readers), logger=LIBRDKAFKA_LOG)
        numbers = end_offsets(self.servers, topic or self.input)
        asked = [TopicPartition(topic or self.input, p) for p in numbers]
        found = asker.committed(asked, timeout=_READ_S)
        asker.close()
        tallies = (tally_of(confluent.metadata_of(each)) for each in found)
        return [tally for tally in tallies if tally is not None]

    def assert_exactly_once(self, judged: Judgement) -> None:
        """Check all that the stage wrote against the oracle."""
        assert self.alert_ids() == judged.alerts
        assert self.states() == judged.states
        assert self.scores() == judged.scores
        tallies = self.tallies()
        assert sum(tally.processed for tally in tallies) == judged.processed
        assert sum(tally.dead for tally in tallies) == judged.dead == self.letters()
        if not self.is_merchant:
            assert self.told() == judged.told
            self._assert_kpis(judged)

    def _assert_kpis(self, judged: Judgement) -> None:
        kpis = self.kpis()
        assert sum(kpi.count for kpi in kpis) == judged.processed
        assert sum(kpi.amount for kpi in kpis) == judged.amount
        assert sum(kpi.dead for kpi in kpis) == judged.dead
        assert sum(sum(kpi.alerts.values()) for kpi in kpis) == judged.alerts.total()
        for kpi in kpis:
            assert sum(cell[0] for cell in kpi.by_kind.values()) == kpi.count
            assert sum(cell[0] for cell in kpi.by_uf.values()) == kpi.count

    def judged(self) -> Judgement:
        """Fold the input in offset order."""
        return self._judged_places() if self.is_merchant else self._judged_accounts()

    def _judged_places(self) -> Judgement:
        detector, judged = MerchantDetector(default_rules()), Judgement()
        for record in self.read(self.input):
            try:
                place, event = decode_place_event(record.key(), record.value())
            except Undecodable:
                judged.dead += 1
                continue
            at = (record.partition() or 0, place.encode())
            encoded, verdict = detector.judge_encoded(judged.states.get(at), place, event)
            judged.states[at] = encoded
            judged.alerts.update(alert.alert_id for alert in verdict.alerts)
            judged.scores.update(score_said(event, verdict.side))
            judged.processed += 1
        return judged

    def _judged_accounts(self) -> Judgement:
        detector, judged = Detector(default_rules()), Judgement()
        for record in self.read(labels_topic(self.topic)):
            try:
                label = decode_label(record.value())
            except Undecodable:
                continue
            fraud = said.fraud_of(label) if isinstance(label, Label) else None
            judged.told.update([] if fraud is None else [encode_place_event(fraud)])
        for record in self.read(self.topic):
            try:
                transaction = decode(record.value())
            except Undecodable:
                judged.dead += 1
                continue
            if transaction.occurred_at > record.timestamp()[1] + DAY:
                judged.dead += 1
                continue
            place = (record.partition() or 0, transaction.account_id.encode())
            encoded, verdict = detector.judge_encoded(judged.states.get(place), transaction)
            judged.states[place] = encoded
            judged.alerts.update(alert.alert_id for alert in verdict.alerts)
            judged.told.update(map(encode_place_event, told_of(transaction, verdict)))
            if verdict.side is not None and said.place_of(transaction) is None:
                features = vector(transaction.amount, verdict.side)
                judged.scores.update(record_of(scored(transaction, features, BUILT_IN)))
            judged.processed += 1
            judged.amount += transaction.amount
        return judged

    def delete(self) -> None:
        """Delete the topics."""
        delete_topics(self.servers, self.topic)


@dataclass
class Member:
    """A stage, driven as `consume.py` drives it."""

    stage: MonitorStage

    def turn(self, most: int = 200) -> int:
        """Fetch, process and commit if it is time; return how many messages were there."""
        count = 0
        for message in self.stage.fetch(most, 0.05):
            self.process(message)
            count += 1
        self.stage.commit()
        return count

    def process(self, message: Message) -> None:
        """Process one message."""
        try:
            self.stage.process(message, self.stage.decode(message))
        except Undecodable as reason:
            self.stage.dead_letter(message, reason)

    def until(self, condition: Callable[[], bool], what: str, most: int = 200) -> None:
        """Go on until `condition` is true."""
        deadline = Deadline(_READ_S)
        while not condition():
            assert not deadline.expired, f"not within {_READ_S:.0f} s: {what}"
            self.turn(most)

    def finish(self) -> None:
        """Commit and leave."""
        assert self.stage.commit(now=True) == 0
        self.stage.close()


def score_said(event: said.Event, place: PlaceSide | None) -> list[Said]:
    """Return the score's record of an event at a place; none of one without the account's side."""
    if place is None or not isinstance(event, said.Payment) or event.side is None:
        return []
    return record_of(scored(event, vector(event.amount, event.side, place), BUILT_IN))


def record_of(score: Score) -> list[Said]:
    """Return a score's record, key and value."""
    return [(score.account_id.encode(), encode_score(score))]


def records_of(
    servers: tuple[str, ...], topic: str, isolation: str = "read_committed"
) -> Iterator[Record]:
    """Yield a topic's records, each partition to its end."""
    settings = confluent_consumer(servers, "reader") | {
        "enable.partition.eof": True,
        "fetch.wait.max.ms": 10,
        "isolation.level": isolation,
    }
    consumer = Consumer(settings, logger=LIBRDKAFKA_LOG)
    left = set(end_offsets(servers, topic))
    consumer.assign([TopicPartition(topic, p, 0) for p in left])
    deadline = Deadline(_READ_S)
    while left:
        assert not deadline.expired, f"{topic} not read to its end: {left}"
        for record in consumer.consume(1_000, 0.1):
            error = record.error()
            if error is None:
                yield record
            elif error.code() == KafkaError._PARTITION_EOF:
                left.discard(record.partition() or 0)
    consumer.close()
