"""The parts of a stage that need no cluster: overlay, commit policy, stamps, failpoints."""

import signal
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import structs

from kafka_workshop import language
from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.profile import TIME_TO_LIVE_MS
from kafka_workshop.domain.rulebook import default_rules
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import InvalidRules, ServiceFailed, Undecodable
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.dlq import letter
from kafka_workshop.messaging.kpi_codec import decode_kpi
from kafka_workshop.messaging.offsets import Position
from kafka_workshop.messaging.tally import Tally
from kafka_workshop.messaging.topics import DEAD_LETTER_MAX_BYTES, MonitorTopics
from kafka_workshop.monitor.account import MOST_AHEAD_MS, AccountFold
from kafka_workshop.monitor.kpis import AccountCounts
from kafka_workshop.monitor.rules import load_rules
from kafka_workshop.monitor.stage.changelog import (
    STAMP_KEY,
    Found,
    Identity,
    Mismatch,
    Stamp,
    check,
    stamp_change,
    stamp_of,
)
from kafka_workshop.monitor.stage.failpoints import Failpoint
from kafka_workshop.monitor.stage.partition import Partition, Passing
from kafka_workshop.monitor.stage.passing import Passage
from kafka_workshop.monitor.stage.policy import (
    ALERT_S,
    BACKLOG_S,
    CAUGHT_UP_S,
    MOST_BYTES,
    MOST_MESSAGES,
    CommitPolicy,
)
from kafka_workshop.monitor.stage.sending import first_fitting, size_of
from kafka_workshop.monitor.stage.values import Output, Unit
from tests.support.stages import DAY, history

FOLD = AccountFold(default_rules(), MonitorTopics("t", "g"))
HERE = Identity("topic-id", 6, 1, "1-abc")
AccountPartition = Partition[Transaction, list[Alert]]


def partition(offset: int = 10) -> AccountPartition:
    return Partition(3, Position(offset, Tally(since=4, processed=6)), {}, FOLD)


def fold_into(target: AccountPartition, given: Sequence[Transaction]) -> None:
    for offset, transaction in enumerate(given, start=target.next):
        message = Message("t", 3, offset, transaction.occurred_at, None, None)
        key = FOLD.key(transaction)
        folded = FOLD.fold(target.state(key), transaction, message)
        target.note(offset, key, folded.state, folded.outputs)
        target.counts.add(transaction, folded.result)


def unit_of(target: AccountPartition) -> Unit:
    unit = Unit([], [], {}, {})
    target.add_to(unit, HERE)
    return unit


def test_what_is_dropped_leaves_no_trace_and_comes_again_from_its_first_message() -> None:
    plain, interrupted = partition(), partition()
    given = history(2_000)[:300]
    fold_into(plain, given)
    fold_into(interrupted, given[:100])
    interrupted.commit()
    fold_into(interrupted, given[100:250])
    assert interrupted.drop() == 110
    assert (interrupted.next, interrupted.resumes_at) == (110, 110)
    assert not interrupted.open
    fold_into(interrupted, given[100:])
    interrupted.commit()
    plain.commit()
    assert interrupted.snapshot() == plain.snapshot()
    assert interrupted.committed == plain.committed == Position(310, Tally(4, 306, 0))


def test_a_unit_holds_one_state_for_each_key_a_stamp_and_the_offset_behind_the_last() -> None:
    target, given = partition(), history(2_000)[:300]
    fold_into(target, given)
    target.note_dead(310, Output("t.dlq", b"k", b"v"))
    unit = unit_of(target)
    keys = Counter(change.key for change in unit.changes)
    assert set(keys.values()) == {1}
    assert set(keys) == {FOLD.key(t) for t in given} | {STAMP_KEY}
    assert {change.partition for change in unit.changes} == {3}
    assert stamp_of(unit.changes[-1].value) == Stamp(311, HERE)
    assert unit.positions == {3: Position(311, Tally(4, 306, 1))}


def test_accounts_silent_for_twice_their_time_to_live_leave_the_changelog() -> None:
    old, new = (
        structs.replace(history(2_000)[0], account_id=name, occurred_at=at)
        for name, at in (("old", DAY), ("new", DAY + 2 * TIME_TO_LIVE_MS))
    )
    message = Message("t", 3, 0, new.occurred_at, None, None)
    states = {FOLD.key(t): FOLD.fold(None, t, message).state for t in (old, new)}
    assert FOLD.obsolete(states) == []
    states[b"newest"] = FOLD.fold(
        None, structs.replace(new, occurred_at=new.occurred_at + 1), message
    ).state
    target = Partition(3, Position(10, Tally(since=10)), states, FOLD)
    assert set(target.snapshot()) == {b"new", b"newest"}
    fold_into(target, [new])
    assert target.drop() == 10
    fold_into(target, [new])
    assert [c.key for c in unit_of(target).changes if c.value is None] == [b"old"]
    target.commit()
    fold_into(target, [new])
    assert [c.key for c in unit_of(target).changes if c.value is None] == []


