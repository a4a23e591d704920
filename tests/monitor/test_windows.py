"""Windows in bounded memory give what a naive list of everything gives."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop.domain.window import add, before_newest, remember, ring, total, within

SIZE, KEEP = 6, 4
events = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9)), max_size=60)


def filled(arrivals: list[tuple[int, int]]) -> list[int]:
    counts = ring(SIZE)
    for bucket, amount in arrivals:
        add(counts, bucket, amount)
    return counts


@given(events)
def test_a_ring_sums_the_window_that_ends_with_the_newest_event_however_they_arrive(
    arrivals: list[tuple[int, int]],
) -> None:
    newest = max((bucket for bucket, _ in arrivals), default=0)
    expected = sum(amount for bucket, amount in arrivals if bucket > newest - SIZE)
    assert total(filled(arrivals)) == expected


@given(events)
def test_the_buckets_before_the_newest_are_those_of_the_naive_count(
    arrivals: list[tuple[int, int]],
) -> None:
    newest = max((bucket for bucket, _ in arrivals), default=0)
    expected = [
        sum(amount for bucket, amount in arrivals if bucket == newest - back)
        for back in range(1, SIZE)
    ]
    assert before_newest(filled(arrivals)) == expected


@given(events)
def test_the_order_of_arrival_changes_no_sum(arrivals: list[tuple[int, int]]) -> None:
    shuffled = sorted(arrivals)
    assert total(filled(shuffled)) == total(filled(arrivals))
    assert len(filled(arrivals)) == SIZE + 1


@given(events, st.integers(0, 40), st.integers(0, 40))
def test_a_list_has_the_last_arrivals_and_answers_for_any_span(
    arrivals: list[tuple[int, int]], after: int, until: int
) -> None:
    entries: list[int] = []
    for arrival in arrivals:
        remember(entries, KEEP, arrival)
    kept = arrivals[-KEEP:]
    assert entries == [value for arrival in kept for value in arrival]
    assert within(entries, 2, after, until) == [a for a in kept if after < a[0] <= until]


def test_a_late_event_counts_where_it_belongs_and_not_after_its_bucket_has_left() -> None:
    counts = filled([(10, 1), (12, 1)])
    add(counts, 11, 5)
    assert before_newest(counts) == [5, 1, 0, 0, 0]
    add(counts, 12 - SIZE, 7)
    assert total(counts) == 7
    assert counts == filled([(12, 1), (11, 5), (10, 1)])
