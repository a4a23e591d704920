"""The Fraud Detection Handbook's simulation of card payments, of any size, from a seed.

Source: Y.-A. Le Borgne et al., Reproducible Machine Learning for Credit Card Fraud Detection, 2022,
chapter 3.2, with its parameters: who pays how much and how often, terminals within a radius, and
three ways of fraud. Its
shape, not its very rows: those hang on another generator of chance. A smaller one has as large a
share of fraud.
"""

import math
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

_START = datetime(2018, 4, 1)  # noqa: DTZ001 - as the file has it, of no zone
_SIDE, _RADIUS = 100.0, 5.0
_DAY_S = 86_400
_HIGH_AMOUNT = 220.0
# Of so many in the book, so many are struck each day, for so many days.
_TERMINALS, _CUSTOMERS = (10_000, 2, 28), (5_000, 3, 14)


class Customer(NamedTuple):
    """Who pays: amounts in the file's unit, payments a day, terminals within reach."""

    number: int
    mean_amount: float
    payments_a_day: float
    terminals: tuple[int, ...]


class Row(NamedTuple):
    """A payment; `second` counts from the file's first midnight."""

    second: int
    customer: int
    terminal: int
    amount: float
    scenario: int = 0


def simulated_rows(seed: int, customers: int, terminals: int, days: int) -> Iterator[str]:
    """Yield the rows of a CSV file in the order of time; the header is `datasets.HANDBOOK`."""
    rng = random.Random(seed)
    people = _people(rng, customers, terminals)
    rows = sorted(row for day in range(days) for who in people for row in _payments(rng, who, day))
    for number, row in enumerate(_with_fraud(rng, rows, customers, terminals, days)):
        at = _START + timedelta(seconds=row.second)
        yield (
            f"{number},{at},{row.customer},{row.terminal},{row.amount:.2f},{row.second},"
            f"{row.second // _DAY_S},{int(row.scenario > 0)},{row.scenario}"
        )


def _people(rng: random.Random, customers: int, terminals: int) -> list[Customer]:
    places = [(rng.uniform(0, _SIDE), rng.uniform(0, _SIDE)) for _ in range(terminals)]
    # With few terminals hardly one is within five units: the same number of them as in the book.
    radius = _RADIUS * math.sqrt(10_000 / max(1, terminals))
    people = []
    for number in range(customers):
        home = rng.uniform(0, _SIDE), rng.uniform(0, _SIDE)
        near = tuple(t for t, place in enumerate(places) if math.dist(home, place) < radius)
        people.append(Customer(number, rng.uniform(5, 100), rng.uniform(0, 4), near))
    return [person for person in people if person.terminals]


def _payments(rng: random.Random, who: Customer, day: int) -> Iterator[Row]:
    for _ in range(_poisson(rng, who.payments_a_day)):
        second = int(rng.gauss(_DAY_S / 2, 20_000))
        if not 0 < second < _DAY_S:
            continue
        amount = rng.gauss(who.mean_amount, who.mean_amount / 2)
        if amount < 0:
            amount = rng.uniform(0, 2 * who.mean_amount)
        amount = max(0.01, round(amount, 2))
        yield Row(day * _DAY_S + second, who.number, rng.choice(who.terminals), amount)


def _poisson(rng: random.Random, mean: float) -> int:
    count, product, limit = 0, rng.random(), math.exp(-mean)
    while product > limit:
        count, product = count + 1, product * rng.random()
    return count


def _with_fraud(
    rng: random.Random, rows: list[Row], customers: int, terminals: int, days: int
) -> Iterator[Row]:
    """Yield the rows with the book's frauds, a later scenario over an earlier one."""
    struck_terminals = _spells(rng, terminals, days, *_TERMINALS)
    struck_customers = _spells(rng, customers, days, *_CUSTOMERS)
    for row in rows:
        day = row.second // _DAY_S
        if (day, row.customer) in struck_customers and rng.random() < 1 / 3:
            yield row._replace(amount=round(row.amount * 5, 2), scenario=3)
        elif (day, row.terminal) in struck_terminals:
            yield row._replace(scenario=2)
        elif row.amount > _HIGH_AMOUNT:
            yield row._replace(scenario=1)
        else:
            yield row


def _spells(
    rng: random.Random, population: int, days: int, of: int, struck: int, length: int
) -> set[tuple[int, int]]:
    """Return (day, number) of all that are struck; each day some more are, for a while."""
    a_day = population * struck / of
    return {
        (day, number)
        for begin in range(days)
        for number in rng.sample(range(population), int(a_day) + (rng.random() < a_day % 1))
        for day in range(begin, begin + length)
    }
