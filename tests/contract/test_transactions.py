"""What both libraries promise about transactions: what is committed is read, and nothing else."""

from collections.abc import Callable

import pytest

from kafka_workshop.clock import Deadline
from kafka_workshop.messaging.dlq.transactions import (
    Aborted,
    TransactionalProducer,
    open_transactional,
)
from tests.contract.conftest import Clients, commit_all, process, random_name, read, send_all

pytestmark = pytest.mark.cluster


def transact(producer: TransactionalProducer, topic: str, value: bytes, kept: bool) -> None:
    """Send three records in a transaction; where brokers refuse it for now, in the next one."""
    deadline = Deadline(20)
    while True:
        producer.begin()
        try:
            for _ in range(3):
                producer.send(topic, 0, b"k", value, (), 0)
            producer.flush()
            if kept:
                producer.commit()
        except Aborted:
            producer.abort()
            assert not deadline.expired
        else:
            break
    if not kept:
        producer.abort()


def test_a_committed_transaction_is_read_and_an_aborted_one_is_not(
    clients: Clients, topics: Callable[[int], str], bootstrap_servers: tuple[str, ...]
) -> None:
    topic, group = topics(1), random_name("group")
    producer = open_transactional(bootstrap_servers, random_name("transaction"))
    for value, kept in {b"first": True, b"aborted": False, b"second": True}.items():
        transact(producer, topic, value, kept)
    producer.close()
    send_all(clients.producer(), topic, [(b"k", b"plain")])

    consumer = clients.consumer(topic, group)
    messages = read(consumer, 7)
    assert [m.value for m in messages] == [b"first"] * 3 + [b"second"] * 3 + [b"plain"]
    # Three records and the marker of its end belong to each transaction: the offsets have gaps.
    assert messages[-1].offset >= 12
    process(consumer, messages)
    commit_all(consumer)
    clients.close(consumer)
    send_all(clients.producer(), topic, [(b"k", b"after")])
    again = clients.consumer(topic, group)
    assert [m.value for m in read(again, 1)] == [b"after"]
