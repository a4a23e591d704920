"""The arithmetic of the ledger: sets of numbers, gaps in offsets, the balance; no Kafka."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop.domain.numbering import LANES, identifier, numbered, stream_of
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.ledger.balance import PartitionBalance, partition_balance
from kafka_workshop.ledger.extent import Extent
from kafka_workshop.ledger.ids import StoredIds
from kafka_workshop.ledger.numbers import Numbers, add_to, without
from kafka_workshop.ledger.runs import Run, run_of, to_bytes
from kafka_workshop.messaging.client import Headers, Message
from kafka_workshop.messaging.codec import encode
from kafka_workshop.messaging.tally import Tally
from kafka_workshop.simulator.stream import Simulator
from tests.support.simulation import small_population

SMALL = st.integers(0, 3_000)


@given(st.lists(SMALL), SMALL, SMALL)
def test_numbers_are_a_set_that_counts_and_names_what_is_missing(
    added: list[int], first: int, until: int
) -> None:
    numbers = Numbers()
    new = [numbers.add(n) for n in added]
    assert new.count(True) == len(numbers) == len(set(added))
    wanted = set(range(first, until))
    assert numbers.count(first, until) == len(wanted & set(added))
    assert list(numbers.missing(first, until)) == sorted(wanted - set(added))


def test_a_range_that_somebody_made_up_takes_no_time() -> None:
    numbers = Numbers()
    numbers.add(2**61)
    assert numbers.count(0, 2**62) == 1
    assert next(numbers.missing(0, 2**62)) == 0


@given(SMALL, SMALL, st.lists(st.tuples(SMALL, SMALL)))
def test_holes_are_taken_out_of_a_range(
    first: int, until: int, holes: list[tuple[int, int]]
) -> None:
    left = {n for a, b in without(first, until, sorted(holes)) for n in range(a, b)}
    assert left == set(range(first, until)) - {n for a, b in holes for n in range(a, b)}


@given(st.lists(st.integers(0, 60)), st.integers(1, 4))
def test_ranges_are_bounded_and_forget_no_number(numbers: list[int], most: int) -> None:
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        add_to(ranges, number, most)
    assert len(ranges) <= most
    assert set(numbers) <= {n for a, b in ranges for n in range(a, b)}
    if len(set(numbers)) <= most:
        assert set(numbers) == {n for a, b in ranges for n in range(a, b)}


@given(st.sets(st.integers(10, 80)), st.integers(0, 100), st.integers(0, 100))
def test_records_are_counted_where_they_are_and_not_by_offsets(
    offsets: set[int], first: int, until: int
) -> None:
    extent = Extent(10)
    for offset in sorted(offsets):
        extent.take(offset)
    extent.pass_to(90)
    assert extent.records(first, until) == sum(first <= o < until for o in offsets)
    extent.forget_before(40)
    assert extent.records(first, until) == sum(max(first, 40) <= o < until for o in offsets)


def partition(
    committed: int | None, tally: Tally | None, start: int = 0, gap: int = 0
) -> PartitionBalance:
    """A partition of a hundred records, its first `gap` offsets without one."""
    extent = Extent(0)
    for offset in range(gap, 100 + gap):
        extent.take(offset)
    extent.forget_before(start)
    return partition_balance(0, extent, 100 + gap, committed, tally)


def test_what_is_not_committed_is_in_flight() -> None:
    found = partition(40, Tally(0, 38, 2))
    assert (found.processed, found.dead, found.in_flight, found.stored) == (38, 2, 60, 100)
    assert (found.skipped, found.recounted, found.unbooked) == (0, 0, 0)
    assert partition(None, None).in_flight == 100


def test_markers_of_transactions_are_neither_lost_nor_in_flight() -> None:
    found = partition(45, Tally(0, 40), gap=5)
    assert (found.skipped, found.in_flight, found.stored) == (0, 60, 100)


def test_passed_without_counting_is_lost_and_counted_too_often_is_duplicated() -> None:
    assert partition(40, Tally(0, 33)).skipped == 7
    assert partition(40, Tally(0, 40, 3)).recounted == 3
    assert {partition(40, Tally(0, n)).stored for n in (33, 40, 43)} == {100}


def test_what_another_tool_committed_is_neither() -> None:
    assert partition(40, None).unbooked == 40
    found = partition(70, Tally(40, 30))
    assert (found.unbooked, found.skipped, found.recounted, found.stored) == (40, 0, 0, 100)


def test_what_retention_removed_is_believed_to_the_book() -> None:
    found = partition(60, Tally(0, 60), start=50)
    assert (found.expired, found.skipped, found.recounted) == (True, 0, 0)
    assert (found.in_flight, found.stored) == (40, 100)
    assert partition(60, Tally(0, 4), start=50).skipped == 6, "what is still there is judged"


def test_a_group_that_retention_overtook_has_nothing_more_in_flight_than_is_kept() -> None:
    assert partition(10, Tally(0, 10), start=50).in_flight == 50


def transaction(stream: int, number: int) -> Transaction:
    return next(Simulator(small_population(), stream).transactions([1_760_000_000_000], number))


def message(value: bytes | None, headers: Headers = (), partition: int = 0) -> Message:
    return Message("t", partition, 0, 0, b"k", value, headers)


def stored(stream: int, *numbers: int, partition: int = 0) -> list[Message]:
    return [message(encode(transaction(stream, n)), partition=partition) for n in numbers]


def run(first: int, until: int, *failed: tuple[int, int], stream: int = 1) -> Run:
    return Run(f"run-{first}", stream, first, until, failed, until - first, 0, ended=True)


def test_an_acknowledged_id_that_is_not_stored_is_missing_and_a_failed_one_is_not() -> None:
    ids = StoredIds()
    for each in stored(1, 0, 1, 4):
        ids.take(each)
    found = ids.compared([run(0, 3), run(3, 6, (5, 6))])
    assert found.missing.count == 2
    assert found.missing.first == (identifier(1, 2), identifier(1, 3))


def test_two_runs_that_speak_of_the_same_ids_lose_them_once() -> None:
    assert StoredIds().compared([run(0, 10), run(5, 12)]).missing.count == 12


def test_streams_are_kept_apart() -> None:
    ids = StoredIds()
    for each in stored(1, 0, 1):
        ids.take(each)
    assert ids.compared([run(0, 2), run(0, 2, stream=stream_of(1, 1))]).missing.count == 2


def test_an_id_that_is_stored_again_is_repeated_unless_the_first_was_undecodable() -> None:
    ids = StoredIds()
    (good,) = stored(1, 7)
    again: Headers = (("dlq.redrive.of", b"0-0"),)
    ids.take(message((good.value or b"").replace(b'"schema_version":1', b'"schema_version":9')))
    ids.take(message(good.value, again))
    assert (ids.repeated.count, ids.without_id) == (0, 1)
    ids.take(message(good.value, again))
    assert (ids.repeated.count, ids.repeated.first) == (1, (identifier(1, 7),))


@pytest.mark.parametrize("value", [None, b"", b"rubbish", b"{}"])
def test_what_is_no_transaction_has_no_id(value: bytes | None) -> None:
    ids = StoredIds()
    ids.take(message(value))
    assert ids.without_id == 1


def test_ids_below_what_retention_left_are_not_judged() -> None:
    ids = StoredIds()
    ids.begins_late(1)
    for each in stored(1, 60, 62, partition=0) + stored(1, 50, 51, partition=1):
        ids.take(each)
    found = ids.compared([run(0, 63)])
    assert (found.missing.count, found.missing.first[0]) == (9, identifier(1, 52))


def test_of_a_stream_that_a_cut_partition_does_not_hold_nothing_is_judged() -> None:
    ids = StoredIds()
    ids.begins_late(1)
    for each in stored(1, 60):
        ids.take(each)
    assert ids.compared([run(0, 61)]).missing.count == 0


@given(st.integers(0, 2**32 - 1), st.integers(0, LANES - 1), st.integers(0, 32**8 - 1))
def test_an_id_tells_seed_lane_and_number(seed: int, lane: int, number: int) -> None:
    assert numbered(identifier(stream_of(seed, lane), number)) == (stream_of(seed, lane), number)


def test_lane_zero_of_a_seed_is_the_stream_that_it_always_was() -> None:
    assert identifier(stream_of(7), 0) == transaction(7, 0).transaction_id == "0000007-00000000"


def test_a_run_survives_being_stored_and_rubbish_is_no_run() -> None:
    written = run(3, 9, (4, 5), (7, 9))
    assert run_of(message(to_bytes(written))) == written
    for rubbish in (None, b"", b"[]", b'{"run":"x"}', to_bytes(written).replace(b"9", b"-9")):
        assert run_of(message(rubbish)) is None
