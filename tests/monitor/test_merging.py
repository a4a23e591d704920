"""Partitions merged in the order of sending: nothing lost, nobody waited for in vain."""

from collections import defaultdict
from typing import Any, NamedTuple

import pytest
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop.monitor.stage import merging
from kafka_workshop.monitor.stage.merging import Merging

FOREVER = 600.0


class Brokers:
    """What a client knows of its partitions without asking."""

    def __init__(self, ends: dict[int, int]) -> None:
        self.ends = ends
        self.paused: set[int] = set()
        self.sought: list[tuple[int, int]] = []

    def get_watermark_offsets(self, place: TopicPartition, cached: bool = False) -> tuple[int, int]:
        assert cached, "that would ask a broker"
        if place.partition not in self.ends:
            raise KafkaException(KafkaError(KafkaError._UNKNOWN_PARTITION))
        return 0, self.ends[place.partition]

    def pause(self, places: list[TopicPartition]) -> None:
        self.paused |= {place.partition for place in places}

    def resume(self, places: list[TopicPartition]) -> None:
        self.paused -= {place.partition for place in places}

    def seek(self, place: TopicPartition) -> None:
        self.sought.append((place.partition, place.offset))


class At(NamedTuple):
    """Where a message is, and when it was sent."""

    partition: int
    offset: int
    sent: int


def message(at: At) -> Message:
    return Message(
        topic="t", partition=at.partition, offset=at.offset, timestamp=(1, at.sent), value=b""
    )


def at(record: Message) -> At:
    return At(record.partition() or 0, record.offset() or 0, record.timestamp()[1])


def place(partition: int, offset: int = 0) -> TopicPartition:
    return TopicPartition("t", partition, offset)


class Reading:
    """A merging of some partitions, handed what a test says."""

    def __init__(self, ends: dict[int, int], patience_s: float = FOREVER) -> None:
        self.brokers = Brokers(ends)
        client: Any = self.brokers
        self.merging = Merging(client, waits=True, patience_s=patience_s)
        for partition in ends:
            self.merging.begin(place(partition))

    def turn(self, *came: At, most: int = 1_000) -> list[At]:
        return [at(record) for record in self.merging.turn([message(a) for a in came], most)]


def test_a_chunk_of_one_partition_waits_for_the_first_of_the_other() -> None:
    reading = Reading({0: 3, 1: 2})
    first = [At(0, n, 100 * n) for n in range(3)]
    assert reading.turn(*first) == []
    assert reading.merging.held == 3
    second = [At(1, 0, 50), At(1, 1, 150)]
    assert reading.turn(*second) == sorted((*first, *second), key=lambda a: a.sent)


def test_one_that_gave_some_and_has_more_lets_only_what_was_sent_before_pass() -> None:
    reading = Reading({0: 3, 1: 9})
    assert reading.turn(At(1, 0, 150), *(At(0, n, 100 * n) for n in range(3))) == [
        At(0, 0, 0),
        At(0, 1, 100),
        At(1, 0, 150),
    ]
    assert reading.turn(At(1, 1, 170)) == [At(1, 1, 170)]
    assert reading.turn(At(1, 2, 250)) == [At(0, 2, 200), At(1, 2, 250)]


def test_nobody_waits_for_one_at_its_end_nor_for_an_empty_one_nor_for_one_that_is_gone() -> None:
    reading = Reading({0: 1, 1: 0, 2: 5})
    assert reading.turn(At(0, 0, 7)) == []
    reading.merging.end([place(2)])
    assert reading.turn() == [At(0, 0, 7)]
    assert reading.turn(At(2, 0, 3)) == []  # not ours any more


def test_of_one_of_which_nothing_is_known_yet_the_first_answer_is_waited_for() -> None:
    reading = Reading({0: 1})
    reading.merging.begin(place(1))
    assert reading.turn(At(0, 0, 7)) == []
    reading.brokers.ends[1] = 0
    assert reading.turn() == [At(0, 0, 7)]


