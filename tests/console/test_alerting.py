"""Alerts as the console keeps them: folded within bounds, decided about, chosen, paged."""

from dataclasses import dataclass

import msgspec
import pytest

from kafka_workshop.console.alerting.known import Alerts, Known
from kafka_workshop.console.alerting.recent import AFTER, BEFORE, recent
from kafka_workshop.console.alerting.told import source_of
from kafka_workshop.console.alerting.wanted import Wanted, page_of
from kafka_workshop.console.reading import Query, Report
from kafka_workshop.console.records import Record
from kafka_workshop.domain.alert import Source
from kafka_workshop.domain.triage import MAX_NOTE, Triage
from kafka_workshop.errors import Undecodable
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.topics import MonitorTopics, triage_topic
from kafka_workshop.messaging.triage_codec import MAX_TRIAGE_BYTES, decode_triage, encode_triage
from tests.support.alarms import alarm, decided, raised

FIRST, SECOND = alarm("A1"), alarm("A2", rule="fan_in", severity="low")
ID = FIRST.alert_id.encode()


def known_of(*records: Message, limit: int = 100) -> Known:
    known = Known(limit)
    for record in records:
        (known.add_alert if record.topic == "alerts" else known.add_decision)(record)
    return known


def accounts(alerts: Alerts) -> list[str]:
    return [each.alert.account_id for each in alerts.raised.values()]


def test_the_newest_stand_first_whichever_partition_came_first() -> None:
    known = known_of(raised(alarm("A3"), 3), raised(FIRST, 1, partition=1), raised(SECOND, 2))
    assert accounts(known.shown()) == ["A3", "A2", "A1"]


def test_of_any_number_of_alerts_only_the_newest_are_held() -> None:
    known = known_of(*(raised(alarm(f"A{n}"), n) for n in range(1_000)), limit=10)
    assert accounts(known.shown()) == [f"A{n}" for n in range(999, 989, -1)]


def test_an_alert_that_comes_again_is_one_alert() -> None:
    assert len(known_of(raised(FIRST, 1), raised(FIRST, 2)).shown().raised) == 1


def test_nothing_new_is_the_same_value_and_a_change_a_higher_version() -> None:
    known = known_of(raised(FIRST))
    before = known.shown()
    assert known.shown() is before
    known.say_missing(False)
    assert known.shown() is before
    known.add_decision(decided(FIRST, "confirmed"))
    assert known.shown().version > before.version
    assert before.state_of(FIRST.alert_id) == "open"


def test_the_last_decision_counts_also_one_that_came_before_its_alert() -> None:
    known = known_of(decided(FIRST, "dismissed"), decided(FIRST, "confirmed", "seen"))
    assert known.shown().state_of(FIRST.alert_id) == "confirmed"
    known.add_alert(raised(FIRST))
    assert known.shown().triage[FIRST.alert_id].note == "seen"


def test_a_decision_that_is_taken_back_leaves_the_alert_open() -> None:
    known = known_of(decided(FIRST, "dismissed"))
    known.add_decision(Message("monitor.triage", 0, 1, 0, ID, None))
    assert known.shown().state_of(FIRST.alert_id) == "open"


def test_decisions_are_bounded_in_number() -> None:
    known = Known()
    _, value = encode_triage("", Triage(1, "confirmed", "", 0))
    for n in range(10_100):
        known.add_decision(Message("monitor.triage", 0, n, 0, f"{n:016x}".encode(), value))
    assert len(known.shown().triage) == 10_000
    assert known.shown().state_of(f"{0:016x}") == "open"
    assert known.shown().state_of(f"{10_099:016x}") == "confirmed"


def test_bad_records_are_passed_over_and_counted() -> None:
    bad = Message("alerts", 0, 0, 0, None, b"\xff")
    wrong = Message("monitor.triage", 0, 0, 0, ID, b'{"state":"maybe"}')
    shown = known_of(bad, raised(FIRST), wrong, wrong).shown()
    assert (accounts(shown), shown.undecodable, shown.misread) == (["A1"], 1, 2)


def test_a_topic_made_anew_is_forgotten_by_itself() -> None:
    known = known_of(raised(FIRST), decided(FIRST, "confirmed"))
    known.forget_alerts()
    assert (accounts(known.shown()), len(known.shown().triage)) == ([], 1)
    known.forget_decisions()
    assert not known.shown().triage


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (None, b"{}"),
        (b"<script>", b"{}"),
        (ID + b"0", b"{}"),
        (ID, b""),
        (ID, b"[" * 5_000),
        (ID, b" " * (MAX_TRIAGE_BYTES + 1)),
        (ID, b'{"schema_version":2,"state":"open","note":"","at":0}'),
        (ID, b'{"schema_version":1,"state":"open","note":"","at":-1}'),
        (ID, msgspec.json.encode(Triage(1, "open", "x" * (MAX_NOTE + 1), 0))),
    ],
)
def test_what_is_no_decision_is_refused_without_repeating_it(
    key: bytes | None, value: bytes
) -> None:
    with pytest.raises(Undecodable) as refused:
        decode_triage(key, value)
    assert "script" not in str(refused.value)


