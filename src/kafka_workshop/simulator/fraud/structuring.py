"""Structuring (smurfing): a large sum moves in amounts that stay just below a limit.

Fraud: 4 to 6 payments of 90 to 99.9 % of R$ 10,000 (three episodes of four) or R$ 50,000, to one or
two accounts elsewhere, or from there, 100 to 700 numbers apart: within days in the history.

Look-alikes: 3 to 5 equal instalments of 55 to 78 % of the limit, to a known contact; or twice an
amount just below it.
"""

from kafka_workshop.domain.transaction import Counterparty, Kind, Transaction
from kafka_workshop.simulator.fraud.cast import Cast
from kafka_workshop.simulator.fraud.drafts import paid_online, received
from kafka_workshop.simulator.fraud.scenario import Moves, Scenario, in_turn

LIMITS = (1_000_000, 1_000_000, 1_000_000, 5_000_000)  # minor units, equally likely
COUNT = (4, 6)
BELOW = (0.9, 0.999)  # of the limit
WAITS = (100, 700)  # numbers of the stream


def episode(cast: Cast) -> Moves:
    """Return the amounts just below a limit, all in or all out."""
    random, limit = cast.random, cast.random.choice(LIMITS)
    others = [cast.stranger() for _ in range(random.randint(1, 2))]
    kind, incoming = _kind(cast), random.random() < 0.3
    drafts = [
        _moved(cast, kind, _below(cast, limit), random.choice(others), incoming)
        for _ in range(random.randint(*COUNT))
    ]
    return in_turn(cast, WAITS, drafts, fraud=True)


def _kind(cast: Cast) -> Kind:
    return "transfer" if cast.random.random() < 0.5 else "pix"


def _below(cast: Cast, limit: int) -> int:
    amount = round(limit * cast.random.uniform(*BELOW))
    return amount - amount % 10_000 if cast.random.random() < 0.5 else amount


def _moved(cast: Cast, kind: Kind, amount: int, other: Counterparty, incoming: bool) -> Transaction:
    if incoming:
        return received(cast.account, kind, amount, other)
    return paid_online(cast.account, kind, amount, cast.own_device(), other)


def look_alike(cast: Cast) -> Moves:
    """Return the instalments, or two amounts below the limit."""
    random, limit = cast.random, cast.random.choice(LIMITS)
    other, kind = random.choice(cast.account.contacts), _kind(cast)
    if random.random() < 0.3:
        amounts = [_below(cast, limit) for _ in range(2)]
    else:
        amounts = [round(limit * random.uniform(0.55, 0.78))] * random.randint(3, 5)
    drafts = [_moved(cast, kind, amount, other, incoming=False) for amount in amounts]
    return in_turn(cast, WAITS, drafts, fraud=False)


STRUCTURING = Scenario("structuring", 5.0, (3, 7), episode, look_alike)
