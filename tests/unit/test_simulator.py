"""The simulator: the same seed gives the same stream, and it goes on from any number."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import count, islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.messaging.codec import encode
from kafka_workshop.simulator.draws import BLOCK, MAX_SEQUENCE
from kafka_workshop.simulator.population import build_population
from kafka_workshop.simulator.stream import Simulator, history_instants, sequence_of
from tests.support.simulation import (
    DAY,
    LENGTH,
    SEED,
    START,
    is_own_credit,
    population,
    small_population,
    stream,
    uninterrupted,
)

# Determinism


def test_the_same_seed_gives_the_same_population_and_another_seed_another() -> None:
    assert build_population(3, 50) == build_population(3, 50)
    assert build_population(3, 50) != build_population(4, 50)


def test_the_same_seed_gives_the_same_transactions_and_another_seed_others() -> None:
    again = build_population(SEED, 800)
    instants = range(START, START + 1000 * 977, 977)
    assert tuple(Simulator(again, SEED).transactions(instants)) == uninterrupted()[:1000]
    other = list(stream(0, 1000, seed=8))
    assert not {t.transaction_id for t in other} & {t.transaction_id for t in uninterrupted()}
    same = sum(a.amount == b.amount for a, b in zip(other, uninterrupted(), strict=False))
    assert same < 50


PROGRAM = f"""
import hashlib, sys
from kafka_workshop.messaging.codec import encode
from kafka_workshop.simulator.population import build_population
from kafka_workshop.simulator.stream import Simulator
stream = Simulator(build_population({SEED}, 800), {SEED}).transactions(
    range({START}, {START} + 2000 * 977, 977))
print(hashlib.sha256(b"".join(map(encode, stream))).hexdigest())
"""


def test_another_process_with_another_hash_seed_gives_the_same_bytes() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": os.pathsep.join(sys.path)}
    printed = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()
    ours = b"".join(map(encode, uninterrupted()[:2000]))
    assert printed == hashlib.sha256(ours).hexdigest()


# Going on where a producer stopped


@settings(max_examples=60)
@given(st.integers(0, LENGTH - 1))
def test_a_resumed_stream_is_the_suffix_of_the_uninterrupted_one(first: int) -> None:
    expected = uninterrupted()[first : first + 30]
    resumed = list(stream(first, min(first + 30, LENGTH)))
    if is_own_credit(expected[0]):  # the one thing that a stream resumed there cannot know
        assert without_instant(resumed[0]) == without_instant(expected[0])
        resumed, expected = resumed[1:], expected[1:]
    assert tuple(resumed) == expected


def without_instant(transaction: Transaction) -> bytes:
    return re.sub(rb'"occurred_at":\d+', b"", encode(transaction))


def test_every_credit_leg_is_known_when_resumed_exactly_there() -> None:
    whole = uninterrupted()
    legs = [n for n, transaction in enumerate(whole) if is_own_credit(transaction)]
    assert len(legs) > 200
    for number in legs[::10]:
        resumed = next(stream(number, number + 1))
        assert without_instant(resumed) == without_instant(whole[number])
        assert resumed.occurred_at == START + number * 977


def test_a_credit_leg_agrees_with_its_debit_however_long_the_producer_was_away() -> None:
    whole = uninterrupted()
    simulator = Simulator(population(), SEED)
    legs = [n for n, transaction in enumerate(whole) if is_own_credit(transaction)]
    for number in legs[::10]:
        for hours in (7, 13, 20):
            (resumed,) = simulator.transactions([START + hours * 3_600_000], number)
            assert without_instant(resumed) == without_instant(whole[number])


def test_no_pair_spans_two_blocks() -> None:
    assert not [n for n in range(BLOCK, LENGTH, BLOCK) if is_own_credit(uninterrupted()[n])]


def test_one_instant_is_pulled_for_each_transaction_and_only_when_it_is_asked_for() -> None:
    pulled: list[int] = []

    def instants() -> Iterator[int]:
        for instant in count(START, 20):
            pulled.append(instant)
            yield instant

    transactions = Simulator(population(), SEED).transactions(instants())
    for asked in range(1, 200):
        next(transactions)
        assert len(pulled) == asked


def test_the_stream_ends_where_the_instants_end() -> None:
    for length in (0, 1, 2, 3, 10, 40):
        assert len(list(stream(5, 5 + length))) == length


# Identifiers


def test_identifiers_are_unique_and_carry_consecutive_numbers() -> None:
    numbers = [sequence_of(t.transaction_id, SEED) for t in uninterrupted()]
    assert numbers == list(range(LENGTH))
    assert len({len(t.transaction_id) for t in uninterrupted()}) == 1


@given(st.integers(0, MAX_SEQUENCE - BLOCK), st.integers(0, 2**35 - 1))
@settings(max_examples=40)
def test_a_number_can_be_read_back_from_any_identifier(number: int, seed: int) -> None:
    (transaction,) = stream_of_one(number, seed)
    assert sequence_of(transaction.transaction_id, seed) == number
    assert sequence_of(transaction.transaction_id, seed ^ 1) is None


def stream_of_one(number: int, seed: int) -> list[Transaction]:
    return list(small_simulator(seed).transactions([START], number))


def small_simulator(seed: int) -> Simulator:
    return Simulator(small_population(), seed)


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "0000007-0000000", "0000007-0000000_", "0000007-0000000w", "+000007-00000001"),
        *("0000007 00000001", "0000007-00000001\n", "0000007-0000000A", "0000007-0000000１"),
    ],
)
def test_what_is_no_identifier_of_ours_carries_no_number(text: str) -> None:
    assert sequence_of(text, SEED) is None


def test_numbers_and_seeds_beyond_the_width_of_an_identifier_are_refused() -> None:
    transactions = small_simulator(1).transactions(count(START), MAX_SEQUENCE)
    assert sequence_of(next(transactions).transaction_id, 1) == MAX_SEQUENCE
    with pytest.raises(ValueError, match="sequence numbers"):
        next(transactions)
    with pytest.raises(ValueError, match="sequence numbers"):
        next(small_simulator(1).transactions([START], -1))
    with pytest.raises(ValueError, match="32 bits"):
        small_simulator(2**35)


# The instants of the history


@settings(max_examples=50)
@given(st.integers(0, 10**12), st.integers(1, 40 * DAY), st.integers(0, 3000))
def test_instants_are_sorted_inside_the_span_and_as_many_as_wanted(
    start: int, length: int, wanted: int
) -> None:
    instants = list(history_instants(SEED, start, start + length, wanted))
    assert len(instants) == wanted
    assert instants == sorted(instants)
    assert all(start <= instant < start + length for instant in instants)


def test_the_history_spans_the_whole_time_and_depends_on_the_seed() -> None:
    instants = list(history_instants(1, START, START + 120 * DAY, 5_000))
    assert instants[0] < START + DAY // 4
    assert instants[-1] > START + 120 * DAY - DAY // 4
    assert instants == list(history_instants(1, START, START + 120 * DAY, 5_000))
    assert instants != list(history_instants(2, START, START + 120 * DAY, 5_000))


def test_instants_can_be_had_from_any_one_on() -> None:
    whole = list(history_instants(1, START, START + DAY, 500))
    assert list(islice(history_instants(1, START, START + DAY, 500), 123, None)) == whole[123:]


def test_an_empty_span_has_no_room_for_instants() -> None:
    with pytest.raises(ValueError, match="empty"):
        next(history_instants(1, START, START, 1))
    assert list(history_instants(1, START, START, 0)) == []
