"""An account of which little is known: two payments tell a takeover from an older telephone."""

import pytest

from kafka_workshop.domain.detector import Detector
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rulebook import default_rules
from kafka_workshop.domain.rules.example import DAY, HOUR, NOW, pix
from kafka_workshop.domain.transaction import Counterparty, Transaction


def known_little() -> list[Transaction]:
    """R$ 50 a day for eight days, to one person from one telephone."""
    return [pix(NOW - (9 - day) * DAY) for day in range(8)]


def paid(amount: int, hours: int) -> Transaction:
    """Money to a stranger from a device that was never seen before."""
    stranger = Counterparty(f"{900 + hours:08d}", "00000000")
    return pix(NOW + hours * HOUR, amount, device_id="d9", counterparty=stranger)


def alerts(story: list[Transaction]) -> int:
    detector, profile, count = Detector(default_rules()), Profile(), 0
    for transaction in (*known_little(), *story):
        profile, raised = detector.fold(profile, transaction)
        count += sum(alert.rule == "account_takeover" for alert in raised)
    return count


def test_the_first_payment_does_not_hide_the_second_in_the_mean() -> None:
    # With the first in it, the mean would be R$ 594, and four times that more than the second.
    assert alerts([paid(5_000_00, 0), paid(900_00, 1)]) == 1


@pytest.mark.parametrize(
    "story",
    [
        [paid(5_000_00, 0)],
        [paid(5_000_00, 0), paid(150_00, 1)],
        [paid(150_00, 0), paid(5_000_00, 1)],
        [paid(5_000_00, 0), paid(900_00, 30)],
    ],
    ids=["one alone", "then a usual one", "after a usual one", "the next day"],
)
def test_one_large_payment_is_not_enough(story: list[Transaction]) -> None:
    assert alerts(story) == 0
