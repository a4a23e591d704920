"""Labels of a producer that is killed anywhere and goes on: each told once, never too early."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from random import Random

import pytest
import structlog
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from structlog.testing import LogCapture

from kafka_workshop.clock import Deadline
from kafka_workshop.domain.label import CompleteUntil, Label
from kafka_workshop.domain.numbering import stream_of
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import DeliveryFailed, Unavailable
from kafka_workshop.feed import Feed, Plan
from kafka_workshop.labels import backwards
from kafka_workshop.labels.opening import InBackground, open_labels
from kafka_workshop.labels.recall import Recalled, header_of, recall
from kafka_workshop.labels.telling import Labels, NoLabels
from kafka_workshop.ledger.book import Lane
from kafka_workshop.messaging.client import Delivery, Headers, Message
from kafka_workshop.messaging.codec import decode, encode
from kafka_workshop.messaging.label_codec import decode_label, encode_label
from kafka_workshop.messaging.topics import labels_topic
from kafka_workshop.settings import producer_settings
from kafka_workshop.simulator.fraud.plan import FraudPlan
from kafka_workshop.simulator.population import build_population
from kafka_workshop.simulator.stream import Simulator, history_instants, sequence_of
from tests.support.memory_log import PARTITIONS, Log, MemoryProducer, MemoryReader

SEED, COUNT = 69, 8_000  # of this seed labels come on many days
DAY = 86_400_000
START = 1_750_000_000_000
TOPIC, LABELS = "t", labels_topic("t")
# A failure is small enough as it is: to look for a smaller one takes minutes.
PHASES = (Phase.explicit, Phase.generate)
LANE, SECOND_LANE = Lane(0, SEED, fresh=False), Lane(1, stream_of(SEED, 1), fresh=False)


@pytest.fixture(autouse=True, scope="module")
def _small_chunks() -> Iterator[None]:
    """Read in steps that a short log has several of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backwards, "FIRST_CHUNK", 32)
        yield


@cache
def simulator(lane: Lane = LANE, rate: float = 0.005) -> Simulator:
    people = build_population(SEED, 200)
    return Simulator(people, lane.stream, FraudPlan(rate, COUNT) if rate else None)


@cache
def stream(lane: Lane = LANE, rate: float = 0.005) -> tuple[tuple[Transaction, Label | None], ...]:
    instants = history_instants(SEED, START, START + 120 * DAY, COUNT)
    return tuple(simulator(lane, rate).labelled(instants))


def due(transactions: set[str], clock: int, lane: Lane = LANE) -> set[Label]:
    every = (label for _, label in stream(lane) if label is not None)
    return {e for e in every if e.transaction_id in transactions and e.available_at <= clock}


class Late:
    """A recollection that is known only when it was asked for so many times."""

    def __init__(self, recalled: Recalled, after: int) -> None:
        self._recalled, self._left = recalled, after

    def result(self, wait_s: float = 0.0) -> Recalled | None:
        self._left = 0 if wait_s else self._left - 1
        return self._recalled if self._left <= 0 else None

    def close(self) -> None:
        pass


class Run:
    """One run of a producer on a log; it goes on where the log says."""

    def __init__(self, log: Log, producer: MemoryProducer, lane: Lane = LANE, late: int = 0):
        numbers = [sequence_of(decode(m.value).transaction_id, lane.stream) for m in log.of(TOPIC)]
        self.number = max((n + 1 for n in numbers if n is not None), default=0)
        self.reader = MemoryReader(log)
        self.producer, self.lane = producer, lane
        source = simulator(lane)
        self.recalled = recall(self.reader, TOPIC, lane.stream, source, self.number, lambda: None)
        after = Late(self.recalled, late)
        self.labels = Labels(producer, TOPIC, source, lane, self.number, after, every_s=0)

    def go(self, count: int, random: Random) -> int:
        """Send so many transactions; return the event time."""
        for transaction, _ in stream(self.lane)[self.number : self.number + count]:
            self.labels.sending(transaction)
            key = transaction.account_id.encode()
            self.producer.send(TOPIC, key, encode(transaction), (), self._answered(transaction))
            if random.random() < 0.2:
                self.producer.some(random)
            self.labels.show()
        self.number = min(self.number + count, COUNT)
        return stream(self.lane)[self.number - 1][0].occurred_at

    def _answered(self, transaction: Transaction):  # type: ignore[no-untyped-def]
        def answered(answer: Delivery | DeliveryFailed) -> None:
            failed = isinstance(answer, DeliveryFailed)
            self.labels.answered(transaction.transaction_id, failed)

        return answered

    def end(self) -> None:
        self.producer.flush(Deadline(60))
        self.labels.close(Deadline(60))


def told(log: Log) -> list[Label]:
    records = (decode_label(message.value) for message in log.of(LABELS))
    return [record for record in records if isinstance(record, Label)]


