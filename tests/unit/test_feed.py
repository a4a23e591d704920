"""Where the producer goes on: decided by what the topic holds, and by nothing else."""

from itertools import pairwise

import pytest

from kafka_workshop.domain.numbering import stream_of
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.feed import Plan, fraud_plan, is_ours, plan
from kafka_workshop.ledger.book import Lane
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.codec import encode
from kafka_workshop.settings import FRAUD_ACCOUNTS, FRAUD_RATE, ProducerSettings, producer_settings
from kafka_workshop.simulator.fraud.overlay import MIN_ACCOUNTS
from kafka_workshop.simulator.fraud.plan import MAX_RATE, FraudPlan
from kafka_workshop.simulator.population import build_population
from kafka_workshop.simulator.stream import Simulator, history_instants

NOW = 1_760_000_000_000
DAY_MS = 86_400_000
SEED = 7
LANE = Lane(0, SEED, fresh=False)


def settings(**variables: str) -> ProducerSettings:
    return producer_settings({"HISTORY_TRANSACTIONS": "1000", "SEED": f"{SEED}", **variables})


def stored(sequence: int, occurred_at: int, sent_at: int, seed: int = SEED) -> Message:
    """The record of the transaction with this number."""
    simulator = Simulator(build_population(seed, 20), seed)
    transaction: Transaction = next(simulator.transactions([occurred_at], sequence))
    return Message("t", 0, sequence, sent_at, b"k", encode(transaction))


def foreign(value: bytes | None) -> Message:
    return Message("t", 0, 10**6, NOW, b"k", value)


def test_an_empty_topic_gets_the_whole_history_up_to_now() -> None:
    assert plan(settings(), [], NOW, LANE) == Plan(0, 1000, NOW - 120 * DAY_MS, NOW)


@pytest.mark.parametrize("none", [{"HISTORY_DAYS": "0"}, {"HISTORY_TRANSACTIONS": "0"}])
def test_without_history_an_empty_topic_goes_live_at_once(none: dict[str, str]) -> None:
    decided = plan(settings(**none), [], NOW, LANE)
    assert (decided.first_sequence, decided.history_count) == (0, 0)


def test_after_live_transactions_it_goes_on_live_with_the_next_number() -> None:
    newest = [stored(n, NOW - 5_000, NOW - 5_000) for n in (4_000, 4_711, 4_690)]
    decided = plan(settings(), newest, NOW, LANE)
    assert (decided.first_sequence, decided.history_count) == (4_712, 0)


def test_a_history_cut_short_is_continued_from_where_it_stopped() -> None:
    cut = NOW - 50 * DAY_MS
    newest = [stored(390, cut - 60_000, NOW - 3_000), stored(399, cut, NOW - 3_000)]
    assert plan(settings(), newest, NOW, LANE) == Plan(400, 600, cut, NOW)


def test_the_last_transaction_of_the_history_ends_it() -> None:
    newest = [stored(999, NOW - 90_000, NOW - 1_000)]
    decided = plan(settings(), newest, NOW, LANE)
    assert (decided.first_sequence, decided.history_count) == (1_000, 0)


def test_live_transactions_with_small_numbers_are_not_taken_for_history() -> None:
    """Started with HISTORY_DAYS=0 and later without it: no thousand transactions at once."""
    newest = [stored(40, NOW - 600_000, NOW - 600_000)]
    decided = plan(settings(), newest, NOW, LANE)
    assert (decided.first_sequence, decided.history_count) == (41, 0)


def test_a_clock_set_back_leaves_a_span_that_history_instants_accepts() -> None:
    decided = plan(settings(), [stored(10, NOW + 5_000, NOW + 10**9)], NOW, LANE)
    instants = list(
        history_instants(
            SEED, decided.history_start_ms, decided.history_end_ms, decided.history_count
        )
    )
    assert len(instants) == decided.history_count == 989
    assert all(a <= b for a, b in pairwise(instants))


@pytest.mark.parametrize("value", [None, b"", b"rubbish", b"{}"])
def test_what_is_not_a_transaction_of_this_seed_is_not_ours(value: bytes | None) -> None:
    assert not is_ours(foreign(value), SEED)
    assert not is_ours(stored(5, NOW, NOW, seed=8), SEED)
    assert is_ours(stored(5, NOW, NOW), SEED)


def test_a_second_lane_writes_no_history_and_goes_on_in_its_own_stream() -> None:
    lane = Lane(1, stream_of(SEED, 1), fresh=False)
    assert plan(settings(), [], NOW, lane).history_count == 0
    of_lane_one = stored(5, NOW, NOW, seed=lane.stream)
    decided = plan(settings(), [of_lane_one], NOW + 10**6, lane)
    assert (decided.first_sequence, decided.history_count) == (6, 0)
    assert is_ours(of_lane_one, lane.stream)
    assert not is_ours(of_lane_one, SEED)


def test_fraud_is_the_same_at_every_start() -> None:
    assert fraud_plan(settings(FRAUD_RATE="0.002")) == FraudPlan(0.002, 1_000)
    assert fraud_plan(settings(FRAUD_RATE="0.002", HISTORY_DAYS="117")) == FraudPlan(0.002, 1_000)


def test_a_history_too_short_to_sleep_in_has_nobody_to_wake() -> None:
    for days in ("0", "116"):
        assert fraud_plan(settings(FRAUD_RATE="0.002", HISTORY_DAYS=days)) == FraudPlan(0.002, 0)
    just_enough = FraudPlan(0.002, 1_000_000)
    assert 117 * (just_enough.waking - just_enough.settled) > 90 * just_enough.history
    assert 116 * (just_enough.waking - just_enough.settled) < 90 * just_enough.history


def test_no_fraud_if_none_is_wanted_or_too_few_could_have_a_part_in_it() -> None:
    assert fraud_plan(settings(FRAUD_RATE="0")) is None
    assert fraud_plan(settings(ACCOUNTS="49")) is None
    assert fraud_plan(settings(ACCOUNTS="50")) is not None


def test_settings_and_simulator_agree_on_what_is_allowed() -> None:
    assert FRAUD_ACCOUNTS == MIN_ACCOUNTS
    assert FRAUD_RATE.read({"FRAUD_RATE": str(MAX_RATE)}) == MAX_RATE
    assert 0 < FRAUD_RATE.read({}) <= MAX_RATE
