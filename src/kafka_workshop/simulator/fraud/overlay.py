"""All that fraud changes in one stream: who lives, who is where, and what numbers are instead."""

from collections.abc import Mapping

from kafka_workshop.domain.label import Label
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.simulator.behaviour import Movement
from kafka_workshop.simulator.fraud.cast import SITE, world_of
from kafka_workshop.simulator.fraud.journeys import Journeys
from kafka_workshop.simulator.fraud.plan import FraudPlan
from kafka_workshop.simulator.fraud.schedule import Part, Schedule
from kafka_workshop.simulator.fraud.sleepers import sleepers_of, without
from kafka_workshop.simulator.population import Account, Population

MIN_ACCOUNTS = 50
_AT_TERMINALS = ("card_present", "withdrawal")


class Overlay:
    """Fraud and its look-alikes in one stream.

    Attributes:
        awake: the population of whom the ordinary transactions are drawn.

    Raises:
        ValueError: the population has fewer than `MIN_ACCOUNTS`.
    """

    def __init__(self, population: Population, stream: int, plan: FraudPlan) -> None:
        if len(population.accounts) < MIN_ACCOUNTS:
            raise ValueError(f"fraud needs at least {MIN_ACCOUNTS} accounts")
        sleepers = sleepers_of(population, plan)
        self.awake = without(population, sleepers)
        world = world_of(self.awake, customers=len(population.accounts))
        self._schedule = Schedule(world, stream, plan, sleepers)
        self._journeys = Journeys(world)

    def script(self, block: int) -> Mapping[int, Part]:
        """Return what is decided in a block of `draws.BLOCK` numbers, by offset in the block."""
        return self._schedule.block(block)

    def label(self, transaction: Transaction, number: int) -> Label | None:
        """Return the label of the stream's `number`-th transaction, None if it is no fraud."""
        return self._schedule.label(transaction, number)

    def is_fraud(self, number: int) -> bool:
        """Return whether the stream's `number`-th transaction is fraud."""
        part = self._schedule.part(number)
        return part is not None and part.truth is not None

    def made(self, transaction: Transaction, number: int) -> bool:
        """Return whether the `number`-th is part of an episode, and is this very transaction."""
        part = self._schedule.part(number)
        identity, instant = transaction.transaction_id, transaction.occurred_at
        return part is not None and part.transaction(identity, instant) == transaction

    def where(self, movement: Movement, account: Account, instant: int) -> tuple[Movement, Account]:
        """Return the account with the places around it; in the air it uses no terminal."""
        here = self._journeys.where(account, instant)
        if here is not None:
            return movement, here
        return (SITE if movement.kind in _AT_TERMINALS else movement), account
