"""Labels come late, in order, and "complete until T" keeps its word."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_workshop.domain.label import CompleteUntil, Label, LabelRecord
from kafka_workshop.messaging.label_codec import MAX_LABEL_BYTES, decode_label, encode_label
from kafka_workshop.simulator.fraud.release import Release
from tests.support.fraud import DAY, HOUR, PLAN, history

WEEK = 7 * DAY


@cache
def released() -> tuple[tuple[int, LabelRecord], ...]:
    """What is released in the history, each with the instant at which it was."""
    release = Release(history()[0][0].occurred_at)
    records: list[tuple[int, LabelRecord]] = []
    for transaction, label in history():
        if label is not None:
            release.hold(label)
        records += ((transaction.occurred_at, r) for r in release.until(transaction.occurred_at))
    return tuple(records)


def test_every_label_is_released_once_as_soon_as_it_is_available() -> None:
    end = history()[-1][0].occurred_at
    due = [label for _, label in history() if label and label.available_at <= end]
    labels = [record for _, record in released() if isinstance(record, Label)]
    assert sorted(labels, key=lambda label: label.transaction_id) == due
    assert [r.available_at for r in labels] == sorted(r.available_at for r in labels)
    for now, record in released():
        if isinstance(record, Label):
            assert record.available_at <= now < record.available_at + 6 * HOUR


def test_after_complete_until_no_label_comes_that_should_have_stood_before() -> None:
    until, seen = 0, 0
    for now, record in released():
        if isinstance(record, CompleteUntil):
            assert record.until > until
            assert record.until <= now - WEEK
            until, seen = record.until, seen + 1
        else:
            assert record.occurred_at > until
    assert seen > 2_500  # one an hour, but for quiet nights


def test_records_are_small_and_can_be_read() -> None:
    for _, record in released():
        payload = encode_label(record)
        assert len(payload) <= MAX_LABEL_BYTES
        assert decode_label(payload) == record


@settings(max_examples=15, deadline=None)
@given(st.integers(PLAN.settled, PLAN.history - 2))
def test_a_producer_that_goes_on_releases_what_the_one_before_had_not(number: int) -> None:
    since = history()[number][0].occurred_at
    release = Release(since)
    for _, label in history()[: number + 1]:
        if label is not None and label.occurred_at > since - WEEK:
            release.hold(label)
    records: list[tuple[int, LabelRecord]] = []
    for transaction, label in history()[number + 1 :]:
        if label is not None:
            release.hold(label)
        records += ((transaction.occurred_at, r) for r in release.until(transaction.occurred_at))
    assert tuple(records) == tuple(r for r in released() if r[0] > since)


def test_time_that_stands_still_releases_nothing_twice() -> None:
    release = Release(10 * DAY)
    assert list(release.until(10 * DAY + HOUR)) == [CompleteUntil(1, 3 * DAY + HOUR)]
    assert list(release.until(10 * DAY + HOUR)) == []
    assert list(release.until(10 * DAY)) == []
    label = Label(1, "E", "mule", "T", "A", 9 * DAY, 10 * DAY + 2 * HOUR)
    release.hold(label)
    release.hold(Label(1, "E", "mule", "T", "A", 8 * DAY, 10 * DAY))  # released long ago
    assert list(release.until(10 * DAY + 2 * HOUR)) == [label, CompleteUntil(1, 3 * DAY + 2 * HOUR)]
