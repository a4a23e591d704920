"""Mule: stolen money comes in from many and is gone at once.

Fraud: 5 to 8 payers that the account never had, half of them in this bank (their debit legs are in
the stream, not labelled: those customers were deceived and pay from their own accounts), send
R$ 300 to R$ 3,000 each; then 91 to 104 % of it goes out, in three episodes of five to 5 to 7
beneficiaries, otherwise to 1 to 3. 2 to 12 numbers lie between: within hours.

Look-alikes: friends collect for a present that costs 60 to 85 %; payday, after which 50 to 80 %
goes to billers and contacts; and a sum that comes from one contact and goes to another as it is.
"""

from kafka_workshop.domain.transaction import Counterparty, Merchant, Transaction
from kafka_workshop.simulator.fraud.cast import TRANSFER_IN, Cast
from kafka_workshop.simulator.fraud.drafts import paid_online, received
from kafka_workshop.simulator.fraud.scenario import Move, Moves, Scenario, in_turn, pair

PAYERS = (5, 8)
BENEFICIARIES = (5, 7)
FEW_BENEFICIARIES = (1, 3)
AMOUNT = (30_000, 300_000)  # minor units, from each payer
GONE = (0.91, 1.04)  # share of what came in
WAITS = (2, 12)  # numbers of the stream


def episode(cast: Cast) -> Moves:
    """Return what comes in and what goes out."""
    random, at, total = cast.random, 0, 0
    moves = Moves()
    for _ in range(random.randint(*PAYERS)):
        amount = cast.written(cast.between(*AMOUNT))
        moves += _paid_in(cast, at, amount)
        total += amount
        at += 1 + random.randint(*WAITS)
    return moves + _paid_out(cast, at, total)


def _paid_in(cast: Cast, at: int, amount: int) -> Moves:
    if cast.random.random() < 0.5:
        return [Move(at, received(cast.account, "pix", amount, cast.stranger()), fraud=True)]
    payer = cast.another()
    debit = paid_online(payer, "pix", amount, cast.own_device(payer), cast.account.itself)
    return pair(at, debit, received(cast.account, "pix", amount, payer.itself), fraud_is="credit")


def _paid_out(cast: Cast, at: int, total: int) -> Moves:
    random, device, moves = cast.random, cast.own_device(), Moves()
    count = random.randint(*(BENEFICIARIES if random.random() < 0.6 else FEW_BENEFICIARIES))
    for amount in parts(cast, round(total * random.uniform(*GONE)), count):
        if random.random() < 0.7:
            draft = paid_online(cast.account, "pix", amount, device, cast.stranger())
            moves.append(Move(at, draft, fraud=True))
        else:
            payee = cast.another()
            debit = paid_online(cast.account, "pix", amount, device, payee.itself)
            credit = received(payee, "pix", amount, cast.account.itself)
            moves += pair(at, debit, credit, fraud_is="debit")
        at += 1 + random.randint(*WAITS)
    return moves


def parts(cast: Cast, total: int, count: int) -> list[int]:
    """Return `count` amounts of similar size that sum to `total`, minor units."""
    weights = [cast.random.uniform(0.6, 1.4) for _ in range(count)]
    amounts = [round(total * weight / sum(weights)) for weight in weights]
    amounts[0] += total - sum(amounts)
    return amounts


def look_alike(cast: Cast) -> Moves:
    """Return a collection, payday or a sum that is passed on."""
    variant = cast.random.choice((_collection, _payday, _passed_on))
    return in_turn(cast, WAITS, variant(cast), fraud=False)


def _collection(cast: Cast) -> list[Transaction]:
    account, random = cast.account, cast.random
    share = cast.written(cast.between(3_000, 20_000))
    drafts = [received(account, "pix", share, friend) for friend in set_of(account.contacts)]
    shop: Merchant | None = random.choice(account.terminals).merchant
    if shop is not None:
        present = round(share * len(drafts) * random.uniform(0.6, 0.85))
        drafts.append(paid_online(account, "pix", present, cast.own_device(), shop))
    return drafts


def set_of(counterparties: tuple[Counterparty, ...]) -> list[Counterparty]:
    """Return them without repetition, in their order."""
    return list({other.account: other for other in counterparties}.values())


def _payday(cast: Cast) -> list[Transaction]:
    account, random = cast.account, cast.random
    salary, device = cast.usual(TRANSFER_IN), cast.own_device()
    drafts = [received(account, "transfer", salary, account.contacts[0])]
    bills = parts(cast, round(salary * random.uniform(0.5, 0.8)), random.randint(3, 5))
    for bill in bills:
        if random.random() < 0.6:
            drafts.append(
                paid_online(account, "boleto", bill, device, random.choice(account.billers))
            )
        else:
            drafts.append(
                paid_online(account, "pix", bill, device, random.choice(account.contacts))
            )
    return drafts


def _passed_on(cast: Cast) -> list[Transaction]:
    account, amount = cast.account, cast.written(cast.between(*AMOUNT))
    payee = account.contacts[-1]
    return [
        received(account, "pix", amount, account.contacts[0]),
        paid_online(account, "pix", amount, cast.own_device(), payee),
    ]


MULE = Scenario("mule", 11.1, (2, 7), episode, look_alike)