@pytest.mark.parametrize("note", ["", "é <b>&", "\x00" * MAX_NOTE, "😀" * MAX_NOTE])
def test_a_decision_survives_its_encoding_whatever_its_note(note: str) -> None:
    decision = Triage(1, "dismissed", note, 1_700_000_000_000)
    assert decode_triage(*encode_triage(FIRST.alert_id, decision)) == (FIRST.alert_id, decision)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), ["T9", "A2", "A1"]),
        (Wanted(rule="fan_in"), ["A2"]),
        (Wanted(severity="high"), ["T9", "A1"]),
        (Wanted(state="open"), ["T9", "A2"]),
        (Wanted(state="confirmed", severity="low"), []),
        (Wanted(account=" a1 "), ["A1"]),
        (Wanted(account="shop"), ["T9"]),
        (Wanted(account="\x00<"), []),
    ],
)
def test_filters_choose_by_rule_severity_state_and_account(
    wanted: Wanted, found: list[str]
) -> None:
    shop = alarm("T9", place="SHOP42")
    alerts = known_of(
        raised(FIRST, 1), raised(SECOND, 2), raised(shop, 3), decided(FIRST, "confirmed")
    ).shown()
    page = page_of(alerts, wanted)
    assert [each.alert.account_id for each in page.raised] == found
    assert (page.total, page.pages) == (len(found), 1)


@pytest.mark.parametrize(
    ("asked", "number", "shown"), [(1, 1, 10), (3, 3, 5), (9, 3, 5), (0, 1, 10), (-2, 1, 10)]
)
def test_a_page_that_is_not_there_is_the_nearest_one(asked: int, number: int, shown: int) -> None:
    alerts = known_of(*(raised(alarm(f"A{n}"), n) for n in range(25))).shown()
    page = page_of(alerts, Wanted(), asked, 10)
    assert (page.number, page.pages, page.total, len(page.raised)) == (number, 3, 25, shown)


@dataclass
class Shelf:
    """A partition in memory: a record at each offset, two accounts by turns."""

    end: int

    def read(self, query: Query) -> Report:
        offsets = range(query.start, min(self.end, query.start + query.count))
        records = [Record(2, n, n, f"A{n % 2}".encode(), b"", (), 2) for n in offsets]
        return Report(tuple(records), len(records), 0, self.end, "end")


@pytest.mark.parametrize(
    ("offset", "end", "first", "last"),
    [
        (10_001, 20_000, 10_001 - BEFORE, 10_001 + AFTER),
        (5, 8, 0, 7),
    ],
)
def test_around_an_alert_its_account_is_looked_for_in_a_bounded_part(
    offset: int, end: int, first: int, last: int
) -> None:
    found = recent(Shelf(end), alarm("A1"), Source("transactions", 2, offset))
    assert (found.first, found.last, found.scanned) == (first, last, last - first + 1)
    assert {record.key for record in found.records} == {b"A1"}
    offsets = [record.offset for record in found.records]
    assert offsets == sorted(offsets, reverse=True)
    assert len(offsets) == min(50, found.found)


@pytest.mark.parametrize(
    "source",
    [Source("a/../b", 0, 0), Source("", 0, 0), Source("t", -1, 0), Source("t", 0, -1)],
)
def test_a_source_that_cannot_be_is_none(source: Source) -> None:
    assert source_of(FIRST) == FIRST.source
    assert source_of(msgspec.structs.replace(FIRST, source=source)) is None


def test_the_topic_of_decisions_is_compacted_replicated_and_small() -> None:
    spec = triage_topic("payments", "night-shift")
    assert spec.name == MonitorTopics("payments", "night-shift").triage
    assert (spec.partitions, spec.replication_factor) == (1, 3)
    assert spec.config["min.insync.replicas"] == "2"
    assert spec.config["cleanup.policy"] == "compact,delete"
    replica = int(spec.config["retention.bytes"]) + int(spec.config["segment.bytes"])
    # A fiftieth of the smallest budget, within the tenth that is left to such topics.
    assert 3 * replica <= 10_000_000
