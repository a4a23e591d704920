"""Who transacts: customers with homes and habits, merchants and terminals with places.

Built once from a seed. Faker (pt_BR) fills pools of names; people and shops are combined from the
pools, because a call of Faker costs microseconds and an account needs a dozen values. Nothing here
holds a whole CPF or card number: only the masked digits are ever drawn.
"""

from dataclasses import dataclass
from itertools import count
from random import Random

from faker import Faker

from kafka_workshop.domain.transaction import (
    MAX_NAME_BYTES,
    Card,
    Channel,
    Counterparty,
    Holder,
    Location,
    Merchant,
    Uf,
    bounded,
    masked_cpf,
    masked_name,
)
from kafka_workshop.simulator.behaviour import CHRONOTYPES, MOVEMENTS, lognormal
from kafka_workshop.simulator.places import CITIES, WEIGHTS, CityOf, spot

OWN_INSTITUTION = "99990001"  # an ISPB that nobody has: the workshop's bank
# ISPB codes of large institutions, repeated by their rough share of Pix.
_INSTITUTIONS = (
    *("18236120", "18236120", "18236120", "60701190", "60701190", "00360305", "00360305"),
    *("60746948", "60746948", "00000000", "00000000", "90400888", "00416968", "10573521"),
)
_BINS = ("400217", "407302", "422200", "498401", "516292", "520048", "536518", "650507", "636297")
_SHOPS = (
    *(("Mercado", "5411"), ("Mercado", "5411"), ("Padaria", "5462"), ("Farmácia", "5912")),
    *(("Posto", "5541"), ("Cantina", "5812"), ("Lanches", "5814"), ("Bar", "5813")),
    *(("Moda", "5651"), ("Casa", "5712"), ("Ótica", "8043"), ("Pet", "5995")),
)
_SITES = (
    *(("Loja", "5311"), ("Livros", "5942"), ("Jogos", "5816"), ("Viagens", "4722")),
    *(("Delivery", "5814"), ("Corridas", "4121"), ("Cursos", "8299"), ("Eletro", "5732")),
)
CHANNELS: tuple[Channel, ...] = ("app", "web", "app")  # of a customer's devices
_MAX_SHOPS = 30_000  # three terminals each still have five digits


@dataclass(frozen=True, slots=True)
class Device:
    """A customer's telephone or computer and the address it usually has."""

    id: str
    channel: Channel
    ip: str


@dataclass(frozen=True, slots=True)
class Terminal:
    """A payment terminal of a merchant, or a cash machine (no merchant), where it stands."""

    id: str
    location: Location
    merchant: Merchant | None


@dataclass(frozen=True, slots=True)
class Account:
    """A customer's account with the habits that its transactions are drawn from.

    Attributes:
        spend: factor on the amount of each of `behaviour.MOVEMENTS`, in thousandths.
        activity: how many times as often as the laziest it transacts, 1 to 5.
        chronotype: index into `behaviour.CHRONOTYPES`.
        payees: positions, in the population, of beneficiaries within the bank.
    """

    id: str
    holder: Holder
    card: Card
    home: Location
    devices: tuple[Device, ...]
    spend: tuple[int, ...]
    activity: int
    chronotype: int
    terminals: tuple[Terminal, ...]
    machines: tuple[Terminal, ...]
    sites: tuple[Merchant, ...]
    payees: tuple[int, ...]
    contacts: tuple[Counterparty, ...]
    billers: tuple[Counterparty, ...]
    itself: Counterparty

    @property
    def uf(self) -> Uf:
        """The state that its day and night follow."""
        return self.home.uf


@dataclass(frozen=True, slots=True)
class Population:
    """Everyone and everything that transactions are drawn from."""

    seed: int
    accounts: tuple[Account, ...]
    terminals: tuple[Terminal, ...]
    machines: tuple[Terminal, ...]
    sites: tuple[Merchant, ...]


def build_population(seed: int, accounts: int) -> Population:
    """Return the population of a seed: the same for the same seed and number of accounts.

    Raises:
        ValueError: fewer than two accounts, so nobody could pay anybody.
    """
    if accounts < 2:
        raise ValueError("a population has at least two accounts")
    return _Builder(seed, accounts).build()


@dataclass(frozen=True, slots=True)
class _Town:
    city: CityOf
    neighbourhoods: tuple[Location, ...]
    terminals: tuple[Terminal, ...]
    machines: tuple[Terminal, ...]