@pytest.mark.parametrize(("partitions", "beside"), [(6, 6), (6, 3), (3, 6), (5, 2), (1, 1)])
def test_of_a_second_topic_each_partition_goes_with_exactly_one_of_the_input(
    partitions: int, beside: int
) -> None:
    passage = Passage("t.labels", FOLD.labels, partitions, beside)
    found = [place.partition for n in range(beside) for place in passage.going_with([n])]
    assert sorted(found) == list(range(partitions))
    assert [place.partition for place in passage.going_with(range(beside))] == sorted(found)


def test_what_is_passed_on_counts_with_its_unit_and_can_be_dropped() -> None:
    passing, unit = Passing(2, Position(7, Tally(since=7))), Unit([], [], {}, {})
    told = Output("t", b"k", b"v")
    for offset, outputs in ((7, [told]), (9, [])):
        assert passing.is_next(offset)
        passing.note(offset, outputs)
    assert not passing.is_next(8)
    passing.add_to(unit)
    assert [output for _, output in passing.outputs] == [told]
    assert (unit.outputs, unit.positions, unit.changes) == ([], {}, [])
    assert unit.passed == {2: Position(10, Tally(since=7, processed=2))}
    assert passing.drop() == 7
    with pytest.raises(ServiceFailed):
        passing.is_next(9)
    assert passing.is_next(7)
    passing.note(7, [])
    passing.commit()
    assert (passing.open, passing.committed) == (False, Position(8, Tally(7, 1)))


def test_a_partition_without_news_is_dropped_to_nowhere() -> None:
    target = partition()
    assert target.drop() is None
    assert target.resumes_at is None


def test_kpis_sum_to_what_was_processed_and_a_dropped_transaction_counts_nowhere() -> None:
    target, given, totals = partition(), history(3_000), AccountCounts("k")
    for start in range(0, 3_000, 500):
        fold_into(target, given[start : start + 250])
        target.drop()
        fold_into(target, given[start : start + 500])
        target.note_dead(target.next, Output("t.dlq", b"k", b"v"))
        kpi = decode_kpi(unit_of(target).outputs[-1].value)
        assert (kpi.partition, kpi.count, kpi.dead) == (3, 500, 1)
        assert kpi.until == target.next
        totals.merge(target.counts)  # type: ignore[arg-type] # the counts of this fold
        target.commit()
    assert (totals.count, totals.dead) == (3_000, 6)
    assert totals.amount == sum(t.amount for t in given)
    assert totals.declined == sum(t.status == "declined" for t in given) > 0
    assert {k: c[0] for k, c in totals.by_kind.items()} == Counter(t.kind for t in given)
    assert sum(cell[1] for cell in totals.by_uf.values()) == totals.amount
    assert totals.alerts.total() > 20


def test_caught_up_commits_soon_a_backlog_later_and_too_much_at_once() -> None:
    now = [100.0]
    policy = CommitPolicy(lambda: now[0])
    assert not policy.due(caught_up=True, messages=0, size=0), "an idle stage commits nothing"
    assert policy.wait(5.0) == 5.0
    policy.began()
    assert policy.wait(5.0) == pytest.approx(CAUGHT_UP_S)
    assert not policy.due(caught_up=True, messages=1, size=0)
    assert policy.due(caught_up=False, messages=MOST_MESSAGES, size=0)
    assert policy.due(caught_up=False, messages=1, size=MOST_BYTES)
    now[0] += CAUGHT_UP_S + 0.001
    policy.began()
    assert policy.due(caught_up=True, messages=1, size=0)
    assert not policy.due(caught_up=False, messages=1, size=0)
    now[0] += BACKLOG_S
    assert policy.due(caught_up=False, messages=1, size=0)
    policy.ended()
    assert not policy.due(caught_up=False, messages=1, size=0)


def test_an_alert_is_committed_sooner_but_not_out_of_a_backlog() -> None:
    now = [100.0]
    policy = CommitPolicy(lambda: now[0])
    policy.began()
    now[0] += CAUGHT_UP_S / 2
    policy.began(alert=True)
    assert policy.wait(5.0) == pytest.approx(ALERT_S)
    now[0] += ALERT_S + 0.001
    assert policy.due(caught_up=True, messages=2, size=0)
    assert not policy.due(caught_up=False, messages=2, size=0)
    policy.ended()
    policy.began()
    assert policy.wait(5.0) == pytest.approx(CAUGHT_UP_S), "the alert's hurry ends with it"


