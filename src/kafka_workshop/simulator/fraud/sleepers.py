"""Who is idle for 90 days: accounts that live in the first 12 days of the history, then nowhere.

They are told from the population and the plan, so every lane of a seed knows them and leaves them
alone; only lane 0, which has the history, tells their life and wakes them, each once. Nobody pays
them either.
"""

from dataclasses import replace
from random import Random

from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.simulator.fraud.cast import PIX_OUTSIDE, PRESENT, SITE, Cast, World
from kafka_workshop.simulator.fraud.drafts import card_absent, card_present, paid_online
from kafka_workshop.simulator.fraud.plan import FraudPlan
from kafka_workshop.simulator.population import Account, Population

LIFE = 8  # transactions that a sleeper has before it falls asleep
_NUMBERS_EACH = 10 * LIFE  # so that they are a tenth of the first days, as of the population
_SHARE = 10  # one of so many accounts at most


def sleepers_of(population: Population, plan: FraudPlan) -> tuple[Account, ...]:
    """Return the sleepers in the order in which they wake."""
    count = min(len(population.accounts) // _SHARE, plan.settled // _NUMBERS_EACH)
    return tuple(Random(f"sleepers:{population.seed}").sample(population.accounts, count))


def without(population: Population, sleepers: tuple[Account, ...]) -> Population:
    """Return the population of whom the ordinary stream draws: nobody pays a sleeper.

    Its accounts keep their positions' meaning for `payees`, which point into the whole population.
    """
    asleep = frozenset(account.id for account in sleepers)
    everyone = population.accounts
    awake = tuple(
        replace(account, payees=_awake_payees(population, asleep, position))
        if any(everyone[payee].id in asleep for payee in account.payees)
        else account
        for position, account in enumerate(everyone)
        if account.id not in asleep
    )
    return replace(population, accounts=awake)


def _awake_payees(population: Population, asleep: frozenset[str], position: int) -> tuple[int, ...]:
    everyone = population.accounts
    payees: list[int] = []
    for payee in everyone[position].payees:
        following = payee
        while everyone[following].id in asleep or following == position:
            following = (following + 1) % len(everyone)
        payees.append(following)
    return tuple(payees)


def lives(
    world: World, plan: FraudPlan, sleepers: tuple[Account, ...]
) -> list[tuple[int, Transaction]]:
    """Return what sleepers do before they sleep, each with the number it would like to have."""
    random = Random(f"lives:{world.population.seed}")
    return sorted(
        (
            (random.randrange(plan.settled), _ordinary(Cast(world, random, set(), sleeper)))
            for sleeper in sleepers
            for _ in range(LIFE)
        ),
        key=lambda life: life[0],
    )


def _ordinary(cast: Cast) -> Transaction:
    account, random = cast.account, cast.random
    device, kind = cast.own_device(), random.random()
    if kind < 0.3:
        return card_present(account, cast.usual(PRESENT), random.choice(account.terminals))
    if kind < 0.45:
        return card_absent(account, cast.usual(SITE), device, random.choice(account.sites))
    friend = random.choice(account.contacts)
    return paid_online(account, "pix", cast.usual(PIX_OUTSIDE), device, friend)
