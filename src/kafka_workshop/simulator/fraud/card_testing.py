"""Card testing: a thief tries stolen cards with tiny payments, then buys something large.

Fraud: from one unknown device 11 to 15 payments of R$ 1 to R$ 9.99 with one card, at one or two
shops on the internet, numbers 1 to 3 apart, more than half of them declined; then a purchase of 5
to 12 times what the customer pays on average. In one episode of four, 5 to 7 other cards are tried
once before.

Look-alike: somebody who plays, with 6 to 10 tiny purchases at one shop from the own device, at
most one declined, and nothing large.
"""

from kafka_workshop.domain.transaction import Merchant, Transaction
from kafka_workshop.simulator.fraud.cast import Cast
from kafka_workshop.simulator.fraud.drafts import card_absent
from kafka_workshop.simulator.fraud.scenario import Moves, Scenario, in_turn
from kafka_workshop.simulator.population import Account, Device

TESTS = (11, 15)
OTHER_CARDS = (5, 7)
TINY = (100, 999)  # minor units
LARGE = (5.0, 12.0)  # times the mean
WAITS = (1, 3)  # numbers of the stream


def episode(cast: Cast) -> Moves:
    """Return the tests and the large purchase."""
    device, sites = cast.new_device(), [cast.site(), cast.site()]
    drafts = _others(cast, device, sites[0]) if cast.random.random() < 0.25 else []
    tests = cast.random.randint(*TESTS)
    declined = set(cast.random.sample(range(tests), round(tests * cast.random.uniform(0.6, 0.8))))
    for test in range(tests):
        site = cast.random.choice(sites)
        drafts.append(_test(cast, cast.account, device, site, test in declined))
    drafts.append(card_absent(cast.account, cast.times_mean(*LARGE), device, cast.site()))
    return in_turn(cast, WAITS, drafts, fraud=True)


def _others(cast: Cast, device: Device, site: Merchant) -> list[Transaction]:
    cards = [cast.another() for _ in range(cast.random.randint(*OTHER_CARDS))]
    return [_test(cast, card, device, site, cast.random.random() < 0.7) for card in cards]


def _test(
    cast: Cast, account: Account, device: Device, site: Merchant, declined: bool
) -> Transaction:
    refused = cast.refusal() if declined else None
    return card_absent(account, cast.between(*TINY), device, site, refused)


def look_alike(cast: Cast) -> Moves:
    """Return somebody's evening with a game."""
    device, site = cast.own_device(), cast.random.choice(cast.account.sites)
    purchases = cast.random.randint(6, 10)
    declined = cast.random.randrange(2 * purchases)
    drafts = [
        _test(cast, cast.account, device, site, purchase == declined)
        for purchase in range(purchases)
    ]
    return in_turn(cast, WAITS, drafts, fraud=False)


CARD_TESTING = Scenario("card_testing", 15.5, (1, 4), episode, look_alike)
