"""The producer itself, killed in the middle of its history: its labels are the simulator's own."""

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from kafka_workshop.clock import Deadline
from kafka_workshop.domain.label import CompleteUntil, Label
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.ledger.reader import Reader
from kafka_workshop.messaging.admin import end_offsets
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.codec import decode
from kafka_workshop.messaging.config import LIBRDKAFKA_LOG
from kafka_workshop.messaging.label_codec import decode_label
from kafka_workshop.messaging.topics import labels_topic
from kafka_workshop.simulator.fraud.plan import FraudPlan
from kafka_workshop.simulator.population import build_population
from kafka_workshop.simulator.stream import Simulator, sequence_of
from tests.contract.conftest import random_name
from tests.support.programs import Program, Programs
from tests.support.waiting import wait_until

pytestmark = pytest.mark.cluster
SEED, ACCOUNTS, HISTORY, RATE = 12, 200, 24_000, 0.005


@pytest.fixture
def topic(bootstrap_servers: tuple[str, ...]) -> Iterator[str]:
    name = random_name("fraud")
    yield name
    admin = AdminClient({"bootstrap.servers": ",".join(bootstrap_servers)}, logger=LIBRDKAFKA_LOG)
    made = [each for each in admin.list_topics(timeout=10).topics if each.startswith(name)]
    for deleted in admin.delete_topics(made).values() if made else ():
        deleted.result()


@pytest.fixture
def programs(tmp_path: Path, bootstrap_servers: tuple[str, ...], topic: str) -> Iterator[Programs]:
    settings = {
        "BOOTSTRAP_SERVERS": ",".join(bootstrap_servers),
        "TOPIC": topic,
        "SEED": str(SEED),
        "ACCOUNTS": str(ACCOUNTS),
        "HISTORY_TRANSACTIONS": str(HISTORY),
        "FRAUD_RATE": str(RATE),
        "LOG_LINES": "1",
    }
    started = Programs.beside(tmp_path / "project", settings)
    yield started
    started.kill()


def records(servers: tuple[str, ...], topic: str) -> list[Message]:
    """Read a topic from its beginning to its end."""
    reader, deadline, found = Reader(servers, "test"), Deadline(30), list[Message]()
    places = reader.places([topic], deadline)
    ends = reader.ends(places, deadline)
    reader.read(dict.fromkeys(places, 0), ends, found.append, deadline)
    reader.close()
    return found


def run_until(program: Program, servers: tuple[str, ...], topic: str, stored: int) -> None:
    wait_until(
        lambda: (
            program.process.poll() is not None or sum(end_offsets(servers, topic).values()) > stored
        ),
        30,
        f"{stored} transactions in {topic}",
    )
    assert program.process.poll() is None, program.errors


def labelled(transactions: list[Transaction]) -> set[Label]:
    """The simulator's own labels of what was known by the last of these transactions."""
    simulator = Simulator(build_population(SEED, ACCOUNTS), SEED, FraudPlan(RATE, HISTORY))
    now = max(transaction.occurred_at for transaction in transactions)
    labels = (simulator.label(t, sequence_of(t.transaction_id, SEED) or 0) for t in transactions)
    return {label for label in labels if label is not None and label.available_at <= now}


def test_a_killed_producers_labels_are_those_of_the_transactions_that_are_stored(
    programs: Programs, bootstrap_servers: tuple[str, ...], topic: str
) -> None:
    first = programs.start("producer")
    run_until(first, bootstrap_servers, topic, HISTORY // 4)
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    left = HISTORY - max(sequences(records(bootstrap_servers, topic)))
    assert left > 100, "it was killed in the middle of its history"

    # The other library goes on where the first one was, some way into the live transactions.
    settings = {"KAFKA_CLIENT": "kafka-python", "MAX_MESSAGES": str(left + 20), "RATE": "1000"}
    second = programs.start("producer", **settings)
    assert second.result() == 0, second.errors

    stored = records(bootstrap_servers, topic)
    transactions = [decode(message.value) for message in stored]
    told = [(m, decode_label(m.value)) for m in records(bootstrap_servers, labels_topic(topic))]
    labels = [record for _, record in told if isinstance(record, Label)]
    assert set(labels) == labelled(transactions)
    assert max(Counter(label.transaction_id for label in labels).values()) == 1
    assert len({t.transaction_id for t in transactions}) == len(transactions)
    partition_of = {message.key: message.partition for message in stored}
    for message, record in told:
        if isinstance(record, Label):
            assert message.key == record.account_id.encode()
            assert message.partition == partition_of[message.key]
    complete = {m.partition: r.until for m, r in told if isinstance(r, CompleteUntil)}
    now = max(transaction.occurred_at for transaction in transactions)
    assert len(complete) == 6
    assert all(0 <= now - until - 7 * 86_400_000 < 3_600_000 for until in complete.values())


def sequences(stored: list[Message]) -> list[int]:
    return [sequence_of(decode(message.value).transaction_id, SEED) or 0 for message in stored]
