"""What a search has left: no offset twice, none forgotten, wherever it is interrupted."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop.console.searching import Round
from kafka_workshop.console.spans import remaining

BOUNDS = st.dictionaries(
    st.integers(0, 3),
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: tuple(sorted(pair))),
    max_size=4,
)


@given(BOUNDS, st.booleans(), st.integers(1, 15), st.lists(st.integers(0, 12), max_size=400))
def test_interrupted_rounds_read_each_offset_once(
    bounds: dict[int, tuple[int, int]], backwards: bool, width: int, stops: list[int]
) -> None:
    left, read = remaining(bounds), []
    # The last rounds are not interrupted, so that it ends.
    for stop in [*stops, *([99] * 400)]:
        pieces = left.piece(width, backwards=backwards)
        covered = {p: (low, min(high, low + stop)) for p, (low, high) in pieces.items()}
        read += [(p, o) for p, (low, end) in covered.items() for o in range(low, end)]
        left = left.without(covered)
    assert left.spans == {}
    assert sorted(read) == [(p, o) for p in sorted(bounds) for o in range(*bounds[p])]


def test_the_newest_come_first_and_what_was_left_of_them_next() -> None:
    left = remaining({0: (0, 100)})
    assert left.piece(10, backwards=True) == {0: (90, 100)}
    left = left.without({0: (90, 94)})
    assert left.spans == {0: ((0, 90), (94, 100))}
    assert left.piece(10, backwards=True) == {0: (94, 100)}
    assert left.piece(10, backwards=False) == {0: (0, 10)}
    assert left.offsets == 96


def test_a_round_ends_at_its_end_in_gaps_and_at_the_end_of_the_log() -> None:
    pieces = Round({0: (0, 10), 1: (5, 8), 2: (0, 4)})
    assert pieces.belongs(0, 3)
    assert pieces.covered == {0: (0, 4), 1: (5, 5), 2: (0, 0)}
    assert not pieces.belongs(0, 12)  # 4 to 11 are gaps
    assert pieces.belongs(1, 7)
    assert not pieces.belongs(1, 8)
    pieces.end(2)
    assert (pieces.open, pieces.covered) == ({}, {0: (0, 10), 1: (5, 8), 2: (0, 4)})
