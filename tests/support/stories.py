"""What each rule must tell apart: a story that trips it, and look-alikes that must not.

Every story follows the plain past of `domain/rules/example.py`: R$ 50 by Pix, twice a day, for 20
days, to one person from one telephone. The labelled simulator's scenarios stand beside these in
`LABELLED` once it writes them.
"""

from kafka_workshop.domain.rules.example import (
    DAY,
    HOUR,
    NOW,
    credit,
    mule,
    payments,
    pix,
    purchases,
    takeover,
    tries,
)
from kafka_workshop.domain.transaction import Counterparty, Transaction

Story = list[Transaction]


def copied_card(device: str = "d9", amount: int = 400_00) -> Story:
    """The card is used at the terminal "T00001", and a day later on the internet."""
    (visit,) = purchases([("São Paulo", 0)])
    other: dict[str, object] = {"counterparty": None, "merchant": visit.merchant}
    site = {"kind": "card_not_present", "card": visit.card, "device_id": device}
    return [visit, pix(NOW + 24 * HOUR, amount, **other, **site)]


def known_circle() -> Story:
    """Eight people pay for the first time, one a day; a week later they all pay within an hour."""
    payers = [f"{700 + n:08d}" for n in range(8)]
    first = [credit(NOW + 26 * HOUR * n, 300_00, payer) for n, payer in enumerate(payers)]
    again = [credit(NOW + 16 * DAY + 300 * n, 400_00, payer) for n, payer in enumerate(payers)]
    return [*first, *again]


def handed_on(sums: list[int]) -> Story:
    """New beneficiaries get these sums, one every ten minutes, from an hour from now on."""
    return [
        pix(NOW + HOUR + 600 * n, amount, counterparty=Counterparty(f"{800 + n:08d}", "00000000"))
        for n, amount in enumerate(sums)
    ]


def busy(per_hour: int = 40, hours: int = 30) -> Story:
    """An account that has become busy: different ways, evenly."""
    gap, story = HOUR // per_hour, []
    for n in range(per_hour * hours):
        at = n * gap
        if n % 2:
            story += purchases([("São Paulo", at)])
        else:
            story.append(pix(NOW + at, 40_00 + n % 50))
    return story


def burst_of_the_busy() -> Story:
    """Forty payments within ten minutes, after a busy day."""
    return [*busy(), *(pix(NOW + 30 * HOUR + 15 * n, 60_00 + n) for n in range(40))]


def rushed(payers: int, every: int) -> Story:
    """New payers from two hours on, of an account that has just become busy and stays so."""
    begin = NOW + 2 * HOUR
    came = [credit(begin + every * n, 700_99, f"{600 + n:08d}") for n in range(payers)]
    return sorted([*busy(hours=4), *came], key=lambda transaction: transaction.occurred_at)


def new_device(amounts: list[int]) -> Story:
    """Payments to the usual person from a new telephone."""
    return [pix(NOW + HOUR * n, amount, device_id="d9") for n, amount in enumerate(amounts)]


def deposits(amounts: list[int]) -> Story:
    """Money that comes in, every ten hours."""
    return [credit(NOW + 10 * HOUR * n, amount, "00000001") for n, amount in enumerate(amounts)]


def spread(payees: int, every: int) -> Story:
    """New beneficiaries, one every so many seconds."""
    return [
        pix(NOW + every * n, 300_00, counterparty=Counterparty(f"{900 + n:08d}", "00000000"))
        for n in range(payees)
    ]


POSITIVE: dict[str, list[Story]] = {
    "velocity": [
        payments(every=60, count=25),
        burst_of_the_busy(),
        [*busy(), *(pix(NOW + 30 * HOUR + n, 60_00 + n) for n in range(20))],
    ],
    "amount_anomaly": [payments(amounts=[5_000_00]), payments(amounts=[5_000_00, 6_000_00])],
    "impossible_travel": [
        purchases([("São Paulo", 0), ("Manaus", 2 * HOUR), ("São Paulo", 3 * HOUR)]),
        purchases([("Rio de Janeiro", 0), ("São Paulo", 600)]),
    ],
    "card_testing": [tries(8, 4), tries(30, 25)],
    "account_takeover": [takeover(), takeover(900_00)],
    "structuring": [
        payments(amounts=[9_500_00, 9_700_00, 9_900_00, 9_100_00], every=20 * HOUR),
        deposits([9_999_00, 9_200_00, 9_300_00, 9_400_00]),
    ],
    "pass_through": [mule(1, 1), mule(2, 0) + handed_on([2_900_00, 2_800_00])],
    "fan_in": [mule(6, 0), mule(9, 2), rushed(6, 5)],
    "fan_out": [mule(1, 6), spread(7, HOUR)],
    "dormant_reactivation": [
        payments(amounts=[3_000_00, 4_000_00], after=120 * DAY),
        payments(amounts=[10_00, 2_000_00], after=95 * DAY),
    ],
    "pix_limits": [
        payments(amounts=[1_000_01], hour=21),
        new_device([200_01]),
        new_device([190_00] * 6),
    ],
}
NEGATIVE: dict[str, list[Story]] = {
    "velocity": [busy(), payments(every=400, count=30), payments(every=60, count=9)],
    "amount_anomaly": [payments(amounts=[999_00]), payments(amounts=[140_00] * 5)],
    "impossible_travel": [
        purchases([("São Paulo", 0), ("Manaus", 5 * HOUR)]),  # a flight
        purchases([("São Paulo", 0), ("Guarulhos", 1)]),
    ],
    "card_testing": [tries(10, 2), tries(10, 10, amount=500_00), tries(4, 4)],
    "account_takeover": [
        takeover(device="d1"),
        takeover(payee="00000001"),
        takeover(100_00),
    ],
    "structuring": [
        payments(amounts=[9_500_00, 9_700_00], every=20 * HOUR),
        payments(amounts=[9_500_00, 8_500_00, 9_700_00, 10_200_00, 9_900_00], every=9 * HOUR),
        payments(amounts=[9_500_00, 9_600_00, 9_700_00], every=3 * DAY),
    ],
    "pass_through": [
        mule(1, 0),
        [credit(NOW, 3_000_00, "00000001"), *mule(0, 1)],
        deposits([3_000_00]) + spread(2, 600),
    ],
    "fan_in": [mule(4, 4), known_circle(), rushed(10, 600)],
    "fan_out": [mule(4, 4), spread(12, 8 * HOUR)],
    "dormant_reactivation": [
        payments(amounts=[3_000_00], after=60 * DAY),
        payments(amounts=[100_00, 120_00], after=120 * DAY),
        payments(amounts=[100_00], after=120 * DAY) + payments(amounts=[3_000_00], after=125 * DAY),
    ],
    "pix_limits": [
        payments(amounts=[1_000_00], hour=21),
        payments(amounts=[5_000_00], hour=12),
        new_device([200_00] * 5),
    ],
}
# rule -> transactions with their labels, from simulator/fraud once it is there: the generic check
# "better than chance" then runs over it, see test_rules.py.
LABELLED: dict[str, list[Story]] = {}
