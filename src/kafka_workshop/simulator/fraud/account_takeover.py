"""Account takeover: somebody else has the password and empties the account.

Fraud: from a device that the account never used, 2 to 4 payments of 8 to 20 times what the
customer pays on average go to one or two beneficiaries that it never paid, 1 to 10 numbers apart,
one of four to an account of this bank (then with its credit leg, which is not labelled: the
label belongs to the account that was taken over).

Look-alike: a new telephone (ordinary payments from a new device to shops and known contacts), or a
car (one or two large payments to a new beneficiary, from the usual device).
"""

from kafka_workshop.domain.transaction import Kind, Transaction
from kafka_workshop.simulator.fraud.cast import PIX_OUTSIDE, PIX_SHOP, Cast
from kafka_workshop.simulator.fraud.drafts import paid_online, received
from kafka_workshop.simulator.fraud.scenario import Moves, Scenario, in_turn, pair
from kafka_workshop.simulator.population import Device

PAYMENTS = (2, 4)
AMOUNT = (8.0, 20.0)  # times the mean
WAITS = (1, 10)  # numbers of the stream


def episode(cast: Cast) -> Moves:
    """Return the payments of whoever took over."""
    device, random = cast.new_device(), cast.random
    if random.random() < 0.25:
        return _within_the_bank(cast, device)
    payees = [cast.stranger() for _ in range(random.randint(1, 2))]
    drafts = [
        paid_online(
            cast.account, _kind(cast), cast.times_mean(*AMOUNT), device, random.choice(payees)
        )
        for _ in range(random.randint(*PAYMENTS))
    ]
    return in_turn(cast, WAITS, drafts, fraud=True)


def _within_the_bank(cast: Cast, device: Device) -> Moves:
    payee, at, moves = cast.another(), 0, Moves()
    for _ in range(cast.random.randint(*PAYMENTS)):
        kind, amount = _kind(cast), cast.times_mean(*AMOUNT)
        debit = paid_online(cast.account, kind, amount, device, payee.itself)
        credit = received(payee, kind, amount, cast.account.itself)
        moves += pair(at, debit, credit, fraud_is="debit")
        at += 1 + cast.random.randint(*WAITS)
    return moves


def _kind(cast: Cast) -> Kind:
    return "transfer" if cast.random.random() < 0.2 else "pix"


def look_alike(cast: Cast) -> Moves:
    """Return the new telephone or the car."""
    drafts = _telephone(cast) if cast.random.random() < 0.5 else _car(cast)
    return in_turn(cast, WAITS, drafts, fraud=False)


def _telephone(cast: Cast) -> list[Transaction]:
    device, account, random = cast.new_device(), cast.account, cast.random
    drafts: list[Transaction] = []
    for _ in range(random.randint(3, 5)):
        if random.random() < 0.5:
            shop = random.choice(account.terminals).merchant
            if shop is not None:
                drafts.append(paid_online(account, "pix", cast.usual(PIX_SHOP), device, shop))
        else:
            friend = random.choice(account.contacts)
            drafts.append(paid_online(account, "pix", cast.usual(PIX_OUTSIDE), device, friend))
    return drafts


def _car(cast: Cast) -> list[Transaction]:
    device, seller = cast.own_device(), cast.stranger()
    return [
        paid_online(cast.account, _kind(cast), cast.times_mean(*AMOUNT), device, seller)
        for _ in range(cast.random.randint(1, 2))
    ]


ACCOUNT_TAKEOVER = Scenario("account_takeover", 3.0, (1, 3), episode, look_alike)