def found(
    committed: int | None = 40, at: int | None = 40, identity: Identity = HERE, low: int = 0
) -> Found:
    stamp = None if at is None else Stamp(at, identity)
    return Found(committed, stamp, low, 100)


MISMATCHES = {
    "offsets without state": (found(at=None), "offset 40, and there is no state"),
    "state without offsets": (found(committed=None), "the group has committed none"),
    "offsets moved": (
        found(committed=0),
        "the state is as of offset 40, the group has committed 0",
    ),
    "another topic": (found(identity=Identity("x", 6, 1, "1-abc")), "was deleted since"),
    "more partitions": (found(identity=Identity("topic-id", 3, 1, "1-abc")), "belongs to 3"),
    "another schema": (
        found(identity=Identity("topic-id", 6, 9, "1-abc")),
        "the state has schema 9",
    ),
    "other rules": (found(identity=Identity("topic-id", 6, 1, "2-x")), "made with rules 2-x"),
    "expired": (found(low=41), "offset 40, the topic has 41 to 100 only"),
}


@pytest.mark.parametrize("spoken", ["en", "pt-BR"])
@pytest.mark.parametrize("name", MISMATCHES)
def test_what_does_not_belong_together_is_named_with_what_mends_it(
    name: str, spoken: language.Language
) -> None:
    case, words = MISMATCHES[name]
    language.use(spoken)
    with pytest.raises(Mismatch) as refused:
        check(case, HERE)
    assert "./workshop monitor reset" in str(refused.value)
    assert (words in str(refused.value)) is (spoken == "en")


@pytest.mark.parametrize("case", [found(), found(committed=None, at=None)])
def test_what_belongs_together_and_a_first_start_pass(case: Found) -> None:
    check(case, HERE)


def test_at_least_once_the_offsets_may_lag_behind_the_state_but_not_lead() -> None:
    check(found(committed=30), HERE, offsets_may_lag=True)
    with pytest.raises(Mismatch):
        check(found(committed=50), HERE, offsets_may_lag=True)


def test_a_stamp_of_another_version_is_refused() -> None:
    change = stamp_change(3, 40, HERE)
    assert stamp_of(change.value) == Stamp(40, HERE)
    with pytest.raises(Mismatch, match="another version"):
        stamp_of(b'{"at": 40}')


def test_an_event_from_the_future_is_refused_by_the_clock_of_its_record() -> None:
    transaction = history(2_000)[0]
    at = transaction.occurred_at - MOST_AHEAD_MS
    FOLD.fold(None, transaction, Message("t", 0, 0, at, None, None))
    with pytest.raises(Undecodable, match="from-the-future"):
        FOLD.fold(None, transaction, Message("t", 0, 0, at - 1, None, None))


def test_a_failpoint_fires_at_its_place_and_time_and_otherwise_never() -> None:
    fired: list[signal.Signals] = []
    armed = Failpoint("after_offsets", 2, send=fired.append)
    for place in ("before_produce", "after_offsets", "after_commit"):
        armed.reach(place)
    assert fired == []
    armed.reach("after_offsets")
    assert fired == [signal.SIGKILL]
    Failpoint("after_commit", stop=True, send=fired.append).reach("after_commit")
    assert fired[1:] == [signal.SIGSTOP]
    Failpoint().reach("after_offsets")
    assert not Failpoint().armed


def test_the_smallest_form_of_a_letter_always_fits() -> None:
    headers = tuple((f"h{n}", bytes(50_000)) for n in range(60))
    message = Message("t", 0, 0, 0, bytes(900_000), bytes(2_000_000), headers)
    context = letter.context(message, "not-json", "é" * 300, 0)
    forms = letter.forms(message, context)
    assert first_fitting(forms) == 2
    assert (first_fitting(forms[1:]), first_fitting(forms, 3)) == (1, 3)
    sizes = [size_of(form) for form in forms]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 10_000 < DEAD_LETTER_MAX_BYTES < sizes[0]


def test_rules_of_a_file_that_is_not_there_or_wrong_are_refused_by_its_name(tmp_path: Path) -> None:
    assert load_rules(None) == default_rules()
    file = tmp_path / "rules.toml"
    with pytest.raises(
        InvalidRules, match=r"MONITOR_RULES=.*rules\.toml can't be read: No such file"
    ):
        load_rules(file)
    file.write_text('version = "9"\n[velocity]\nenabled = 1\n')
    with pytest.raises(InvalidRules, match=r"rules\.toml: velocity\.enabled = 1 is not allowed"):
        load_rules(file)
    file.write_text('version = "9"\n')
    assert load_rules(file).version == "9"
