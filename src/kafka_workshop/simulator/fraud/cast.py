"""Who and what an episode is made of, drawn from one seeded generator."""

from collections import defaultdict
from dataclasses import dataclass
from math import exp, log
from random import Random

from kafka_workshop.domain.transaction import Counterparty, DeclineReason, Merchant
from kafka_workshop.simulator.behaviour import (
    MAX_AMOUNT,
    MOVEMENTS,
    Movement,
    declines,
    lognormal,
    mean,
    personal,
)
from kafka_workshop.simulator.population import (
    Account,
    Device,
    Population,
    Terminal,
    anyone_outside,
    device_of,
)

PIX_INSIDE, PIX_OUTSIDE, PIX_SHOP, PIX_IN, PRESENT, SITE, _, _, TRANSFER, TRANSFER_IN, _ = MOVEMENTS
_PAYING = tuple(m for m in MOVEMENTS if m.side != "incoming")
_REFUSALS = tuple(reason for reason in declines(SITE) if reason is not None)
_TRIES = 64


@dataclass(frozen=True, slots=True)
class World:
    """A population as fraud sees it.

    Attributes:
        population: those who are awake.
        customers: how many accounts there are in all.
        accounts: each account as often as it is active.
        terminals: the terminals of each city.
        patrons: who shops at a terminal by habit.
        busy: the half of the terminals that has the most patrons.
    """

    population: Population
    customers: int
    accounts: tuple[Account, ...]
    terminals: dict[str, tuple[Terminal, ...]]
    patrons: dict[str, tuple[Account, ...]]
    busy: tuple[Terminal, ...]


def world_of(population: Population, customers: int) -> World:
    """Return the world of a population that is part of `customers` accounts."""
    terminals: dict[str, list[Terminal]] = defaultdict(list)
    patrons: dict[str, dict[str, Account]] = {t.id: {} for t in population.terminals}
    for terminal in population.terminals:
        terminals[terminal.location.city].append(terminal)
    for account in population.accounts:
        for terminal in account.terminals:
            patrons[terminal.id][account.id] = account
    ranked = sorted(population.terminals, key=lambda t: -len(patrons[t.id]))
    return World(
        population,
        customers,
        tuple(a for a in population.accounts for _ in range(a.activity)),
        {city: tuple(those) for city, those in terminals.items()},
        {terminal: tuple(those.values()) for terminal, those in patrons.items()},
        tuple(ranked[: len(ranked) // 2]),
    )


class Cast:
    """One episode's account and whatever else it needs.

    `engaged` holds the ids of accounts that have a part in some episode of the span; nobody is in
    two, as far as there are enough.
    """

    def __init__(
        self, world: World, random: Random, engaged: set[str], account: Account | None = None
    ) -> None:
        self.world, self.random, self._engaged = world, random, engaged
        self.account = account or self.another()

    def another(self) -> Account:
        """Return an account that has no part yet, busy ones more often."""
        account = self._free(self.world.accounts)
        self._engaged.add(account.id)
        return account

    def _free(self, accounts: tuple[Account, ...]) -> Account:
        account = self.random.choice(accounts)
        for _ in range(_TRIES):
            if account.id not in self._engaged:
                break
            account = self.random.choice(accounts)
        return account

    def patrons(self, terminal: Terminal, count: int) -> list[Account]:
        """Return up to `count` customers of a terminal who have no part yet."""
        free = [a for a in self.world.patrons[terminal.id] if a.id not in self._engaged]
        chosen = self.random.sample(free, min(count, len(free)))
        self._engaged.update(account.id for account in chosen)
        return chosen

    def stranger(self) -> Counterparty:
        """Return an account elsewhere that nobody has dealt with."""
        return anyone_outside(self.random)

    def new_device(self) -> Device:
        """Return a device that no customer has, no different to look at."""
        return device_of(self.random, self.random.randrange(3 * self.world.customers, 2**28))

    def own_device(self, account: Account | None = None) -> Device:
        """Return a device that the account usually has."""
        return self.random.choice((account or self.account).devices)

    def site(self) -> Merchant:
        """Return any shop on the internet."""
        return self.random.choice(self.world.population.sites)

    def refusal(self) -> DeclineReason:
        """Return why a card payment is refused."""
        return self.random.choice(_REFUSALS)

    def usual(self, movement: Movement, account: Account | None = None) -> int:
        """Return an amount as the account usually has it, minor units."""
        median = lognormal(self.random.random(), movement.median, movement.sigma)
        spend = (account or self.account).spend[movement.index]
        return personal(round(median), spend, movement, self.random.randrange(4))

    def times_mean(self, low: float, high: float, account: Account | None = None) -> int:
        """Return an amount between `low` and `high` times what the account pays on average."""
        return self.written(mean_payment(account or self.account) * self.random.uniform(low, high))

    def written(self, amount: float) -> int:
        """Return an amount as people write it, half of them round, minor units."""
        unit = self.random.choice((1, 1, 1_000, 5_000))
        return min(MAX_AMOUNT, max(unit, round(amount / unit) * unit))

    def between(self, low: int, high: int) -> int:
        """Return an amount from `low` to `high`, small ones as likely as large ones in ratio."""
        return round(exp(self.random.uniform(log(low), log(high))))


def mean_payment(account: Account) -> float:
    """Return what the account pays on average, over all kinds, minor units."""
    total = sum(m.weight * mean(m) * account.spend[m.index] for m in _PAYING)
    return total / 1000 / sum(m.weight for m in _PAYING)
