"""Transactions as they occur, so many a second."""

import time
from collections.abc import Callable

from benchmarks.monitor.ground import SEED
from kafka_workshop.clock import Deadline, now_ms
from kafka_workshop.errors import ServiceFailed
from kafka_workshop.language import tr
from kafka_workshop.messaging import confluent
from kafka_workshop.messaging.codec import encode
from kafka_workshop.simulator.population import build_population
from kafka_workshop.simulator.stream import Simulator

ACCOUNTS = 5_000
_NAP_S = 0.001
_FLUSH_S = 20.0
# Is told the id of a transaction and when it was sent, seconds of the monotonic clock.
Sent = Callable[[str, float], None]


def nobody(_id: str, _at: float) -> None:
    """Note nothing."""


def send_live(
    servers: tuple[str, ...],
    topic: str,
    per_second: int,
    seconds: float,
    sent: Sent = nobody,
) -> int:
    """Send transactions at an even rate; return how many, all of them acknowledged."""
    simulator = Simulator(build_population(SEED, ACCOUNTS), SEED)
    transactions = simulator.transactions(iter(now_ms, -1))
    producer = confluent.open_producer(servers, 10.0)
    time_, count = Deadline(seconds), 0
    while not time_.expired:
        while count < time_.elapsed * per_second:
            transaction = next(transactions)
            value = encode(transaction)
            sent(transaction.transaction_id, time.monotonic())
            producer.send(topic, transaction.account_id.encode(), value)
            count += 1
        producer.poll()
        time.sleep(_NAP_S)
    missing = producer.flush(Deadline(_FLUSH_S))
    producer.close()
    if missing:
        raise ServiceFailed(tr("{n} not acknowledged", "{n} sem confirmação", n=missing))
    return count
