"""The profile remembers what a naive account book would say, within its bounds."""

from statistics import pstdev

from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop.domain.detector import Detector
from kafka_workshop.domain.movement import BOLETO, CREDIT, PIX_PERSON
from kafka_workshop.domain.profile import LOG_UNIT, Profile, logarithm, restore, snapshot
from kafka_workshop.domain.rulebook import default_rules
from kafka_workshop.domain.rules.example import DAY, HOUR, NOW, pix
from kafka_workshop.domain.transaction import Counterparty, Transaction

DETECTOR = Detector(default_rules())
amounts = st.lists(st.integers(1, 999_999_999), min_size=1, max_size=200)


@given(amounts)
def test_the_mean_of_a_way_is_the_naive_one(learnt: list[int]) -> None:
    profile = Profile()
    for amount in learnt:
        profile.learn_amount(PIX_PERSON, amount)
    assert profile.count(PIX_PERSON) == len(learnt)
    assert profile.mean(PIX_PERSON, len(learnt)) == sum(learnt) // len(learnt)
    assert profile.mean(PIX_PERSON, len(learnt) + 1) == 0


@given(amounts, amounts)
def test_a_way_without_history_is_judged_by_all_payments_and_not_by_credits(
    learnt: list[int], received: list[int]
) -> None:
    profile = Profile()
    for amount in learnt:
        profile.learn_amount(PIX_PERSON, amount)
    for amount in received:
        profile.learn_amount(CREDIT, amount)
    assert profile.mean(BOLETO, 1) == sum(learnt) // len(learnt)


@given(st.lists(st.integers(1, 999_999_999), min_size=1, max_size=10), st.integers(1, 10**9 - 1))
def test_a_deviation_is_that_of_the_logarithms(learnt: list[int], amount: int) -> None:
    profile = Profile()
    for known in learnt:
        profile.learn_amount(PIX_PERSON, known)
    logs = [logarithm(known) for known in learnt]
    spread = max(pstdev(logs), LOG_UNIT / 2)
    expected = (logarithm(amount) - sum(logs) / len(logs)) / spread
    assert abs(profile.deviation(PIX_PERSON, amount) - expected) < 1e-6 * max(1, abs(expected))


def test_one_enormous_amount_does_not_teach_that_enormous_is_usual() -> None:
    profile = Profile()
    for _ in range(50):
        profile.learn_amount(PIX_PERSON, 50_00)
    before = profile.deviation(PIX_PERSON, 900_000_00)
    profile.learn_amount(PIX_PERSON, 900_000_00)
    assert profile.deviation(PIX_PERSON, 900_000_00) > before - 0.1


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_the_logarithm_in_integers_keeps_the_order(one: int, other: int) -> None:
    assert (logarithm(one) <= logarithm(other)) or one > other
    assert logarithm(2 * one) == logarithm(one) + LOG_UNIT


moves = st.lists(
    st.builds(
        lambda at, amount, payee, device, leg: (at, amount, payee, device, leg),
        st.integers(0, 30 * DAY),
        st.integers(1, 2_000_000),
        st.integers(0, 60),
        st.integers(0, 12),
        st.sampled_from(["debit", "credit"]),
    ),
    max_size=80,
)


def story(drawn: list[tuple[int, int, int, int, str]]) -> list[Transaction]:
    return [
        pix(
            NOW + at,
            amount,
            transaction_id=f"t-{number}",
            counterparty=Counterparty(f"{payee:08d}", "00000000"),
            device_id=f"d{device}",
            leg=leg,
        )
        for number, (at, amount, payee, device, leg) in enumerate(drawn)
    ]


@given(moves)
def test_whatever_comes_in_whatever_order_a_snapshot_restores_the_same_profile(
    drawn: list[tuple[int, int, int, int, str]],
) -> None:
    profile = Profile()
    for transaction in story(drawn):
        profile, _ = DETECTOR.fold(profile, transaction)
    assert restore(snapshot(profile)) == profile
    assert profile.seen == len(drawn)
    assert profile.latest == max((NOW + at for at, *_ in drawn), default=0) * 1000
    assert profile.since == min((NOW + at for at, *_ in drawn), default=0) * 1000


@given(moves)
def test_who_was_first_seen_when_is_what_a_naive_book_says(
    drawn: list[tuple[int, int, int, int, str]],
) -> None:
    few = [(at, amount, payee % 20, device % 8, leg) for at, amount, payee, device, leg in drawn]
    profile = Profile()
    for transaction in story(few):
        profile, _ = DETECTOR.fold(profile, transaction)
    naive: dict[str, dict[int, int]] = {"debit": {}, "credit": {}}
    for at, _, payee, _, leg in few:
        naive[leg][payee] = min(naive[leg].get(payee, NOW + at), NOW + at)
    assert sorted(profile.payees.values()) == sorted(naive["debit"].values())
    assert sorted(profile.payers.values()) == sorted(naive["credit"].values())


def test_the_oldest_acquaintance_is_forgotten_first() -> None:
    profile = Profile()
    for transaction in story([(n * HOUR, 10_00, n, 0, "debit") for n in range(40)]):
        profile, _ = DETECTOR.fold(profile, transaction)
    assert list(profile.payees.values()) == [NOW + n * HOUR for n in range(8, 40)]
