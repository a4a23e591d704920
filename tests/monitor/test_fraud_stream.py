"""Fraud in the stream: as much as wanted, the same from wherever it is resumed, labelled late."""

import hashlib
from collections import Counter
from functools import cache
from itertools import islice, pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_workshop.domain.label import SCENARIOS, Label
from kafka_workshop.domain.numbering import identifier, stream_of
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.messaging.codec import encode
from kafka_workshop.simulator.draws import BLOCK
from kafka_workshop.simulator.fraud.journeys import SHARE, Journeys
from kafka_workshop.simulator.fraud.overlay import Overlay
from kafka_workshop.simulator.fraud.plan import FraudPlan
from kafka_workshop.simulator.fraud.schedule import SPAN, Schedule
from kafka_workshop.simulator.fraud.sleepers import LIFE, sleepers_of
from kafka_workshop.simulator.population import OWN_INSTITUTION, build_population
from kafka_workshop.simulator.stream import Simulator
from tests.support import simulation
from tests.support.fraud import (
    DAY,
    HISTORY,
    MINUTE,
    PLAN,
    START,
    episodes,
    fastest,
    history,
    of_each_account,
    people,
    simulator,
    world,
)

LENGTH = SPAN + 6_000  # the end of one span and the beginning of the next
STEP = 977
RESUMING = FraudPlan(0.005)


@cache
def resumed_from() -> Simulator:
    return simulator(plan=RESUMING)


@cache
def whole() -> tuple[tuple[Transaction, Label | None], ...]:
    instants = range(START, START + LENGTH * STEP, STEP)
    return tuple(simulator(plan=RESUMING).labelled(instants))


def is_inside_credit(transaction: Transaction) -> bool:
    other = transaction.counterparty
    return (
        transaction.leg == "credit" and other is not None and other.institution == OWN_INSTITUTION
    )


def test_without_a_plan_the_stream_is_what_it_was_before_there_was_fraud() -> None:
    instants = range(START, START + 5_000 * STEP, STEP)
    stream = Simulator(simulation.population(), 7).transactions(instants)
    digest = hashlib.sha256(b"".join(map(encode, stream))).hexdigest()
    assert digest == "ec94052f7f298f0d8de97395f2f054f1bbd314eaadccdb8fb9df09c6a9ca947d"
    assert Simulator(simulation.population(), 7).label(simulation.uninterrupted()[0], 0) is None


# Going on where a producer stopped


def near_fraud() -> st.SearchStrategy[int]:
    fraud = [n for n, (_, label) in enumerate(whole()) if label]
    near = st.sampled_from(fraud).flatmap(lambda n: st.integers(max(0, n - 9), n + 2))
    return near | st.integers(0, LENGTH - 50) | st.integers(SPAN - 300, SPAN + 30)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_resumed_stream_has_the_same_transactions_and_labels(data: st.DataObject) -> None:
    first = data.draw(near_fraud())
    until = min(first + 40, LENGTH)
    instants = range(START + first * STEP, START + until * STEP, STEP)
    fresh = data.draw(st.booleans())
    source = simulator(plan=RESUMING) if fresh else resumed_from()
    resumed = list(source.labelled(instants, first))
    expected = list(whole()[first:until])
    if is_inside_credit(expected[0][0]):  # its debit's instant is not known
        assert resumed[0][0].account_id == expected[0][0].account_id
        assert resumed[0][0].amount == expected[0][0].amount
        assert (resumed[0][1] is None) is (expected[0][1] is None)
        del resumed[0], expected[0]
    assert resumed == expected


def test_two_iterators_of_one_simulator_do_not_disturb_each_other() -> None:
    one, other = (simulator(plan=RESUMING) for _ in range(2))
    first, second = one.transactions(range(START, START + 9_000)), one.transactions(range(9_000))
    both = list(zip(first, second, strict=True))
    assert [a for a, _ in both] == list(other.transactions(range(START, START + 9_000)))
    assert [b for _, b in both] == list(other.transactions(range(9_000)))


