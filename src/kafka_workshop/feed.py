"""What the producer sends: history on an empty topic, then live transactions, never one twice.

The topic itself says how far it got: each transaction's id tells its sequence number in the
stream of the seed, and the highest number that is stored is the last that was sent. A second
producer with the same seed has a lane, that is a stream, of its own; only the first writes history.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice, repeat

from msgspec import Struct

from kafka_workshop.clock import now_ms
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import Undecodable
from kafka_workshop.ledger.book import Lane
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.codec import decode
from kafka_workshop.messaging.dlq.letter import was_redriven
from kafka_workshop.messaging.newest import newest_where
from kafka_workshop.pace import Pacer
from kafka_workshop.settings import ProducerSettings
from kafka_workshop.shutdown import Stop
from kafka_workshop.simulator.fraud.overlay import MIN_ACCOUNTS
from kafka_workshop.simulator.fraud.plan import MIN_HISTORY_DAYS, FraudPlan
from kafka_workshop.simulator.population import build_population
from kafka_workshop.simulator.stream import Simulator, history_instants, sequence_of

_DAY_MS = 24 * 3600 * 1000
# Live transactions are sent as they occur; one sent later than this belongs to the history.
_LIVE_WITHIN_MS = 60_000


class Plan(Struct, frozen=True):
    """Where to go on: the first sequence number, and the history still to be written before live.

    `history_start_ms` and `history_end_ms` are event times, milliseconds UTC.
    """

    first_sequence: int
    history_count: int
    history_start_ms: int
    history_end_ms: int


def plan(settings: ProducerSettings, newest: Iterable[Message], now: int, lane: Lane) -> Plan:
    """Return where to go on after the `newest` records, `now` in milliseconds UTC.

    - Nothing of this lane is stored: the whole history, up to now.
    - The highest number belongs to a history that was cut short: the rest of it.
    - Otherwise: live, from the next number on.
    """
    last = max(newest, key=lambda m: _sequence(m, lane.stream) or 0, default=None)
    with_history = settings.history_days > 0 and lane.number == 0
    if last is None:
        count = settings.history_transactions if with_history else 0
        return Plan(0, count, now - settings.history_days * _DAY_MS, now)
    following = (_sequence(last, lane.stream) or 0) + 1
    occurred_at = decode(last.value).occurred_at
    left = max(0, settings.history_transactions - following)
    if not with_history or last.timestamp_ms - occurred_at < _LIVE_WITHIN_MS:
        left = 0
    return Plan(following, left, min(occurred_at, now - 1), now)


def fraud_plan(settings: ProducerSettings) -> FraudPlan | None:
    """Return how much fraud there is, the same at every start; None for none.

    Too few accounts have none: settings refuse that only of a rate that somebody chose.
    """
    if settings.fraud_rate == 0 or settings.accounts < MIN_ACCOUNTS:
        return None
    long_enough = settings.history_days >= MIN_HISTORY_DAYS
    return FraudPlan(settings.fraud_rate, settings.history_transactions if long_enough else 0)


def is_ours(message: Message, stream: int) -> bool:
    """Return whether `message` holds a transaction of this stream, a seed's lane, as it was sent.

    One that was redriven from the dead letters is older than those before it.
    """
    return not was_redriven(message) and _sequence(message, stream) is not None


def _sequence(message: Message, stream: int) -> int | None:
    try:
        return sequence_of(decode(message.value).transaction_id, stream)
    except Undecodable:
        return None


class Feed:
    """Transactions one by one: `wait` for the turn of the next, then take it with `next`.

    `instants` are their event times. What it goes on with is told: `plan`, `lane`, `simulator`.
    """

    def __init__(
        self, plan_: Plan, lane: Lane, simulator: Simulator, instants: Iterator[int], rate: float
    ) -> None:
        self.plan, self.lane, self.simulator = plan_, lane, simulator
        self._transactions = simulator.transactions(instants, plan_.first_sequence)
        self._history_left = plan_.history_count
        self._rate = rate
        self._pacer: Pacer | None = None

    def next(self) -> Transaction:
        """Return the next transaction; a live one occurs at this moment."""
        self._history_left -= 1
        return next(self._transactions)

    def wait(self, stop: Stop, idle: Callable[[], None]) -> bool:
        """Wait for the next one's turn, calling `idle` meanwhile; history takes no turns.

        Returns:
            False at once if the end is asked for.
        """
        if self._history_left > 0:
            return not stop.requested
        if self._pacer is None:
            self._pacer = Pacer(self._rate)
        return self._pacer.wait(stop, idle)


def open_feed(settings: ProducerSettings, lane: Lane) -> Feed:
    """Return the feed that goes on where the topic ends.

    Raises:
        Unavailable: the topic's end can't be read now.
    """
    simulator = _simulator(settings.seed, settings.accounts, lane.stream, fraud_plan(settings))
    where = plan(settings, _newest(settings, lane), now_ms(), lane)
    history = history_instants(
        settings.seed, where.history_start_ms, where.history_end_ms, where.history_count
    )
    live = (now_ms() for _ in repeat(None))
    instants = chain(islice(history, where.history_count), live)
    return Feed(where, lane, simulator, instants, settings.rate)


def _newest(settings: ProducerSettings, lane: Lane) -> list[Message]:
    if lane.number and lane.fresh:
        return []  # the whole topic would be searched for what nobody has written
    return newest_where(
        settings.kafka.bootstrap_servers,
        settings.kafka.topic,
        lambda message: is_ours(message, lane.stream),
    )


@lru_cache(maxsize=1)
def _simulator(seed: int, accounts: int, stream: int, fraud: FraudPlan | None) -> Simulator:
    return Simulator(build_population(seed, accounts), stream, fraud)
