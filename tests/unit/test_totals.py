"""How counts and money are told."""

from collections import Counter

from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.simulator.population import build_population
from kafka_workshop.simulator.stream import Simulator
from kafka_workshop.totals import money, shown, state_of


def transactions(count: int) -> list[Transaction]:
    simulator = Simulator(build_population(3, 50), 3)
    return list(simulator.transactions([1_760_000_000_000 + n * 1_000 for n in range(count)]))


def test_a_transaction_without_a_place_has_no_state() -> None:
    (without, *_) = (t for t in transactions(500) if t.location is None)
    (within, *_) = (t for t in transactions(500) if t.location is not None)
    assert state_of(without) == "--"
    assert within.location is not None
    assert state_of(within) == within.location.uf


def test_counts_are_shown_largest_first_and_money_in_units() -> None:
    assert shown(Counter({"b": 2, "a": 2, "c": 5})) == "c=5 a=2 b=2"
    assert [money(amount) for amount in (0, 5, 100, 123_456)] == ["0.00", "0.05", "1.00", "1234.56"]
