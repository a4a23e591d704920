"""Compromise: a terminal copies cards; every card used at it for a while is later defrauded.

Fraud: 6 to 9 customers pay at the terminal where they usually shop (no fraud), spread over 24,000
numbers; 300 to 6,000 numbers later each one's card is used once or twice on the internet, from an
unknown device, for 5 to 12 times what the customer pays on average. The label names the terminal
where the card was copied, though the card was not defrauded there.

Look-alike: as many customers of a terminal who later buy on the internet, as they usually do.
"""

from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.simulator.fraud.cast import PRESENT, SITE, Cast
from kafka_workshop.simulator.fraud.drafts import card_absent, card_present
from kafka_workshop.simulator.fraud.scenario import Move, Moves, Scenario
from kafka_workshop.simulator.population import Account

VICTIMS = (6, 9)
PERIOD = 24_000  # numbers of the stream in which cards are copied
LATER = (300, 6_000)
AMOUNT = (5.0, 12.0)  # times the mean


def episode(cast: Cast) -> Moves:
    """Return the visits and what is later bought with the copies."""
    return _afterwards(cast, fraud=True)


def look_alike(cast: Cast) -> Moves:
    """Return the visits and what the customers later buy themselves."""
    return _afterwards(cast, fraud=False)


def _afterwards(cast: Cast, fraud: bool) -> Moves:
    random, moves = cast.random, Moves()
    terminal = random.choice(cast.world.busy)
    for customer in cast.patrons(terminal, random.randint(*VICTIMS)):
        at = random.randrange(PERIOD)
        visit = card_present(customer, cast.usual(PRESENT, customer), terminal)
        moves.append(Move(at, visit, terminal_id=terminal.id))
        for _ in range(random.randint(1, 2)):
            later = at + random.randint(*LATER)
            draft = _stolen(cast, customer) if fraud else _bought(cast, customer)
            moves.append(Move(later, draft, fraud, terminal.id))
    return sorted(moves, key=lambda move: move.at)


def _stolen(cast: Cast, customer: Account) -> Transaction:
    amount = cast.times_mean(*AMOUNT, customer)
    return card_absent(customer, amount, cast.new_device(), cast.site())


def _bought(cast: Cast, customer: Account) -> Transaction:
    device, site = cast.own_device(customer), cast.random.choice(customer.sites)
    return card_absent(customer, cast.usual(SITE, customer), device, site)


COMPROMISE = Scenario("compromise", 11.0, (2, 7), episode, look_alike)
