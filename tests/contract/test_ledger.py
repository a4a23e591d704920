"""The ledger on real topics: at zero while all is well, and it sees each thing that is planted."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from confluent_kafka import Producer as TransactionalProducer
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from kafka_workshop.clock import Deadline, now_ms
from kafka_workshop.domain.numbering import identifier
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import Unavailable, Undecodable
from kafka_workshop.ledger.balance import Balance
from kafka_workshop.ledger.book import Book
from kafka_workshop.ledger.runs import Run, to_bytes
from kafka_workshop.ledger.scan import Ledger
from kafka_workshop.messaging import confluent
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.client import Delivery
from kafka_workshop.messaging.codec import decode, encode
from kafka_workshop.messaging.config import LIBRDKAFKA_LOG, confluent_producer
from kafka_workshop.messaging.tally import Tally
from kafka_workshop.messaging.topics import TopicSpec, dead_letter_topic, ledger_topic
from kafka_workshop.settings import producer_settings
from kafka_workshop.shutdown import Stop
from kafka_workshop.simulator.stream import Simulator
from tests.contract.conftest import as_group, random_name
from tests.support.dead_letters import DeadLetters
from tests.support.simulation import small_population

pytestmark = pytest.mark.cluster
SEED = 1


def transactions(first: int, until: int, stream: int = SEED) -> list[Transaction]:
    instants = [1_760_000_000_000] * (until - first)
    return list(Simulator(small_population(), stream).transactions(instants, first))


@dataclass
class Bank:
    """A topic with its dead letters and its book, a group, and a ledger that is kept warm."""

    servers: tuple[str, ...]
    topic: str
    group: str = field(default_factory=lambda: random_name("group"))

    def __post_init__(self) -> None:
        self.producer = confluent.open_producer(self.servers, 10.0)
        self.ledger = Ledger(self.servers, self.topic, self.group)

    def send(self, values: list[bytes], *, to: str = "") -> None:
        for value in values:
            self.producer.send(to or self.topic, value[:40], value)
        assert self.producer.flush(Deadline(20)) == 0

    def book(self, first: int, until: int, *failed: tuple[int, int]) -> None:
        """Let a run of a producer say that it has had [first, until) acknowledged."""
        run = Run(secrets.token_hex(4), SEED, first, until, failed, until - first, now_ms(), True)
        self.send([to_bytes(run)], to=ledger_topic(self.topic))

    def consume(self, count: int, keep_letters: bool = True) -> None:
        """Process so many messages, one commit a batch, and leave."""
        consumer = confluent.open_consumer(self.servers, self.topic, self.group, 10.0)
        letters = DeadLetters(self.producer, self.topic)
        deadline = Deadline(20)
        while count and not deadline.expired:
            for message in consumer.fetch(count, 0.1):
                dead = False
                try:
                    decode(message.value)
                except Undecodable as reason:
                    dead = True
                    if keep_letters:
                        letters.send(message, reason)
                consumer.processed(message, dead)
                count -= 1
            letters.confirm()
            consumer.commit()
        assert (count, consumer.commit()) == (0, 0)
        consumer.close()

    def commit(self, partition: int, offset: int, tally: Tally | None) -> None:
        """Commit by hand, as no member of the group."""
        text = tally.text() if tally else ""
        with as_group(self.servers, self.group) as client:
            client.commit(
                offsets=[TopicPartition(self.topic, partition, offset, text)], asynchronous=False
            )

    def take(self) -> Balance:
        """Take the ledger that is kept warm."""
        return self.ledger.take()

    def take_from_scratch(self) -> Balance:
        """Take one that reads everything."""
        cold = Ledger(self.servers, self.topic, self.group)
        found = cold.take()
        cold.close()
        return found


@pytest.fixture
def bank(bootstrap_servers: tuple[str, ...]) -> Iterator[Bank]:
    name = random_name("bank")
    names = (name, dead_letter_topic(name), ledger_topic(name))
    create_topics(bootstrap_servers, [TopicSpec(each, 1, 3, {}) for each in names])
    opened = Bank(bootstrap_servers, name)
    yield opened
    opened.ledger.close()
    opened.producer.close()
    admin = AdminClient({"bootstrap.servers": ",".join(bootstrap_servers)}, logger=LIBRDKAFKA_LOG)
    for deleted in admin.delete_topics(list(names)).values():
        deleted.result()


def figures(found: Balance) -> tuple[int, int, int, int]:
    return found.acknowledged, found.processed, found.dead, found.in_flight


def test_all_is_accounted_for_from_the_first_message_to_the_last(bank: Bank) -> None:
    with pytest.raises(Unavailable, match="no topic"):
        Ledger(bank.servers, random_name("absent"), bank.group).take()
    assert figures(bank.take()) == (0, 0, 0, 0)
    good = [encode(t) for t in transactions(0, 40)]
    bank.send([*good[:20], b"rubbish", b"{}", *good[20:]])
    bank.book(0, 40)
    found = bank.take()
    assert figures(found) == (42, 0, 0, 42)
    assert (found.group_exists, found.without_id) == (False, 2)
    bank.consume(30)
    assert figures(bank.take()) == (42, 28, 2, 12)
    bank.consume(12)
    found = bank.take()
    assert figures(found) == (42, 40, 2, 0)
    assert (found.well, found.group_exists, found.unbooked, found.runs) == (True, True, 0, 1)


def test_lost_ids_are_seen_and_those_that_failed_or_were_never_answered_are_not(
    bank: Bank,
) -> None:
    sent = transactions(0, 50)
    bank.send([encode(t) for t in sent if t not in (sent[7], sent[8], sent[30])])
    bank.book(0, 20, (8, 9))
    bank.book(20, 30)  # number 30 was under way when this run ended: unknown, not lost
    found = bank.take()
    assert (found.lost, found.duplicated) == (1, 0)
    assert found.missing.first == (identifier(SEED, 7),)
    bank.book(30, 50)
    assert bank.take().missing.first == (identifier(SEED, 7), identifier(SEED, 30))
    bank.send([encode(sent[7]), encode(sent[30])])
    assert bank.take().lost == 0


def test_ids_stored_twice_are_duplicated(bank: Bank) -> None:
    sent = [encode(t) for t in transactions(0, 10)]
    bank.send(sent)
    assert bank.take().well
    bank.send([sent[3], sent[4], sent[3]])
    found = bank.take()
    assert (found.lost, found.duplicated) == (0, 3)
    assert found.partitions == bank.take_from_scratch().partitions
    assert found.repeated.first[0] == identifier(SEED, 3)
    bank.consume(13)
    assert bank.take().duplicated == 3


def test_an_offset_that_was_moved_on_by_hand_is_seen_whatever_book_it_names(bank: Bank) -> None:
    bank.send([encode(t) for t in transactions(0, 20)])
    bank.consume(5)
    bank.commit(0, 12, Tally(0, 5))
    found = bank.take()
    assert (found.lost, found.skipped, found.in_flight) == (7, 7, 8)
    bank.consume(8)
    assert bank.take().skipped == 7, "it stays so, whoever goes on"
    bank.commit(0, 20, None)
    found = bank.take()
    assert (found.lost, found.unbooked) == (0, 20), "without a book nobody knows"


def test_an_offset_that_was_moved_back_with_its_book_makes_duplicates(bank: Bank) -> None:
    bank.send([encode(t) for t in transactions(0, 20)])
    bank.consume(20)
    bank.commit(0, 14, Tally(0, 20))
    bank.consume(6)
    found = bank.take()
    assert (found.duplicated, found.recounted, found.processed) == (6, 6, 26)
    assert found.acknowledged == 20


def test_a_dead_letter_that_never_reached_the_dead_letters_is_lost(bank: Bank) -> None:
    bank.send([b"rubbish", b"more", *[encode(t) for t in transactions(0, 3)]])
    bank.consume(1)
    assert bank.take().well
    bank.consume(1, keep_letters=False)
    found = bank.take()
    assert (found.dead, found.letters_missing, found.lost) == (2, 1, 1)


def test_aborted_transactions_and_their_markers_are_neither_lost_nor_in_flight(bank: Bank) -> None:
    settings = confluent_producer(bank.servers) | {
        "message.timeout.ms": 10_000,
        "transactional.id": random_name("id"),
    }
    producer = TransactionalProducer(settings, logger=LIBRDKAFKA_LOG)
    producer.init_transactions(20)
    sent = [encode(t) for t in transactions(0, 12)]
    for number, end in enumerate((producer.commit_transaction, producer.abort_transaction) * 2):
        producer.begin_transaction()
        for value in sent[number * 3 : number * 3 + 3]:
            producer.produce(bank.topic, value, b"k")
        producer.flush(10)
        end(20)
    assert figures(bank.take()) == (6, 0, 0, 6)
    bank.consume(4)
    found = bank.take()
    assert (figures(found), found.well) == ((6, 4, 0, 2), True)
    bank.consume(2)
    assert figures(bank.take()) == figures(bank.take_from_scratch()) == (6, 6, 0, 0)


def test_what_retention_removed_is_neither_lost_nor_forgotten(bank: Bank) -> None:
    bank.send([encode(t) for t in transactions(0, 40)])
    bank.book(0, 40)
    bank.consume(30)
    assert bank.take().well
    admin = AdminClient({"bootstrap.servers": ",".join(bank.servers)}, logger=LIBRDKAFKA_LOG)
    for removed in admin.delete_records([TopicPartition(bank.topic, 0, 25)]).values():
        removed.result()
    for found in (bank.take(), bank.take_from_scratch()):
        assert (figures(found), found.well, found.expired) == ((40, 30, 0, 10), True, True)
    bank.consume(10)
    assert figures(bank.take()) == (40, 40, 0, 0)


# Lanes


@pytest.fixture
def open_book(bank: Bank) -> Callable[[], Book]:
    settings = producer_settings(
        {
            "BOOTSTRAP_SERVERS": ",".join(bank.servers),
            "TOPIC": bank.topic,
            "SEED": f"{SEED}",
        }
    )
    return lambda: Book(settings)


def send_with(book: Book, bank: Bank, numbers: list[int], stream: int) -> None:
    for number in numbers:
        (transaction,) = transactions(number, number + 1, stream)
        identity = transaction.transaction_id
        book.sending(identity)

        def answered(answer: object, identity: str = identity) -> None:
            book.answered(identity, not isinstance(answer, Delivery))

        bank.producer.send(bank.topic, b"k", encode(transaction), (), answered)
    assert bank.producer.flush(Deadline(20)) == 0


def test_two_producers_with_one_seed_take_lanes_of_their_own(
    bank: Bank, open_book: Callable[[], Book]
) -> None:
    with Stop() as stop:
        first, second, third = open_book(), open_book(), open_book()
        one = first.claim(bank.producer, stop)
        assert (one.number, one.stream, one.fresh) == (0, SEED, True)
        send_with(first, bank, [0, 1, 2], one.stream)
        stop.wait = lambda seconds: first.show() or wait(seconds)  # type: ignore[method-assign,func-returns-value] # the first is alive: it goes on writing
        two = second.claim(bank.producer, stop)
        assert (two.number, two.fresh) == (1, True)
        send_with(second, bank, [0, 1], two.stream)
        first.close()
        second.close()
        three = third.claim(bank.producer, stop)
        assert (three.number, three.fresh) == (0, False), "who ended gives its lane back"
        third.close()
    found = bank.take()
    assert (found.well, found.acknowledged, found.runs, found.alive) == (True, 5, 3, 0)


def wait(seconds: float) -> bool:
    with Stop() as stop:
        return stop.wait(seconds)


def test_a_producer_that_was_killed_holds_its_lane_for_a_moment_only(
    bank: Bank, open_book: Callable[[], Book]
) -> None:
    with Stop() as stop:
        killed = open_book()
        assert killed.claim(bank.producer, stop).number == 0
        began = Deadline(60)
        assert open_book().claim(bank.producer, stop).number == 0
        assert began.elapsed < 5


def test_two_that_claim_at_the_same_moment_do_not_get_the_same_lane(
    bank: Bank, open_book: Callable[[], Book], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second claims between the first one's look and its claim: the earlier claim has it."""
    from kafka_workshop.ledger.book import Shelf  # noqa: PLC0415 - what is patched here only

    with Stop() as stop:
        first, second = open_book(), open_book()
        taken: list[int] = []
        alive = Shelf.alive

        def interrupted(shelf: Shelf, stream: int, ours: str, stopping: Stop) -> bool:
            answer = alive(shelf, stream, ours, stopping)
            if not taken:
                taken.append(-1)
                taken[0] = second.claim(bank.producer, stop).number
            return answer

        monkeypatch.setattr(Shelf, "alive", interrupted)
        mine = first.claim(bank.producer, stop).number
        assert {mine, taken[0]} == {0, 1}
