"""Impossible travel: a copied card is used far from where its owner has just used it.

Fraud: the owner pays at a usual terminal (no fraud); 2 to 8 numbers later the copy is used 2 to 4
times, 1 to 6 numbers apart, in one of the eight cities that are farthest from home.

Look-alike: a flight, which takes as long as flights take; `journeys` makes it.
"""

from math import asin, cos, radians, sin, sqrt

from kafka_workshop.domain.transaction import Location
from kafka_workshop.simulator.fraud.cast import PRESENT, Cast
from kafka_workshop.simulator.fraud.drafts import card_present
from kafka_workshop.simulator.fraud.scenario import Move, Moves, Scenario, in_turn
from kafka_workshop.simulator.places import CITIES, CityOf

_EARTH_KM = 6371.0
FARTHEST = 8
USES = (2, 4)
AT_ONCE = (2, 8)  # numbers of the stream
WAITS = (1, 6)
AMOUNT = (1.0, 4.0)  # times the mean


def kilometres(one: Location | CityOf, other: Location | CityOf) -> float:
    """Return the great-circle distance, by the haversine formula.

    >>> round(kilometres(CITIES[0], CITIES[1]))  # São Paulo, Rio de Janeiro
    361
    """
    lat, other_lat = radians(one.lat), radians(other.lat)
    half = sin((other_lat - lat) / 2) ** 2
    half += cos(lat) * cos(other_lat) * sin(radians(other.lon - one.lon) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(half))


def episode(cast: Cast) -> Moves:
    """Return the owner's payment and those of the copy."""
    account, random = cast.account, cast.random
    farthest = sorted(CITIES, key=lambda city: -kilometres(account.home, city))[:FARTHEST]
    terminals = cast.world.terminals[random.choice(farthest).name]
    last = Move(0, card_present(account, cast.usual(PRESENT), random.choice(account.terminals)))
    uses = [
        card_present(account, cast.times_mean(*AMOUNT), random.choice(terminals))
        for _ in range(random.randint(*USES))
    ]
    start = random.randint(*AT_ONCE)
    moves = in_turn(cast, WAITS, uses, fraud=True)
    return [last, *(move._replace(at=start + move.at) for move in moves)]


IMPOSSIBLE_TRAVEL = Scenario("impossible_travel", 3.0, (1, 5), episode, None)