def test_patience_ends_and_begins_anew_once_it_has_caught_up() -> None:
    reading = Reading({0: 2, 1: 2}, patience_s=0.0)
    assert reading.turn(At(0, 0, 7)) == [At(0, 0, 7)]
    # It is not waited for, however slowly it trickles, until it is at its end.
    assert reading.turn(At(1, 0, 3)) == [At(1, 0, 3)]
    lane = reading.merging._lanes["t", 1]
    assert lane.patience is not None
    assert reading.turn(At(1, 1, 4), At(0, 1, 8)) == [At(1, 1, 4), At(0, 1, 8)]
    assert lane.patience is None


def test_no_more_than_asked_for_and_the_rest_comes_without_more_reading() -> None:
    reading = Reading({0: 5})
    came = [At(0, n, n) for n in range(5)]
    assert reading.turn(*came, most=2) == came[:2]
    assert reading.turn(most=2) == came[2:4]
    assert reading.turn(most=2) == came[4:]


def test_after_a_rewind_what_is_held_is_forgotten_and_comes_again() -> None:
    reading = Reading({0: 3, 1: 1})
    assert reading.turn(At(0, 0, 1), At(0, 1, 2)) == []
    reading.merging.go_to(place(0, 0))
    assert reading.brokers.sought == [(0, 0)]
    assert reading.merging.held == 0
    assert reading.turn(At(1, 0, 9), At(0, 0, 1)) == [At(0, 0, 1)]


def test_a_clock_that_was_set_back_holds_nobody_up() -> None:
    reading = Reading({0: 2, 1: 2})
    assert reading.turn(At(0, 0, 100), At(0, 1, 5), At(1, 0, 100), At(1, 1, 101)) == [
        At(0, 0, 100),
        At(0, 1, 5),
        At(1, 0, 100),
        At(1, 1, 101),
    ]


def test_of_partitions_far_ahead_nothing_more_is_read_until_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(merging, "MOST_HELD", 10)
    reading = Reading({0: 12, 1: 1})
    came = [At(0, n, 100 + n) for n in range(12)]
    assert reading.turn(*came) == []
    assert reading.brokers.paused == {0}
    assert reading.turn(At(1, 0, 50)) == [At(1, 0, 50), *came]
    assert reading.brokers.paused == set()
    reading.brokers.ends[1] = 2
    reading.turn(*(At(0, n, 100 + n) for n in range(12, 24)))
    assert reading.brokers.paused == {0}
    reading.merging.go_to(place(0, 0))
    assert reading.brokers.paused == set()


def test_without_waiting_what_comes_goes_through_as_it_is() -> None:
    brokers: Any = Brokers({})
    came = [message(At(n % 2, n, 9 - n)) for n in range(4)]
    assert Merging(brokers, waits=False).turn(came, 2) == came


@given(st.data())
def test_whatever_the_chunks_each_message_comes_once_in_order_and_by_time(
    data: st.DataObject,
) -> None:
    gaps = data.draw(st.lists(st.lists(st.integers(0, 50), max_size=12), min_size=1, max_size=4))
    logs = {
        number: [At(number, n, sum(of[: n + 1])) for n in range(len(of))]
        for number, of in enumerate(gaps)
    }
    reading = Reading({number: len(log) for number, log in logs.items()})
    got: list[At] = []
    left = {number: list(log) for number, log in logs.items()}
    while any(left.values()):
        number = data.draw(st.sampled_from([n for n, log in left.items() if log]))
        size = data.draw(st.integers(1, 6))
        chunk, left[number] = left[number][:size], left[number][size:]
        got += reading.turn(*chunk, most=data.draw(st.integers(1, 8)))
    got += reading.turn()
    assert [a.sent for a in got] == sorted(a.sent for a in got)
    of_each = defaultdict(list)
    for each in got:
        of_each[each.partition].append(each)
    assert of_each == {number: log for number, log in logs.items() if log}
