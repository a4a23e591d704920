"""What may be committed, whatever order things come in."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.offsets import Offsets, Position
from kafka_workshop.messaging.tally import Tally, tally_of


def message(partition: int, offset: int) -> Message:
    return Message("t", partition, offset, 0, None, None)


def test_nothing_is_committed_that_was_not_processed() -> None:
    offsets = Offsets()
    offsets.own({0, 1})
    assert offsets.uncommitted == {}
    offsets.note(message(0, 4))
    assert offsets.uncommitted == {0: 5}


def test_a_partition_that_is_not_ours_is_never_committed() -> None:
    offsets = Offsets()
    offsets.own({0})
    offsets.note(message(1, 4))
    assert offsets.uncommitted == {}


def test_what_was_given_away_is_forgotten_even_if_it_comes_back() -> None:
    offsets = Offsets()
    offsets.own({0})
    offsets.note(message(0, 99))
    offsets.give_away({0})
    offsets.note(message(0, 100))
    offsets.own({0})
    assert offsets.uncommitted == {}
    offsets.note(message(0, 7))
    assert offsets.uncommitted == {0: 8}, "another owner may have rewound the group"


def test_a_commit_answered_after_a_newer_message_leaves_that_one_to_the_next() -> None:
    offsets = Offsets()
    offsets.own({0})
    offsets.note(message(0, 1))
    asked = offsets.uncommitted
    offsets.note(message(0, 2))
    offsets.committed(asked)
    assert offsets.uncommitted == {0: 3}
    offsets.committed({0: 3})
    assert offsets.uncommitted == {}


def test_being_given_no_partition_is_having_joined_as_well() -> None:
    offsets = Offsets()
    assert not offsets.joined
    offsets.own([])
    assert offsets.joined


def test_nothing_is_committed_before_the_count_so_far_is_known() -> None:
    offsets = Offsets()
    offsets.own({0, 1})
    offsets.note(message(0, 9))
    offsets.note(message(1, 4), dead=True)
    assert offsets.unknown == {0, 1}
    assert offsets.pending == {}
    offsets.restore({0: Tally(3, 6, 0)})
    assert offsets.unknown == {1}
    assert offsets.pending == {0: Position(10, Tally(3, 7, 0))}
    assert set(offsets.uncommitted) == {0, 1}, "the other is not forgotten"


def test_a_count_is_absolute_so_a_commit_whose_answer_was_lost_is_repeated_unharmed() -> None:
    offsets = Offsets()
    offsets.own({0})
    offsets.restore({0: Tally(0, 5, 1)})
    offsets.note(message(0, 6))
    first = offsets.pending
    offsets.note(message(0, 7), dead=True)
    assert first == {0: Position(7, Tally(0, 6, 1))}
    assert offsets.pending == {0: Position(8, Tally(0, 6, 2))}
    offsets.committed({0: 8})
    offsets.note(message(0, 8))
    assert offsets.pending == {0: Position(9, Tally(0, 7, 2))}


def test_a_partition_that_comes_back_is_counted_from_what_is_committed_by_then() -> None:
    offsets = Offsets()
    offsets.own({0})
    offsets.restore({0: Tally(0, 5)})
    offsets.note(message(0, 5))
    offsets.give_away({0})
    offsets.restore({0: Tally(0, 5)})
    offsets.own({0})
    offsets.note(message(0, 20))
    assert offsets.unknown == {0}
    offsets.restore({0: Tally(0, 20)})
    assert offsets.pending == {0: Position(21, Tally(0, 21))}


@given(st.integers(0, 2**62), st.integers(0, 2**62), st.integers(0, 2**62))
def test_a_tally_survives_being_written_and_fits_the_brokers_limit(
    since: int, processed: int, dead: int
) -> None:
    tally = Tally(since, processed, dead)
    assert tally_of(tally.text()) == tally
    assert len(tally.text()) < 4096
    assert tally_of(tally.text() + "\x00\ufffd}") == tally, "librdkafka may add to it"


@given(st.text())
def test_foreign_metadata_is_no_tally(text: str) -> None:
    assert tally_of(text) is None


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 50))))
def test_the_offset_is_that_of_the_last_processed_plus_one(noted: list[tuple[int, int]]) -> None:
    offsets = Offsets()
    offsets.own({0, 1, 2})
    for partition, offset in noted:
        offsets.note(message(partition, offset))
    last = {p: max(o for q, o in noted if q == p) for p, _ in noted}
    assert offsets.uncommitted == {p: o + 1 for p, o in last.items()}


def test_a_group_that_never_committed_begins_to_count_with_its_first_message() -> None:
    offsets = Offsets()
    offsets.own({0})
    offsets.note(message(0, 17))
    offsets.note(message(0, 18), dead=True)
    offsets.restore({0: None})
    assert offsets.pending == {0: Position(19, Tally(17, 1, 1))}
