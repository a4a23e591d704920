"""What both libraries promise about transactions: what is committed is read, and nothing else."""

from collections.abc import Callable

import pytest

from kafka_workshop.messaging.dlq.transactions import open_transactional
from tests.contract.conftest import Clients, process, random_name, read, send_all

pytestmark = pytest.mark.cluster


def test_a_committed_transaction_is_read_and_an_aborted_one_is_not(
    clients: Clients, topics: Callable[[int], str], bootstrap_servers: tuple[str, ...]
) -> None:
    topic, group = topics(1), random_name("group")
    transactional = open_transactional(bootstrap_servers, random_name("transaction"))
    outcomes = {b"first": True, b"aborted": False, b"second": True}
    for value, kept in outcomes.items():
        transactional.begin()
        for _ in range(3):
            transactional.send(topic, 0, b"k", value, (), 0)
        transactional.flush()
        (transactional.commit if kept else transactional.abort)()
    transactional.close()
    send_all(clients.producer(), topic, [(b"k", b"plain")])

    consumer = clients.consumer(topic, group)
    messages = read(consumer, 7)
    assert [m.value for m in messages] == [b"first"] * 3 + [b"second"] * 3 + [b"plain"]
    # Three records and the marker of its end belong to each transaction: the offsets have gaps.
    assert [m.offset for m in messages] == [0, 1, 2, 8, 9, 10, 12]
    process(consumer, messages)
    assert consumer.commit() == 0
    clients.close(consumer)
    send_all(clients.producer(), topic, [(b"k", b"after")])
    again = clients.consumer(topic, group)
    assert [m.value for m in read(again, 1)] == [b"after"]