def stored(log: Log) -> set[str]:
    return {decode(message.value).transaction_id for message in log.of(TOPIC)}


def check_order(log: Log, lane: Lane = LANE) -> None:
    """No label before its time or its transaction, none after the word that it should precede."""
    known: set[str] = set()
    clock, complete = stream(lane)[0][0].occurred_at, dict.fromkeys(range(PARTITIONS), 0)
    for message in log.stored:
        if message.topic == TOPIC:
            transaction = decode(message.value)
            number = sequence_of(transaction.transaction_id, lane.stream)
            if number is not None:
                known.add(transaction.transaction_id)
                # Nothing is answered of the one that is sent next, but it has its instant.
                clock = max(clock, stream(lane)[min(number + 1, COUNT - 1)][0].occurred_at)
        else:
            _check_record(message, known, clock, complete, lane)


def _check_record(
    message: Message, known: set[str], clock: int, complete: dict[int, int], lane: Lane
) -> None:
    record = decode_label(message.value)
    if isinstance(record, CompleteUntil):
        assert message.key is None
        assert record.until >= complete[message.partition]
        assert record.until <= clock - 7 * DAY
        complete[message.partition] = record.until
    elif sequence_of(record.transaction_id, lane.stream) is not None:
        assert message.key == record.account_id.encode()
        assert record.transaction_id in known
        assert record.available_at <= clock
        assert record.occurred_at > complete[message.partition]


def uninterrupted(random: Random) -> Log:
    log = Log()
    run = Run(log, MemoryProducer(log))
    run.go(COUNT, random)
    run.end()
    return log


def test_without_interruption_every_label_that_is_due_is_told_once() -> None:
    log = uninterrupted(Random(1))
    clock = stream()[-1][0].occurred_at
    assert set(told(log)) == due(stored(log), clock)
    assert max(Counter(label.transaction_id for label in told(log)).values()) == 1
    assert len(told(log)) > 20
    check_order(log)


def test_how_far_labels_are_complete_stands_in_every_partition() -> None:
    log = uninterrupted(Random(2))
    last = {m.partition: decode_label(m.value) for m in log.of(LABELS)}
    hour = stream()[-1][0].occurred_at // 3_600_000 * 3_600_000
    assert last == dict.fromkeys(range(PARTITIONS), CompleteUntil(1, hour - 7 * DAY))


@cache
def cuts() -> st.SearchStrategy[int]:
    """Numbers at which a producer is killed, most of them while a label is held back."""
    fraud = [number for number, (_, label) in enumerate(stream()) if label is not None]
    week = COUNT * 8 // 120
    held = st.sampled_from(fraud).flatmap(lambda number: st.integers(number - 5, number + week))
    return st.integers(1, COUNT) | held | held


@settings(max_examples=15, phases=PHASES)
@given(
    cuts=st.deferred(lambda: st.lists(cuts(), min_size=1, max_size=6)),
    late=st.integers(0, 300),
    seed=st.integers(0, 10**6),
)
def test_killed_anywhere_a_producer_goes_on_and_no_label_is_lost_or_told_twice(
    cuts: list[int], late: int, seed: int
) -> None:
    log, random = Log(), Random(seed)
    for cut in sorted(cuts):
        producer = MemoryProducer(log)
        run = Run(log, producer, late=late)
        run.go(max(1, min(cut, COUNT - 20) - run.number), random)
        producer.kill(random)
    last = Run(log, MemoryProducer(log), late=late)
    clock = last.go(COUNT, random)
    last.end()
    assert set(told(log)) == due(stored(log), clock)
    assert max(Counter(label.transaction_id for label in told(log)).values()) == 1
    check_order(log)


@settings(max_examples=5, phases=PHASES)
@given(st.integers(0, 10**6))
def test_what_the_brokers_refuse_is_told_again_before_it_is_called_complete(seed: int) -> None:
    log, random = Log(), Random(seed)
    producer = MemoryProducer(log, lambda topic, _: topic == LABELS and random.random() < 0.3)
    run = Run(log, producer)
    clock = run.go(COUNT, random)
    run.end()
    assert set(told(log)) == due(stored(log), clock)
    assert len(told(log)) == len(set(told(log)))
    check_order(log)


