"""Stage merchant without a cluster: its rules, its state, and what it is told."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from kafka_workshop.domain.alert import SCORES, Alert
from kafka_workshop.domain.detector import Detector
from kafka_workshop.domain.label import CompleteUntil, Label
from kafka_workshop.domain.merchant.detector import MerchantDetector
from kafka_workshop.domain.merchant.event import (
    DECLINED,
    ONLINE,
    Event,
    Fraud,
    Payment,
    PlaceEvent,
    Suspicion,
    fraud_of,
)
from kafka_workshop.domain.merchant.place import (
    RING_DAYS,
    RULE_SLOTS,
    TIME_TO_LIVE_MS,
    Place,
    restore,
    snapshot,
)
from kafka_workshop.domain.merchant.rules import MERCHANT_RULES
from kafka_workshop.domain.merchant.rules.example import (
    HOUR,
    NOW,
    PLACE,
    copied,
    defrauded,
    paid,
    plain,
    play,
    tried,
)
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rulebook import default_rules, parse
from kafka_workshop.domain.rules.example import past
from kafka_workshop.domain.telling import told_of
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import Undecodable
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.label_codec import encode_label
from kafka_workshop.messaging.place_codec import (
    MAX_PLACE_EVENT_BYTES,
    decode_place_event,
    encode_place_event,
)
from kafka_workshop.messaging.topics import MonitorTopics
from kafka_workshop.monitor.account import AccountFold
from kafka_workshop.monitor.backtest.run import Backtest
from kafka_workshop.monitor.merchant import MerchantFold
from kafka_workshop.simulator.fraud.cast import mean_payment
from kafka_workshop.simulator.fraud.compromise import COMPROMISE
from kafka_workshop.simulator.population import Account
from tests.monitor.test_rules import placeholders
from tests.support.fraud import HISTORY_STEP, LIVE_STEP, people
from tests.support.fraud import play as compromise
from tests.support.stages import history
from tests.support.stories import copied_card

DAY = 86_400
DETECTOR = MerchantDetector(default_rules())
TOPICS = MonitorTopics("t", "g")
POSITIVE: dict[str, list[list[Event]]] = {
    "merchant_compromise": [copied(3), copied(5), defrauded(4, delay=2 * DAY)],
    "merchant_card_testing": [tried(5), tried(4, each=2), tried(9)],
    "terminal_risk": [defrauded(3), defrauded(12), defrauded(4, again=30 * DAY)],
}
NEGATIVE: dict[str, list[list[Event]]] = {
    "merchant_compromise": [copied(2), copied(9, same=True), copied(9, every=11 * DAY)],
    "merchant_card_testing": [
        tried(4),
        tried(1, each=12),
        tried(9, amount=21_00),
        tried(9, flags=ONLINE),
        tried(9, flags=DECLINED),
    ],
    "terminal_risk": [
        defrauded(2),
        defrauded(9, again=5 * DAY),  # too soon: not all of their neighbours' labels are known
        defrauded(9, delay=20 * DAY),  # nobody knows yet
        defrauded(9, again=60 * DAY),
        defrauded(3)[:-1],  # a label alone
    ],
}
every_rule = pytest.mark.parametrize("name", MERCHANT_RULES)


def fold(events: list[Event], place: Place | None = None) -> tuple[Place, list[Alert]]:
    state, alerts = place or Place(), list[Alert]()
    for event in events:
        state, raised = DETECTOR.fold(state, PLACE, event)
        alerts += raised
    return state, alerts


@every_rule
def test_a_story_that_trips_a_rule_raises_exactly_one_alert_about_the_place(name: str) -> None:
    rule = MERCHANT_RULES[name]
    for story in POSITIVE[name]:
        (alert,) = play(story, name)
        low, high = SCORES[alert.severity]
        assert low <= alert.score <= high
        assert (alert.place, alert.subject) == (PLACE, PLACE)
        assert alert.window_start < alert.window_end <= story[-1].occurred_at
        assert alert.transaction_id in {event.transaction_id for event in story}
        (words,) = rule.evidence.values()
        assert set(alert.evidence.numbers) == {found for found, _ in placeholders(words.en)}
        assert "{" not in alert.evidence.en + alert.evidence.pt


@every_rule
def test_a_look_alike_raises_none(name: str) -> None:
    for story in NEGATIVE[name]:
        assert play(story, name) == []


@every_rule
def test_each_sentence_has_both_languages_with_the_same_placeholders(name: str) -> None:
    rule = MERCHANT_RULES[name]
    for words in rule.evidence.values():
        assert placeholders(words.en) == placeholders(words.pt)
    for words in (rule.title, rule.meaning, rule.source):
        assert all(words)


def test_no_two_merchant_rules_share_a_slot() -> None:
    slots = [rule.slot for rule in MERCHANT_RULES.values()]
    assert sorted(slots) == sorted(set(slots))
    assert all(0 <= slot < RULE_SLOTS for slot in slots)


def test_a_rule_that_is_off_raises_nothing() -> None:
    off = MerchantDetector(parse('version = "1"\n[merchant_compromise]\nenabled = false'))
    state, raised = Place(), list[Alert]()
    for event in copied(5):
        state, alerts = off.fold(state, PLACE, event)
        raised += alerts
    assert raised == []


def everything() -> list[Event]:
    stories = [event for each in POSITIVE.values() for story in each for event in story]
    return [*plain(), *stories]


def test_encoded_or_not_the_state_and_the_alerts_are_the_same() -> None:
    whole, encoded = Place(), None
    for event in everything():
        whole, expected = DETECTOR.fold(whole, PLACE, event)
        encoded, alerts = DETECTOR.fold_encoded(encoded, PLACE, event)
        assert alerts == expected
        assert encoded == snapshot(whole)
        assert restore(encoded) == whole


def test_a_place_stays_small_however_much_happens_there() -> None:
    busy = [paid(NOW + n, n, 3_00, ONLINE | DECLINED) for n in range(2_000)]
    place, _ = fold([*everything(), *busy, *copied(99), *defrauded(99)])
    assert len(snapshot(place)) <= 2_048
    assert len(snapshot(fold(plain())[0])) <= 128


def test_after_an_alert_a_rule_is_silent_about_the_place_for_its_window() -> None:
    often = copied(60, every=24 * HOUR)
    _, alerts = fold(often)
    assert [a.rule for a in alerts] == ["merchant_compromise"] * 3
    assert len({a.alert_id for a in alerts}) == 3
    assert all(a.window_start < b.window_start for a, b in pairwise(alerts))


def test_what_comes_late_is_judged_as_of_now() -> None:
    newest = paid(NOW + 3 * DAY, 1)
    (alert,) = fold([newest, *copied(3)])[1]
    assert alert.window_end == newest.occurred_at
    assert fold([paid(NOW + 40 * DAY, 1), *copied(3)])[1] == []


def test_a_label_that_comes_early_counts_only_once_it_would_be_known() -> None:
    known, payment = defrauded(3)[:-1], defrauded(3)[-1]
    for early in (known, known[::-1]):
        place, _ = fold([*early, *plain()])
        assert place.share(NOW, 30).frauds == 0
        raised = [alert.rule for alert in fold([payment], place)[1]]
        assert raised == ["merchant_compromise", "terminal_risk"]


def test_the_share_is_over_whole_days_that_ended_a_week_ago() -> None:
    place, _ = fold([*plain(), *defrauded(4)[:-1]])
    day_of_fraud = NOW // DAY - 1
    for days in (1, 7, 30):
        for after in (7, 8, 7 + days, 8 + days):
            share = place.share((day_of_fraud + after) * DAY, days)
            assert share.frauds == (4 if 8 <= after <= 7 + days else 0)
            assert share.payments <= days * 2
    assert Place().share(NOW, 30).share == 0.0
    # As many frauds with cards that were copied here as one likes: a share is none above 1.
    assert fold(defrauded(40))[0].share(NOW + 9 * DAY, 7).share == 0.0
    assert fold([paid(NOW - 1, 1), *defrauded(40)])[0].share(NOW + 8 * DAY, 7).share == 1.0


def test_payments_beyond_the_ring_and_a_clock_far_ahead_do_no_harm() -> None:
    place, _ = fold([paid(NOW, 1), paid(NOW - RING_DAYS * DAY, 2), paid(NOW - DAY, 3)])
    assert place.share(NOW + 10 * DAY, 30).payments == 2
    ahead, _ = fold([paid(NOW + TIME_TO_LIVE_MS // 1000 + 1, 1), paid(NOW, 2)])
    assert ahead.latest == NOW * 1000


# The simulator's compromise


def before(account: Account, until: int) -> list[Transaction]:
    """What an account has done until an instant: two plain payments a day."""
    device, amount = account.devices[0].id, round(mean_payment(account))
    own = {"account_id": account.id, "device_id": device, "amount": amount}
    shift = until - past()[-1].occurred_at - 1
    return [structs.replace(t, occurred_at=t.occurred_at + shift, **own) for t in past()]


@pytest.mark.parametrize("step", [HISTORY_STEP, LIVE_STEP])
def test_a_compromise_is_seen_at_its_terminal_before_any_label_and_a_look_alike_is_not(
    step: int,
) -> None:
    assert COMPROMISE.look_alike is not None
    for make, frauds in ((COMPROMISE.episode, True), (COMPROMISE.look_alike, False)):
        for seed in range(4):
            played = compromise(make, seed, step)
            first = played.transactions[0].occurred_at
            accounts = {t.account_id for t in played.transactions}
            known = [a for a in people().accounts if a.id in accounts]
            backtest = Backtest([default_rules()])
            backtest.run([t for a in known for t in before(a, first)])
            backtest.run(
                structs.replace(t, transaction_id=f"c{n}")
                for n, t in enumerate(played.transactions)
            )
            alerts = backtest.trials[0].place_alerts
            assert {a.rule for a in alerts} <= {"merchant_compromise"}
            terminal = next(move.terminal_id for move in played.moves)
            assert (terminal in {a.place for a in alerts}) is frauds
            assert bool(alerts) is frauds


# What it is told


def told(*transactions: Transaction) -> list[PlaceEvent]:
    detector, profile, events = Detector(default_rules()), Profile(), list[PlaceEvent]()
    for transaction in transactions:
        verdict = detector.judge(profile, transaction)
        profile = verdict.profile
        events += told_of(transaction, verdict)
    return events


def test_a_copied_card_is_told_to_the_terminals_where_it_was_used() -> None:
    visit, misuse = copied_card()
    at_terminal, online, suspicion = told(*past(), visit, misuse)
    assert (at_terminal.place, online.place, suspicion.place) == ("T00001", "M00001", "T00001")
    assert isinstance(online.event, Payment)
    assert online.event.flags == ONLINE
    assert suspicion.event == Suspicion(misuse.occurred_at, misuse.transaction_id, "A0000001")


@pytest.mark.parametrize(
    "changed", [{"device": "d1"}, {"amount": 150_00}], ids=["own device", "usual amount"]
)
def test_what_its_holder_buys_is_no_suspicion(changed: dict[str, object]) -> None:
    events = told(*past(), *copied_card(**changed))  # type: ignore[arg-type] # by name
    assert [type(said.event) for said in events] == [Payment, Payment]


def test_a_visit_long_ago_is_no_suspicion_and_neither_is_one_that_was_refused() -> None:
    visit, misuse = copied_card()
    before = structs.replace(visit, occurred_at=misuse.occurred_at - 6 * DAY * 1000)
    assert Suspicion not in [type(said.event) for said in told(*past()[:-14], before, misuse)]
    refused = {"status": "declined", "decline_reason": "wrong_pin"}
    declined = structs.replace(visit, **refused)
    assert Suspicion not in [type(said.event) for said in told(*past(), declined, misuse)]


def test_what_came_again_is_told_once() -> None:
    story = copied_card()
    assert told(*past(), *story, *story) == told(*past(), *story)


def test_a_label_is_told_to_the_terminal_that_it_names() -> None:
    label = Label(1, "e", "compromise", "x-1", "A1", 1_000, 9_000, "T1")
    assert fraud_of(label) == PlaceEvent("T1", Fraud(1_000, "x-1", "A1", 9_000))
    assert fraud_of(structs.replace(label, terminal_id=None)) is None
    fold = AccountFold(default_rules(), TOPICS)
    message = Message("t.labels", 0, 0, 0, b"A1", encode_label(label))
    (output,) = fold.labels(message)
    assert (output.topic, output.key) == ("t.g.monitor.by-merchant", b"T1")
    assert (
        list(fold.labels(structs.replace(message, value=encode_label(CompleteUntil(1, 3))))) == []
    )
    with pytest.raises(Undecodable):
        list(fold.labels(structs.replace(message, value=b"x")))


def test_what_is_told_is_small() -> None:
    sizes = [
        sum(map(len, encode_place_event(said)))
        for transaction in history(2_000)
        for said in told(transaction)
    ]
    assert len(sizes) > 200
    assert sum(sizes) / len(sizes) <= 72
    assert max(sizes) < MAX_PLACE_EVENT_BYTES


@pytest.mark.parametrize("event", [paid(NOW, 1), copied(1)[0], defrauded(1)[0]])
def test_what_is_told_is_understood(event: Event) -> None:
    said = PlaceEvent("Tção", event)
    assert decode_place_event(*encode_place_event(said)) == said
    message = Message("t", 0, 0, event.occurred_at, *encode_place_event(said))
    fold = MerchantFold(default_rules(), TOPICS)
    assert fold.decode(message) == said
    folded = fold.fold(None, said, message)
    assert fold.key(said) == "Tção".encode()
    assert fold.obsolete({b"k": folded.state}) == []
    with pytest.raises(Undecodable, match="from-the-future"):
        fold.fold(None, said, structs.replace(message, timestamp_ms=0))


@given(
    st.binary(max_size=40) | st.none(), st.binary(max_size=MAX_PLACE_EVENT_BYTES + 9) | st.none()
)
def test_whatever_the_bytes_are_they_say_an_event_or_are_refused(
    key: bytes | None, value: bytes | None
) -> None:
    try:
        said = decode_place_event(key, value)
    except Undecodable:
        return
    assert said.place


def test_an_alert_about_a_place_names_its_source_and_has_the_places_key() -> None:
    fold, state = MerchantFold(default_rules(), TOPICS), None
    for offset, event in enumerate(copied(3)):
        said = PlaceEvent(PLACE, event)
        message = Message("t", 4, offset, event.occurred_at, *encode_place_event(said))
        state, outputs, alerts = fold.fold(state, said, message)
    (alert,), (output,) = alerts, outputs
    assert alert.source is not None
    assert (alert.source.partition, alert.source.offset) == (4, 2)
    assert (output.topic, output.key) == ("t.g.alerts", PLACE.encode())
