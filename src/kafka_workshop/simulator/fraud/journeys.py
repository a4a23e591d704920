"""Who is away from home for a day: the flights that make impossible travel hard to tell.

A journey is a function of the population, the account and the event time's day (UTC), so it needs
no memory and holds at any pace. From 6 to 9 h in the morning (Brasília) somebody flies to another
city, stays, and is back at home by 21 h. In the air nobody uses a card at a terminal.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

from kafka_workshop.simulator.fraud.cast import World
from kafka_workshop.simulator.fraud.impossible_travel import kilometres
from kafka_workshop.simulator.fraud.scenario import DAY_MS
from kafka_workshop.simulator.places import CITIES, WEIGHTS, CityOf
from kafka_workshop.simulator.population import Account, Terminal

_HOUR_MS = 3_600_000
SHARE = 0.005  # of the accounts travel on a day
FARTHEST_KM = 2_500  # there and back in a day
KMH = 600  # from the last payment at home to the first one there, faster than most flights


@dataclass(frozen=True, slots=True)
class Journey:
    """One day's journey: instants in milliseconds UTC, and the account as it is while away."""

    leaves: int
    arrives: int
    leaves_again: int
    home: int
    away: Account

    def at(self, account: Account, instant: int) -> Account | None:
        """Return the account with the places around it, None while it is in the air."""
        if self.arrives <= instant < self.leaves_again:
            return self.away
        return None if self.leaves <= instant < self.home else account


class Journeys:
    """The journeys of a population, a day at a time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._machines: dict[str, list[Terminal]] = {}
        for machine in world.population.machines:
            self._machines.setdefault(machine.location.city, []).append(machine)
        self._of_day = lru_cache(maxsize=4)(self._planned)

    def where(self, account: Account, instant: int) -> Account | None:
        """Return the account with the places around it, None while it is in the air."""
        journey = self.on(instant).get(account.id)
        return account if journey is None else journey.at(account, instant)

    def on(self, instant: int) -> dict[str, Journey]:
        """Return the journeys of an instant's day by account id."""
        return self._of_day(instant // DAY_MS)

    def _planned(self, day: int) -> dict[str, Journey]:
        population = self._world.population
        random = Random(f"journeys:{population.seed}:{day}")
        travellers = round(SHARE * len(population.accounts) + random.random() - 0.5)
        return {
            account.id: self._journey(random, account, day * DAY_MS)
            for account in random.sample(population.accounts, travellers)
        }

    def _journey(self, random: Random, account: Account, midnight: int) -> Journey:
        city = self._destination(random, account)
        flight = round(kilometres(account.home, city) / KMH * _HOUR_MS) + _HOUR_MS // 2
        leaves = midnight + random.randrange(9 * _HOUR_MS, 12 * _HOUR_MS)
        home = midnight + DAY_MS
        terminals = random.choices(self._world.terminals[city.name], k=4)
        machines = random.choices(self._machines[city.name], k=2)
        away = replace(
            account,
            home=terminals[0].location,
            terminals=tuple(terminals),
            machines=tuple(machines),
        )
        return Journey(leaves, leaves + flight, home - flight, home, away)

    def _destination(self, random: Random, account: Account) -> CityOf:
        while True:
            city = random.choices(CITIES, WEIGHTS)[0]
            if city.name != account.home.city and kilometres(account.home, city) <= FARTHEST_KM:
                return city
