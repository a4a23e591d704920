"""A seed's past as a first start has it: a sparse history, then live; with all its labels."""

from collections.abc import Iterator
from itertools import chain

from msgspec import Struct

from kafka_workshop.domain.label import LABEL_VERSION, CompleteUntil
from kafka_workshop.monitor.backtest.run import Event
from kafka_workshop.simulator.fraud.plan import FraudPlan
from kafka_workshop.simulator.population import build_population
from kafka_workshop.simulator.stream import Simulator, history_instants

_DAY_MS = 86_400_000
# A fixed moment, so that a seed gives the same whenever it is run: 2025-10-09 05:53 in Brasília.
LIVE_FROM = 1_760_000_000_000


class Simulation(Struct, frozen=True):
    """How much of a seed is played.

    Attributes:
        history, days: transactions of the history, and for how many days it goes back.
        live: transactions after it, `rate` a second.
        fraud: the share that is labelled; 0 for none.
        sleepers: whether the history is long enough for accounts that wake up after months.

    Raises:
        ValueError: from `events`, if there are too few accounts for fraud, or too much of it.
    """

    accounts: int = 5_000
    history: int = 200_000
    days: int = 120
    live: int = 180_000
    rate: float = 50.0
    fraud: float = 0.003
    sleepers: bool = True

    @property
    def count(self) -> int:
        """Transactions in all."""
        return self.history + self.live

    def events(self, seed: int) -> Iterator[Event]:
        """Yield the transactions of a seed, each label before its transaction."""
        history = self.history if self.sleepers else 0
        plan = FraudPlan(self.fraud, history) if self.fraud else None
        simulator = Simulator(build_population(seed, self.accounts), seed, plan)
        instant = 0
        for transaction, label in simulator.labelled(self._instants(seed)):
            instant = transaction.occurred_at
            if label is not None:
                yield label
            yield transaction
        yield CompleteUntil(LABEL_VERSION, instant)

    def _instants(self, seed: int) -> Iterator[int]:
        begin = LIVE_FROM - self.days * _DAY_MS
        history = history_instants(seed, begin, LIVE_FROM, self.history)
        live = (LIVE_FROM + int(n * 1000 / self.rate) for n in range(self.live))
        return chain(history, live)
