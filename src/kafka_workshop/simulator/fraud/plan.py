"""How much fraud there is in a stream, and which part of the stream is its history."""

from dataclasses import dataclass

from kafka_workshop.domain.label import SCENARIOS
from kafka_workshop.simulator.fraud.account_takeover import ACCOUNT_TAKEOVER
from kafka_workshop.simulator.fraud.card_testing import CARD_TESTING
from kafka_workshop.simulator.fraud.compromise import COMPROMISE
from kafka_workshop.simulator.fraud.dormant import DORMANT
from kafka_workshop.simulator.fraud.impossible_travel import IMPOSSIBLE_TRAVEL
from kafka_workshop.simulator.fraud.mule import MULE
from kafka_workshop.simulator.fraud.scenario import Scenario
from kafka_workshop.simulator.fraud.structuring import STRUCTURING
from kafka_workshop.simulator.fraud.velocity import VELOCITY

MAX_RATE = 0.005
# Accounts sleep for over 90 days between `FraudPlan.settled` and `.waking`, 77 % of the history.
MIN_HISTORY_DAYS = 117
_ALL = (
    *(CARD_TESTING, IMPOSSIBLE_TRAVEL, ACCOUNT_TAKEOVER, MULE),
    *(STRUCTURING, COMPROMISE, DORMANT, VELOCITY),
)
CATALOGUE: tuple[Scenario, ...] = tuple(
    next(scenario for scenario in _ALL if scenario.name == name) for name in SCENARIOS
)


@dataclass(frozen=True, slots=True)
class FraudPlan:
    """Part of a stream's identity, as the seed is: another plan is another stream.

    Attributes:
        rate: share of the transactions that are labelled, above 0 and at most `MAX_RATE`.
        history: how many of the stream's first numbers are its history, which takes 120 days or
            more; 0: none. Then nobody can have been idle for long enough to be reactivated.

    Raises:
        ValueError: either is out of bounds.
    """

    rate: float
    history: int = 0

    def __post_init__(self) -> None:
        """Check the bounds."""
        if not 0 < self.rate <= MAX_RATE:
            raise ValueError(f"the rate of fraud is above 0 and at most {MAX_RATE}")
        if self.history < 0:
            raise ValueError("the history has no fewer than 0 numbers")

    @property
    def settled(self) -> int:
        """The first number at which accounts have habits that fraud may break: after 12 days."""
        return self.history // 10

    @property
    def waking(self) -> int:
        """The first number at which who slept since `settled` has done so for over 90 days."""
        return self.history * 87 // 100
