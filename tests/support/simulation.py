"""A simulated population and its transactions, built once for the tests that look at them."""

from collections.abc import Iterator
from functools import cache

from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.simulator.draws import BLOCK
from kafka_workshop.simulator.population import OWN_INSTITUTION, Population, build_population
from kafka_workshop.simulator.stream import Simulator, history_instants

SEED = 7
START = 1_750_000_000_000  # Sunday 2025-06-15 12:06:40 in Brasília
DAY = 24 * 3600 * 1000
LENGTH = 3 * BLOCK + 100


@cache
def population() -> Population:
    return build_population(SEED, 800)


@cache
def history() -> tuple[Transaction, ...]:
    """Four weeks."""
    instants = history_instants(SEED, START, START + 28 * DAY, 40_000)
    return tuple(Simulator(population(), SEED).transactions(instants))


@cache
def uninterrupted() -> tuple[Transaction, ...]:
    return tuple(stream(0, LENGTH))


def stream(first: int, until: int, seed: int = SEED) -> Iterator[Transaction]:
    """Transactions first … until - 1, a fresh simulator, each number with its own instant."""
    instants = range(START + first * 977, START + until * 977, 977)
    return Simulator(population(), seed).transactions(instants, first)


def is_own_credit(transaction: Transaction) -> bool:
    other = transaction.counterparty
    return (
        transaction.leg == "credit" and other is not None and other.institution == OWN_INSTITUTION
    )


@cache
def small_population() -> Population:
    return build_population(1, 10)