def test_numbers_are_dense_and_instants_do_not_decrease() -> None:
    transactions = [transaction for transaction, _ in history()]
    assert [t.transaction_id for t in transactions] == [identifier(3, n) for n in range(HISTORY)]
    assert all(a.occurred_at <= b.occurred_at for a, b in pairwise(transactions))


def test_every_transfer_within_the_bank_has_both_legs() -> None:
    for (debit, _), (credit, _) in pairwise(history()):
        other = debit.counterparty
        inside = other is not None and other.institution == OWN_INSTITUTION
        opens = inside and debit.leg == "debit" and debit.status == "approved"
        assert opens is is_inside_credit(credit)
        if opens:
            assert credit.counterparty is not None
            assert other is not None
            assert (credit.account_id, credit.counterparty.account) == (
                *(other.account, debit.account_id),
            )
            assert (credit.amount, credit.kind) == (debit.amount, debit.kind)
            assert credit.occurred_at == debit.occurred_at


def test_transactions_keep_their_size() -> None:
    assert max(len(encode(transaction)) for transaction, _ in history()) <= 500


# How much there is


@pytest.mark.parametrize("rate", [0.0005, 0.003, 0.005])
def test_the_share_of_labelled_transactions_is_the_base_rate(rate: float) -> None:
    spans = range(6)
    labelled = sum(
        part.truth is not None
        for seed in range(5)
        for overlay in [Overlay(people(), seed, FraudPlan(rate))]
        for block in range(len(spans) * SPAN // BLOCK)
        for part in overlay.script(block).values()
    )
    assert labelled / (5 * len(spans) * SPAN) == pytest.approx(rate, rel=0.12)


def test_what_only_looks_like_fraud_is_as_frequent_as_fraud() -> None:
    counts: Counter[tuple[str, bool]] = Counter(
        (scenario.name, is_fraud)
        for seed in range(10)
        for span in range(10)
        for scenario, is_fraud, _ in Schedule(world(), seed, RESUMING, ()).episodes(
            span, Random(f"{seed}:{span}")
        )
    )
    for name in set(SCENARIOS) - {"dormant"}:  # nobody sleeps without a history
        assert 0.8 < counts[name, False] / counts[name, True] < 1.25
        assert counts[name, True] > 200


def test_every_scenario_is_in_the_history_and_each_label_is_late() -> None:
    labels = [label for _, label in history() if label]
    assert {label.scenario for label in labels} == set(SCENARIOS)
    assert 0.8 * PLAN.rate < len(labels) / HISTORY < PLAN.rate * 1.1
    for transaction, label in history():
        if label:
            assert label.transaction_id == transaction.transaction_id
            assert (label.account_id, label.occurred_at) == (
                *(transaction.account_id, transaction.occurred_at),
            )
            assert DAY <= label.available_at - label.occurred_at <= 7 * DAY
    for scenario in SCENARIOS:
        for members in episodes(scenario):
            assert members[0][1].episode_id == members[0][0].transaction_id


def test_another_seed_another_plan_or_another_lane_tells_another_story() -> None:
    def fraud(seed: int, plan: FraudPlan) -> list[str]:
        stream = simulator(seed, plan).labelled(range(START, START + 20_000))
        return [t.account_id for t, label in stream if label]

    stories = [
        fraud(3, RESUMING),
        fraud(4, RESUMING),
        fraud(stream_of(3, 1), RESUMING),
        fraud(3, FraudPlan(0.004)),
    ]
    assert all(stories)
    assert len({tuple(story) for story in stories}) == 4


def test_nothing_happens_before_accounts_have_habits() -> None:
    first = next(n for n, (_, label) in enumerate(history()) if label)
    assert PLAN.settled <= first < PLAN.settled + 5_000


# Episodes in the stream


def test_bursts_are_bursts_and_travel_is_impossible_on_nearly_every_clock() -> None:
    bursts = episodes("velocity")
    quick = [
        sum(b.occurred_at - a.occurred_at < 5 * MINUTE for (a, _), (b, _) in pairwise(members))
        for members in bursts
    ]
    assert sum(count >= 10 for count in quick) >= 0.9 * len(bursts)
    trips = episodes("impossible_travel")
    impossible = 0
    for members in trips:
        start, end = members[0][0].occurred_at, members[-1][0].occurred_at
        around = [
            t
            for t in of_each_account()[members[0][0].account_id]
            if start - DAY < t.occurred_at <= end
        ]
        impossible += fastest(around) > 850
    assert impossible >= 0.9 * len(trips) > 5


def test_who_is_reactivated_was_idle_for_ninety_days_and_had_a_life_before() -> None:
    reactivated = episodes("dormant")
    assert len(reactivated) >= 2
    for members in reactivated:
        first = members[0][0]
        before = [
            t for t in of_each_account()[first.account_id] if t.occurred_at < first.occurred_at
        ]
        assert len(before) == LIFE
        assert first.occurred_at - before[-1].occurred_at > 90 * DAY


def test_some_who_were_idle_as_long_only_come_back() -> None:
    sleepers = {account.id for account in sleepers_of(people(), PLAN)}
    defrauded = {members[0][0].account_id for members in episodes("dormant")}
    awake_again = {a for a in sleepers if of_each_account()[a][-1].occurred_at > START + 100 * DAY}
    assert len(sleepers) == 200
    assert defrauded < awake_again
    assert 0.3 < len(awake_again - defrauded) / len(defrauded) < 3


def test_a_sleeper_sleeps() -> None:
    for sleeper in sleepers_of(people(), PLAN):
        own = of_each_account()[sleeper.id]
        asleep = [t for t in own if START + 13 * DAY < t.occurred_at < START + 103 * DAY]
        assert not asleep


def test_nobody_of_another_lane_or_after_the_history_meets_a_sleeper() -> None:
    sleepers = {account.id for account in sleepers_of(people(), PLAN)}
    other = simulator(stream_of(3, 2)).transactions(range(START, START + 20_000))
    assert not sleepers & {t.account_id for t in other}


# Flights


def test_travellers_are_never_faster_than_a_flight() -> None:
    defrauded = {label.account_id for _, label in history() if label}
    travelling = 0
    for account, own in of_each_account().items():
        if account not in defrauded:
            speed = fastest(own)
            travelling += speed > 0
            assert speed < 850
    assert travelling > len(episodes("impossible_travel"))


def test_a_journey_goes_there_and_back_within_a_day() -> None:
    journeys = Journeys(world())
    count = 0
    for day in range(60):
        for account_id, journey in journeys.on(day * DAY + 1).items():
            count += 1
            home = next(a for a in people().accounts if a.id == account_id)
            assert journey.leaves < journey.arrives < journey.leaves_again < journey.home
            assert journey.at(home, journey.leaves - 1) is home
            assert journey.at(home, journey.leaves) is None
            assert journey.at(home, journey.arrives) is journey.away
            assert journey.at(home, journey.leaves_again) is None
            assert journey.at(home, journey.home) is home
            cities = {t.location.city for t in (*journey.away.terminals, *journey.away.machines)}
            assert cities == {journey.away.home.city} != {home.home.city}
    assert count / 60 == pytest.approx(SHARE * len(people().accounts), rel=0.1)


# What is refused


@pytest.mark.parametrize("rate", [0, -0.1, 0.0051, float("nan")])
def test_a_rate_out_of_bounds_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="rate of fraud"):
        FraudPlan(rate)


def test_a_negative_history_and_too_few_accounts_are_refused() -> None:
    with pytest.raises(ValueError, match="history"):
        FraudPlan(0.001, -1)
    with pytest.raises(ValueError, match="at least 50 accounts"):
        Simulator(simulation.small_population(), 1, RESUMING)


def test_fifty_accounts_are_enough() -> None:
    stream = Simulator(build_population(1, 50), 1, FraudPlan(0.005, 5_000))
    labelled = [label for _, label in islice(stream.labelled(range(START, START + SPAN)), SPAN)]
    assert {label.scenario for label in labelled if label} >= {"mule", "velocity", "card_testing"}
