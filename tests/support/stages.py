"""Members of stage account in the test's own process, and the oracle that they are judged by."""

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
from kafka_workshop.domain.rulebook import default_rules
from kafka_workshop.domain.rules.example import past
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import Undecodable
from kafka_workshop.messaging import confluent
from kafka_workshop.messaging.admin import create_topics, end_offsets
from kafka_workshop.messaging.alert_codec import decode_alert
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.codec import decode, encode
from kafka_workshop.messaging.config import LIBRDKAFKA_LOG, confluent_consumer
from kafka_workshop.messaging.tally import Tally, tally_of
from kafka_workshop.messaging.topics import MonitorTopics, TopicSpec, dead_letter_topic
from kafka_workshop.monitor.account import AccountStage, open_stage
from kafka_workshop.monitor.kpis import Kpi, decode_kpi
from kafka_workshop.monitor.stage.changelog import STAMP_KEY
from kafka_workshop.settings import ConsumerSettings, KafkaSettings, LogSettings
from kafka_workshop.simulator.population import build_population
from kafka_workshop.simulator.stream import Simulator, history_instants
from tests.support.simulation import START
from tests.support.stories import POSITIVE
from tests.support.topics import delete_topics

DAY = 24 * 3600 * 1000
PARTITIONS = 3
LOGGED = LogSettings("ERROR", "json", 0)
_READ_S = 20.0
_LONGEST_STORY = 100


@cache
def history(count: int) -> tuple[Transaction, ...]:
    """Return plain transactions of few accounts, and stories that trip every rule between them."""
    stories = [
        structs.replace(transaction, account_id=f"S{number:07d}")
        for number, story in enumerate(s for each in POSITIVE.values() for s in each)
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


@dataclass
class Judgement:
    """What the pure fold of the input in offset order says must have come out."""

    alerts: Counter[str] = field(default_factory=Counter)
    states: dict[tuple[int, bytes], bytes] = field(default_factory=dict)
    processed: int = 0
    dead: int = 0
    amount: int = 0


@dataclass
class Scene:
    """A topic of its own, a group, and everything that a monitor of them writes."""

    servers: tuple[str, ...]
    topic: str = field(default_factory=lambda: f"stage-{secrets.token_hex(4)}")

    @property
    def group(self) -> str:
        """The monitor's consumer group."""
        return f"group-{self.topic}"

    @property
    def topics(self) -> MonitorTopics:
        """Where the monitor writes."""
        return MonitorTopics(self.topic, self.group)

    def make(self) -> None:
        """Create the input."""
        create_topics(self.servers, [TopicSpec(self.topic, PARTITIONS, 3, {})])

    def fill(self, transactions: Sequence[Transaction], raw: Sequence[bytes] = ()) -> None:
        """Send transactions, and bytes that are none."""
        producer = confluent.open_producer(self.servers, 10.0)
        for transaction in transactions:
            producer.send(self.topic, transaction.account_id.encode(), encode(transaction))
        for value in raw:
            producer.send(self.topic, value[:4], value)
        assert producer.flush(Deadline(20)) == 0
        producer.close()

    def settings(self, **changed: object) -> ConsumerSettings:
        """Return a member's settings."""
        kafka = KafkaSettings(self.topic, self.servers, "confluent-kafka")
        plain = ConsumerSettings(kafka, LOGGED, self.group, 0, None)
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
        for record in self.read(self.topics.state):
            key, value = record.key() or b"", record.value()
            if key != STAMP_KEY and value is not None:
                found[(record.partition() or 0, key)] = value
        return found

    def letters(self) -> int:
        """Return how many dead letters there are."""
        return len(self.read(dead_letter_topic(self.topic)))

    def tallies(self) -> list[Tally]:
        """Return what the group has committed with its offsets."""
        asker = Consumer(confluent_consumer(self.servers, self.group), logger=LIBRDKAFKA_LOG)
        asked = [TopicPartition(self.topic, p) for p in range(PARTITIONS)]
        found = asker.committed(asked, timeout=_READ_S)
        asker.close()
        tallies = (tally_of(confluent.metadata_of(each)) for each in found)
        return [tally for tally in tallies if tally is not None]

    def assert_exactly_once(self, judged: Judgement) -> None:
        """Check all that the monitor wrote against the oracle."""
        assert self.alert_ids() == judged.alerts
        assert self.states() == judged.states
        kpis, tallies = self.kpis(), self.tallies()
        assert sum(kpi.count for kpi in kpis) == judged.processed
        assert sum(kpi.amount for kpi in kpis) == judged.amount
        assert sum(kpi.dead for kpi in kpis) == judged.dead == self.letters()
        assert sum(sum(kpi.alerts.values()) for kpi in kpis) == judged.alerts.total()
        for kpi in kpis:
            assert sum(cell[0] for cell in kpi.by_kind.values()) == kpi.count
            assert sum(cell[0] for cell in kpi.by_uf.values()) == kpi.count
        assert sum(tally.processed for tally in tallies) == judged.processed
        assert sum(tally.dead for tally in tallies) == judged.dead

    def judged(self) -> Judgement:
        """Fold the input in offset order."""
        detector, judged = Detector(default_rules()), Judgement()
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
            encoded, alerts = detector.fold_encoded(judged.states.get(place), transaction)
            judged.states[place] = encoded
            judged.alerts.update(alert.alert_id for alert in alerts)
            judged.processed += 1
            judged.amount += transaction.amount
        return judged

    def delete(self) -> None:
        """Delete the topics."""
        delete_topics(self.servers, self.topic)


@dataclass
class Member:
    """A stage, driven as `consume.py` drives it."""

    stage: AccountStage

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
            self.stage.process(message, decode(message.value))
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