class _Builder:
    def __init__(self, seed: int, accounts: int) -> None:
        self._seed, self._count = seed, accounts
        self._random = Random(f"population:{seed}:{accounts}")
        faker = Faker("pt_BR", use_weighting=False)
        faker.seed_instance(seed)
        self._first = [faker.first_name().split()[0] for _ in range(400)]
        self._last = [faker.last_name().split()[-1] for _ in range(200)]
        self._shops, self._terminals, self._machines = count(1), count(1), count(1)

    def build(self) -> Population:
        towns = self._towns()
        sites = tuple(self._site(n) for n in range(max(24, min(2_000, self._count // 50))))
        billers = tuple(anyone_outside(self._random) for _ in range(200))
        homes = self._random.choices(towns, WEIGHTS, k=self._count)
        return Population(
            self._seed,
            tuple(self._account(n, town, sites, billers) for n, town in enumerate(homes)),
            tuple(terminal for town in towns for terminal in town.terminals),
            tuple(machine for town in towns for machine in town.machines),
            sites,
        )

    def _towns(self) -> list[_Town]:
        shops = min(_MAX_SHOPS, self._count // 8) / sum(WEIGHTS)
        towns: list[_Town] = []
        for city in CITIES:
            terminals = self._terminals_of(city, max(4, round(shops * city.thousands)))
            machines = self._machines_of(city, 2 + city.thousands // 500)
            places = tuple(spot(city, self._random) for _ in range(12))
            towns.append(_Town(city, places, terminals, machines))
        return towns

    def _terminals_of(self, city: CityOf, shops: int) -> tuple[Terminal, ...]:
        terminals: list[Terminal] = []
        for _ in range(shops):
            prefix, mcc = self._random.choice(_SHOPS)
            merchant = Merchant(f"M{next(self._shops):05d}", self._business(prefix), mcc)
            place = spot(city, self._random)
            for _ in range(self._random.choice((1, 1, 2, 3))):
                terminals.append(Terminal(f"T{next(self._terminals):05d}", place, merchant))
        return tuple(terminals)

    def _machines_of(self, city: CityOf, machines: int) -> tuple[Terminal, ...]:
        return tuple(
            Terminal(f"C{next(self._machines):05d}", spot(city, self._random), None)
            for _ in range(machines)
        )

    def _site(self, number: int) -> Merchant:
        prefix, mcc = self._random.choice(_SITES)
        city = self._random.choices(CITIES, WEIGHTS)[0]
        return Merchant(f"S{number:05d}", self._business(prefix), mcc, city.name)

    def _business(self, prefix: str) -> str:
        return bounded(f"{prefix} {self._random.choice(self._last)}", MAX_NAME_BYTES)

    def _account(
        self,
        number: int,
        town: _Town,
        sites: tuple[Merchant, ...],
        billers: tuple[Counterparty, ...],
    ) -> Account:
        random = self._random
        identifier = f"A{number:07d}"
        wealth = lognormal(random.random(), 1.0, 0.5)
        return Account(
            id=identifier,
            holder=self._holder(),
            card=Card(random.choice(_BINS), f"{random.randrange(10_000):04d}"),
            home=random.choice(town.neighbourhoods),
            devices=self._devices(number),
            spend=tuple(
                max(50, round(1000 * wealth * lognormal(random.random(), 1.0, 0.25)))
                for _ in MOVEMENTS
            ),
            activity=random.choice((1, 1, 2, 2, 3, 5)),
            chronotype=random.choices(range(len(CHRONOTYPES)), [c.share for c in CHRONOTYPES])[0],
            terminals=tuple(random.choices(town.terminals, k=random.randint(3, 8))),
            machines=tuple(random.choices(town.machines, k=2)),
            sites=tuple(random.choices(sites, k=random.randint(2, 5))),
            payees=self._payees(number),
            contacts=tuple(anyone_outside(random) for _ in range(random.randint(2, 6))),
            billers=tuple(random.choices(billers, k=3)),
            itself=Counterparty(identifier, OWN_INSTITUTION),
        )

    def _holder(self) -> Holder:
        random = self._random
        last = random.choices(self._last, k=random.choice((1, 2)))
        return Holder(
            masked_name(random.choice(self._first), *last), masked_cpf(random.randrange(10**6))
        )

    def _devices(self, number: int) -> tuple[Device, ...]:
        return tuple(
            Device(_device_id(3 * number + n), CHANNELS[n], _ip(self._random))
            for n in range(self._random.choice((1, 1, 2, 3)))
        )

    def _payees(self, number: int) -> tuple[int, ...]:
        # A distance from oneself, so that nobody pays himself.
        payees = self._random.randint(1, 4)
        steps = (self._random.randint(1, self._count - 1) for _ in range(payees))
        return tuple((number + step) % self._count for step in steps)


def anyone_outside(random: Random) -> Counterparty:
    """Return some account at another institution."""
    account = f"{random.randrange(10**7):08d}"
    return Counterparty(account, random.choice(_INSTITUTIONS))


def device_of(random: Random, number: int) -> Device:
    """Return the device with a number below 2**28: customers have those below 3 × accounts."""
    return Device(_device_id(number), random.choice(CHANNELS), _ip(random))


def _ip(random: Random) -> str:
    # 100.64.0.0/10, the carriers' shared address space (RFC 6598): it is nobody's address.
    bits = random.getrandbits(22)
    return f"100.{64 + (bits >> 16)}.{bits >> 8 & 255}.{bits & 255}"


def _device_id(number: int) -> str:
    # An odd factor permutes the 28-bit numbers: identifiers differ and tell no order.
    return f"d{number * 0x9E3779B % 2**28:07x}"
