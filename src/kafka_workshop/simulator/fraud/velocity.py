"""Velocity burst: an unlocked telephone is stolen, and the thief pays until somebody stops it.

Fraud: 18 to 28 Pix from the customer's own device, one or two numbers apart, to strangers, shops
and contacts, of once to three times the customer's usual Pix: many times what the account moves in
a day of the history.

Look-alike: market day, with 3 to 5 ordinary payments to usual shops, as close together.
"""

from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.simulator.fraud.cast import PIX_OUTSIDE, PIX_SHOP, Cast
from kafka_workshop.simulator.fraud.drafts import paid_online
from kafka_workshop.simulator.fraud.scenario import Moves, Scenario, in_turn

PAYMENTS = (18, 28)
FEW = (3, 5)
AMOUNT = (1.0, 3.0)  # times a usual Pix
WAITS = (1, 2)  # numbers of the stream


def episode(cast: Cast) -> Moves:
    """Return the burst."""
    drafts = [_taken(cast) for _ in range(cast.random.randint(*PAYMENTS))]
    return in_turn(cast, WAITS, drafts, fraud=True)


def _taken(cast: Cast) -> Transaction:
    account, random, device = cast.account, cast.random, cast.own_device()
    amount = cast.written(cast.usual(PIX_OUTSIDE) * random.uniform(*AMOUNT))
    shop = random.choice(account.terminals).merchant
    if shop is not None and random.random() < 0.3:
        return paid_online(account, "pix", amount, device, shop)
    payee = cast.stranger() if random.random() < 0.7 else random.choice(account.contacts)
    return paid_online(account, "pix", amount, device, payee)


def look_alike(cast: Cast) -> Moves:
    """Return a walk over the market."""
    drafts: list[Transaction] = []
    for _ in range(cast.random.randint(*FEW)):
        shop = cast.random.choice(cast.account.terminals).merchant
        if shop is not None:
            device = cast.own_device()
            drafts.append(paid_online(cast.account, "pix", cast.usual(PIX_SHOP), device, shop))
    return in_turn(cast, WAITS, drafts, fraud=False)


VELOCITY = Scenario("velocity", 23.0, (1, 2), episode, look_alike)
