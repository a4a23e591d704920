"""Dormant reactivation: nothing for three months, then a lot at once.

Fraud: an account that `sleepers` kept idle for 90 days makes 2 or 3 payments of 6 to 15 times what
it pays on average, to somebody new, half of the time from an unknown device, 1 to 20 numbers apart.

Look-alike: somebody who was away as long comes back and lives as before: 3 to 5 payments to known
contacts and shops, none above the mean.
"""

from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.simulator.fraud.cast import PIX_OUTSIDE, PIX_SHOP, Cast, mean_payment
from kafka_workshop.simulator.fraud.drafts import paid_online
from kafka_workshop.simulator.fraud.scenario import Moves, Scenario, in_turn

PAYMENTS = (2, 3)
AMOUNT = (6.0, 15.0)  # times the mean
WAITS = (1, 20)  # numbers of the stream


def episode(cast: Cast) -> Moves:
    """Return the large payments."""
    random = cast.random
    device = cast.new_device() if random.random() < 0.5 else cast.own_device()
    payee = cast.stranger()
    drafts = [
        paid_online(cast.account, "pix", cast.times_mean(*AMOUNT), device, payee)
        for _ in range(random.randint(*PAYMENTS))
    ]
    return in_turn(cast, WAITS, drafts, fraud=True)


def look_alike(cast: Cast) -> Moves:
    """Return the first payments after a long absence."""
    drafts = [_ordinary(cast) for _ in range(cast.random.randint(3, 5))]
    return in_turn(cast, WAITS, drafts, fraud=False)


def _ordinary(cast: Cast) -> Transaction:
    account, device, most = cast.account, cast.own_device(), round(mean_payment(cast.account))
    shop = cast.random.choice(account.terminals).merchant
    if shop is not None and cast.random.random() < 0.5:
        return paid_online(account, "pix", min(most, cast.usual(PIX_SHOP)), device, shop)
    friend = cast.random.choice(account.contacts)
    return paid_online(account, "pix", min(most, cast.usual(PIX_OUTSIDE)), device, friend)


DORMANT = Scenario("dormant", 2.5, (1, 5), episode, look_alike, of_sleepers=True)