def test_labels_that_are_refused_for_weeks_hold_back_the_word_that_they_are_complete() -> None:
    log, random, refused = Log(), Random(7), Counter[bool]()

    def refuse(topic: str, key: bytes | None) -> bool:
        refuses = topic == LABELS and key is not None and run.number == 0
        refused[refuses] += 1
        return refuses

    run = Run(log, MemoryProducer(log, refuse))
    run.go(COUNT * 3 // 4, random)
    assert refused[True] > 100
    assert not told(log)
    clock = run.go(COUNT, random)
    run.end()
    assert set(told(log)) == due(stored(log), clock)
    check_order(log)


def test_a_transaction_that_failed_has_no_label() -> None:
    log, random = Log(), Random(3)
    run = Run(log, MemoryProducer(log, lambda topic, _: topic == TOPIC and random.random() < 0.3))
    clock = run.go(COUNT, random)
    run.end()
    assert len(stored(log)) < COUNT
    assert set(told(log)) == due(stored(log), clock)


def test_a_restart_reads_no_more_than_what_may_be_held_back() -> None:
    log = uninterrupted(Random(4))
    again = Run(log, MemoryProducer(log))
    assert again.reader.counts[TOPIC] < COUNT / 4
    held = {label.transaction_id for _, label in stream() if label} - {
        label.transaction_id for label in told(log)
    }
    assert {label.transaction_id for label in again.recalled.untold} == held
    assert held


def test_labels_of_a_second_lane_are_its_own_and_the_first_says_what_is_complete() -> None:
    log, random = Log(), Random(5)
    for lane in (LANE, SECOND_LANE, SECOND_LANE, LANE):
        run = Run(log, MemoryProducer(log), lane)
        clock = run.go(COUNT // 2, random)
        run.end()
    own = due(stored(log), clock)
    others = due(stored(log), clock, SECOND_LANE)
    assert set(told(log)) == own | others
    assert len(told(log)) == len(own) + len(others)
    assert own
    assert others
    check_order(log)


@pytest.mark.parametrize("rate", [0, 0.004])
def test_what_another_plan_made_gets_no_label(rate: float) -> None:
    log = Log()
    producer = MemoryProducer(log)
    for transaction, _ in stream(LANE, rate):
        producer.send(TOPIC, transaction.account_id.encode(), encode(transaction))
    producer.poll()
    made = {transaction for transaction, _ in stream()}
    ours = {decode(m.value).transaction_id for m in log.of(TOPIC) if decode(m.value) in made}
    run = Run(log, producer)
    assert run.number == COUNT
    assert {label.transaction_id for label in run.recalled.untold} <= ours
    if rate == 0:
        assert run.recalled.untold == ()


FOREIGN = (
    *(None, b"", b"rubbish", b'{"transaction_id": 1}', b"[" * 9_000),
    encode_label(CompleteUntil(1, START + 400 * DAY)),
)


@pytest.mark.parametrize("headers", [(), header_of(8)])
@pytest.mark.parametrize("value", FOREIGN)
def test_foreign_records_in_either_topic_are_passed_over(
    value: bytes | None, headers: Headers
) -> None:
    log, random = Log(), Random(6)
    Run(log, killed := MemoryProducer(log)).go(COUNT - 20, random)
    killed.kill(random)
    for partition in range(PARTITIONS):
        for topic in (TOPIC, LABELS):
            log.append((topic, partition), b"k", value, headers)
    source = simulator()
    found = recall(MemoryReader(log), TOPIC, SEED, source, COUNT - 20, lambda: None)
    assert found.complete is not None
    assert found.complete < START + 120 * DAY
    assert found.untold


def opened(**variables: str) -> tuple[NoLabels, list[str]]:
    """What a producer with these settings gets, and what it logs."""
    feed = Feed(Plan(0, 0, 0, 0), LANE, simulator(LANE, 0), iter(()), 1.0)
    capture = LogCapture()
    # A logger of its own: others have configured the common one by now.
    logger = structlog.wrap_logger(
        None, processors=[capture], wrapper_class=structlog.make_filtering_bound_logger(0)
    )
    labels = open_labels(producer_settings(variables), feed, MemoryProducer(Log()), logger)
    return labels, [line["event"] for line in capture.entries]


def test_without_fraud_there_is_nothing_to_tell_and_the_log_says_why_if_nobody_chose_so() -> None:
    none, lines = opened(FRAUD_RATE="0")
    assert (type(none), lines) == (NoLabels, [])
    none, lines = opened(ACCOUNTS="49")
    assert (type(none), lines) == (NoLabels, ["too few accounts: no fraud"])


def test_recalling_goes_on_beside_the_loop_until_kafka_answers() -> None:
    answers, let_go = [Unavailable("away")], threading.Event()

    def work(check: Callable[[], None]) -> Recalled:
        let_go.wait(20)
        if answers:
            raise answers.pop()
        check()
        return Recalled(frozenset({0}))

    recollection = InBackground(work)
    recollection.start()
    assert recollection.result() is None
    let_go.set()
    assert recollection.result(20.0) == Recalled(frozenset({0}))


def test_recalling_ends_when_the_producer_does() -> None:
    began = threading.Event()

    def work(check: Callable[[], None]) -> Recalled:
        began.set()
        while True:
            check()

    recollection = InBackground(work)
    recollection.start()
    assert began.wait(20)
    recollection.close()
    assert recollection.result(20.0) is None
