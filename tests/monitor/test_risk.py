"""Features and scores of transactions: what they say, and that they are the same everywhere."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from math import exp
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from benchmarks.monitor.program import LonelyFold
from kafka_workshop.domain.detector import Detector
from kafka_workshop.domain.merchant import place as places
from kafka_workshop.domain.merchant.event import Fraud, Payment
from kafka_workshop.domain.merchant.place import Place
from kafka_workshop.domain.profile import Profile, restore, snapshot
from kafka_workshop.domain.risk import DESCRIBED, FEATURES, NO_PLACE, AccountSide, Score, vector
from kafka_workshop.domain.risk.account import MOST_A_DAY
from kafka_workshop.domain.risk.model import BUILT_IN, RULES_1, parse_model
from kafka_workshop.domain.risk.sides import rough, smoothed
from kafka_workshop.domain.rulebook import default_rules
from kafka_workshop.domain.rules.example import DAY, HOUR, NOW, credit, past, pix, purchases
from kafka_workshop.domain.transaction import Counterparty, Transaction
from kafka_workshop.errors import InvalidModel, Undecodable
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.label_codec import encode_label
from kafka_workshop.messaging.place_codec import decode_place_event
from kafka_workshop.messaging.risk_codec import MAX_SCORE_BYTES, decode_score, encode_score
from kafka_workshop.messaging.topics import MonitorTopics
from kafka_workshop.monitor.account import AccountFold
from kafka_workshop.monitor.merchant import MerchantFold
from kafka_workshop.monitor.risk.compare import compare
from kafka_workshop.monitor.risk.model import load_model
from kafka_workshop.monitor.risk.offline import scores
from kafka_workshop.monitor.stage.values import Output
from tests.support.stages import history, labels_of

TOPICS = MonitorTopics("t", "g")
DETECTOR = Detector(default_rules())
GIVEN = history(2_000)
LABELS = labels_of(GIVEN)


def features_of(told: Iterable[Transaction]) -> dict[str, float]:
    """Return the features of the last of some transactions of one account."""
    *_, last = scores(told, [], BUILT_IN)
    return dict(zip(FEATURES, last.features, strict=True))


# What they say


def test_every_feature_is_described_once_in_both_languages() -> None:
    assert len(set(FEATURES)) == len(FEATURES) == 28
    assert [feature.side for feature in DESCRIBED] == ["account"] * 22 + ["place"] * 6
    assert all(feature.meaning.en and feature.meaning.pt for feature in DESCRIBED)


moves = st.lists(
    st.tuples(
        st.integers(0, 40 * DAY),
        st.integers(1, 2_000_000),
        st.sampled_from(["approved", "approved", "declined", "credit"]),
    ),
    min_size=1,
    max_size=60,
)


def story(drawn: Sequence[tuple[int, int, str]]) -> list[Transaction]:
    return [
        structs.replace(credit(NOW + at, amount, f"{number:08d}"), transaction_id=f"c-{number}")
        if how == "credit"
        else pix(
            NOW + at,
            amount,
            transaction_id=f"t-{number}",
            status=how,
            decline_reason="no_funds" if how == "declined" else None,
        )
        for number, (at, amount, how) in enumerate(drawn)
    ]


@given(moves)
def test_the_windows_of_an_account_are_those_of_a_naive_book(
    drawn: list[tuple[int, int, str]],
) -> None:
    drawn = sorted(drawn)
    found = features_of(story(drawn))
    now, amount, _ = drawn[-1]
    today, gone = divmod(NOW + now, DAY)
    paid = [(today - (NOW + at) // DAY, sum_) for at, sum_, how in drawn[:-1] if how == "approved"]
    for days in (1, 7, 30):
        inside = [sum_ for back, sum_ in paid if back <= days]
        oldest = sum(back == days for back, _ in paid)
        number = 10 * (1 + len(inside)) - 10 * oldest * gone // DAY
        assert found[f"payments_{days}d"] == number / 10
        mean = (amount + sum(inside)) // (1 + len(inside))
        assert found[f"mean_{days}d"] == smoothed(rough(mean)) / 100
    assert found["amount"] == amount / 100


@given(st.integers(0, 2**62 - 1))
def test_a_rough_number_is_short_keeps_the_order_and_is_little_too_low(number: int) -> None:
    short = rough(number)
    assert 0 <= short < 2**16
    assert rough(number + 1) >= short
    assert number - number / 256 <= smoothed(short) <= number


@given(moves)
def test_whatever_comes_in_whatever_order_the_state_is_bounded_and_restores(
    drawn: list[tuple[int, int, str]],
) -> None:
    plain, encoded = Profile(), snapshot(Profile())
    for transaction in story(drawn):
        verdict = DETECTOR.judge(plain, transaction)
        plain = verdict.profile
        encoded, other = DETECTOR.judge_encoded(encoded, transaction)
        assert other.side == verdict.side
        assert verdict.side is not None
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(other.side), type=AccountSide)
    assert snapshot(plain) == encoded
    assert restore(encoded) == plain
    assert len(plain.spent) <= 32


def test_more_payments_a_day_than_are_counted_change_no_other_day() -> None:
    many = [pix(NOW + n, 1_00, transaction_id=f"m-{n}") for n in range(MOST_A_DAY + 100)]
    found = features_of([*many, pix(NOW + 2 * DAY, 1_00, transaction_id="last")])
    assert found["payments_7d"] == MOST_A_DAY + 1
    assert found["payments_30d"] == MOST_A_DAY + 1
    assert (found["mean_7d"], found["payments_1d"]) == (1.0, 1.0)


def test_a_new_device_and_a_new_beneficiary_are_new_to_an_account_that_is_settled() -> None:
    other = {"device_id": "d9", "counterparty": Counterparty("99999999", "00000000")}
    plain, strange = pix(NOW, 50_00), pix(NOW, 400_00, **other)
    usual = features_of([*past(), plain])
    assert [usual[n] for n in ("new_device", "new_beneficiary", "unsettled")] == [0, 0, 0]
    assert usual["amount_ratio"] == 0
    found = features_of([*past(), strange])
    assert [found[n] for n in ("new_device", "new_beneficiary", "to_person")] == [1, 1, 1]
    assert found["amount_ratio"] == 3.0, "eight times the mean"
    assert found["idle"] == smoothed(rough(12 * HOUR))
    again = features_of([*past(), strange, structs.replace(strange, transaction_id="again")])
    assert (again["new_payees_1d"], again["attempts_15m"]) == (1, 2)
    first = features_of([strange])
    assert [first[n] for n in ("new_device", "new_beneficiary", "unsettled")] == [0, 0, 1]


def test_a_card_at_two_far_places_has_a_speed_with_or_without_the_rule_about_it() -> None:
    trip = [*past(), *purchases([("São Paulo", 0), ("Manaus", 2 * HOUR)])]
    assert features_of(trip)["speed"] == 1345
    near = [*past(), *purchases([("São Paulo", 0), ("Guarulhos", 60)])]
    assert features_of(near)["speed"] == 0


@given(st.integers(1_514_764_800, 1_893_456_000))
def test_night_and_weekend_are_those_of_the_states_clock(second: int) -> None:
    found = features_of([pix(second, 1_00)])
    # By the offset with which the day of UTC begins: two days a year had two, until 2019.
    noon = second - second % DAY
    offset = datetime.fromtimestamp(noon, ZoneInfo("America/Sao_Paulo")).utcoffset()
    assert offset is not None
    local = datetime.fromtimestamp(second + offset.total_seconds(), ZoneInfo("UTC"))
    assert found["night"] == (local.hour < 7)
    assert found["weekend"] == (local.weekday() >= 5)


payments = st.lists(st.tuples(st.integers(0, 60), st.integers(0, DAY - 1)), max_size=60)
frauds = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, DAY - 1), st.integers(1, 10 * DAY)), max_size=20
)


@given(payments, frauds, st.integers(0, DAY - 1))
def test_a_places_side_is_the_share_of_labelled_fraud_of_days_a_week_ago(
    paid: list[tuple[int, int]], told: list[tuple[int, int, int]], second: int
) -> None:
    place, start = Place(), NOW - NOW % DAY
    for day, at in sorted(paid):
        place.learn(Payment((start + day * DAY + at) * 1000, "p", "A", 1, 0))
    for day, at, delay in told:
        when = start + day * DAY + at
        place.learn(Fraud(when * 1000, "f", "A", (when + delay) * 1000))
    now = start + 60 * DAY + second
    side = place.side(now)
    for days, number, fraudulent in (
        (1, side.payments_1, side.frauds_1),
        (7, side.payments_7, side.frauds_7),
        (30, side.payments_30, side.frauds_30),
    ):
        window = range(53 - days, 53)
        known = [d for d, at, late in told if start + d * DAY + at + late <= now]
        assert number == sum(day in window for day, _ in paid)
        assert fraudulent == (sum(day in window for day in known) if place.payments[0] else 0)


@given(payments, st.randoms(use_true_random=False))
def test_what_comes_a_week_out_of_step_changes_nothing_of_a_places_side(
    paid: list[tuple[int, int]], chance: Random
) -> None:
    start = NOW - NOW % DAY
    plain, shuffled = Place(), Place()
    given = [Payment((start + d * DAY + at) * 1000, "p", "A", 1, 0) for d, at in sorted(paid)]
    for event in given:
        plain.learn(event)
    for event in sorted(given, key=lambda e: e.occurred_at + chance.random() * 7 * DAY * 1000):
        shuffled.learn(event)
    last = max((event.occurred_at for event in given), default=0) // 1000
    assert plain.side(last + 1) == shuffled.side(last + 1)


def test_a_place_without_anything_has_the_zeros_of_no_place() -> None:
    assert Place().side(NOW) == NO_PLACE
    side = AccountSide(-5, 10, 10, 10, 90, 90, 90, 0, 1, 0, 0, 0, 0)
    assert vector(100, side) == vector(100, side, Place().side(NOW))
    crowded = structs.replace(NO_PLACE, payments_7=2, frauds_7=3)
    assert vector(100, side, crowded)[FEATURES.index("place_risk_7d")] == 1.0
    assert places.RING_DAYS == 7 + 30 + 1 + 7


# The same everywhere


def message(number: int, at: int, record: Output | None = None) -> Message:
    key, value = (record.key, record.value) if record else (None, None)
    return Message("t", 0, number, at, key, value)


def streamed(given: Sequence[Transaction]) -> Counter[bytes | None]:
    """Run both folds as the stages do, with their state encoded; return the scores' records."""
    account = AccountFold(default_rules(), TOPICS)
    merchant = MerchantFold(default_rules(), TOPICS)
    states: dict[bytes, dict[bytes, bytes]] = {b"a": {}, b"m": {}}
    written: list[Output] = []
    coming = sorted(LABELS, key=lambda label: label.available_at, reverse=True)

    def place(record: Output, at: int) -> None:
        event = merchant.decode(message(0, at, record))
        key = merchant.key(event)
        folded = merchant.fold(states[b"m"].get(key), event, message(0, at))
        states[b"m"][key] = folded.state
        written.extend(folded.outputs)

    for number, transaction in enumerate(given):
        at = transaction.occurred_at
        while coming and coming[-1].available_at <= at:
            for record in account.labels(Message("l", 0, 0, at, None, encode_label(coming.pop()))):
                place(record, at)
        key = account.key(transaction)
        folded = account.fold(states[b"a"].get(key), transaction, message(number, at))
        states[b"a"][key] = folded.state
        written.extend(folded.outputs)
        for record in folded.outputs:
            if record.topic == TOPICS.by_merchant:
                place(record, at)
    return Counter(record.value for record in written if record.topic == TOPICS.scores)


def test_the_stages_write_the_scores_that_are_computed_without_them() -> None:
    expected = list(scores(GIVEN, LABELS, BUILT_IN))
    assert len(expected) == len(GIVEN)
    assert streamed(GIVEN) == Counter(map(encode_score, expected))
    risk = FEATURES.index("place_risk_30d")
    assert sum(score.features[risk] > 0 for score in expected) > 5, "labels were seen"


def test_a_repeated_transaction_has_one_score() -> None:
    again = [each for each in GIVEN[:300] for _ in range(2)]
    assert streamed(again) == streamed(GIVEN[:300])
    assert len(list(scores(again, [], BUILT_IN))) == 300


def test_without_scores_nothing_of_them_is_written_or_kept() -> None:
    fold, states = LonelyFold(default_rules(), TOPICS), dict[bytes, bytes]()
    for number, transaction in enumerate(GIVEN):
        key = fold.key(transaction)
        sent = message(number, transaction.occurred_at)
        folded = fold.fold(states.get(key), transaction, sent)
        states[key] = folded.state
        assert {output.topic for output in folded.outputs} <= {TOPICS.alerts}
    assert all(restore(state).spent == [] for state in states.values())


def test_a_comparison_counts_what_differs_is_twice_missing_or_unknown() -> None:
    expected = list(scores(GIVEN[:100], [], BUILT_IN))
    same = compare(expected, expected)
    assert (same.equal, same.differences, same.missing) == (100, 0, 0)
    wrong = structs.replace(expected[0], features=(0.5, *expected[0].features[1:]))
    other = structs.replace(expected[1], model="lr-1", score=0.5)
    unknown = structs.replace(expected[2], transaction_id="nobody")
    worse = structs.replace(expected[4], score=0.123)
    found = compare(expected, [wrong, other, unknown, expected[3], expected[3], worse])
    assert (found.equal, found.differing, found.twice, found.unknown) == (2, 2, 1, 1)
    assert (found.missing, found.other_model, found.differences) == (96, 1, 4)
    assert found.features == Counter({"amount": 1, "score": 1})
    assert found.examples == [expected[0].transaction_id, expected[4].transaction_id]


# Models and records


def model(**changed: object) -> bytes:
    plain = {"kind": "logistic", "version": "v-1", "bias": 0.0, "weights": {"amount": 0.01}}
    return msgspec.json.encode(plain | changed)


def test_the_built_in_model_is_what_its_weights_say_and_stays_within_its_bounds() -> None:
    for score in scores(GIVEN[:500], LABELS, BUILT_IN):
        total = RULES_1.bias + sum(
            RULES_1.weights.get(name, 0) * value
            for name, value in zip(FEATURES, score.features, strict=True)
        )
        assert score.score == pytest.approx(1 / (1 + exp(-total)), abs=1e-6)
        assert score.model == BUILT_IN.version == "rules-1"
    for extreme in (-1e9, 1e9):
        assert 0 <= BUILT_IN.score((extreme,) * len(FEATURES)) <= 1


@pytest.mark.parametrize("weights", [{}, {"amount": 0.02}, {"amount": 0.02, "night": -1.0}])
def test_a_model_comes_from_a_file_whatever_it_weighs(
    weights: dict[str, float], tmp_path: Path
) -> None:
    file = tmp_path / "model.json"
    file.write_bytes(model(weights=weights, bias=-1.0))
    loaded = load_model(file)
    assert loaded.version == "v-1"
    amount_only = (50.0, *(0.0,) * (len(FEATURES) - 1))
    expected = 1 / (1 + exp(1.0 - 50 * weights.get("amount", 0)))
    assert loaded.score(amount_only) == pytest.approx(expected, abs=1e-6)
    assert load_model(None) is BUILT_IN


def test_the_built_in_model_as_a_file_scores_the_same() -> None:
    loaded = parse_model(msgspec.json.encode(RULES_1))
    ours = [(s.score, s.model) for s in scores(GIVEN[:300], [], BUILT_IN)]
    assert [(s.score, s.model) for s in scores(GIVEN[:300], [], loaded)] == ours


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "the model is not as described"),
        (b"\x80\x04pickle", "the model is not as described"),
        (model(weights={"amuont": 1.0}), "there is no feature 'amuont'; there are: amount,"),
        (model(weights={"amount": "much"}), r"\$\.weights"),
        (model(weights={"amount": 1e7}), "<= 1000000"),
        (model(version="a b"), r"\$\.version"),
        (model(kind="forest"), r"\$\.kind"),
        (model(run="rm -rf"), "unknown field `run`"),
    ],
)
def test_a_wrong_model_is_refused_by_its_files_name(
    text: bytes, words: str, tmp_path: Path
) -> None:
    file = tmp_path / "model.json"
    file.write_bytes(text)
    with pytest.raises(InvalidModel, match=rf"model\.json: .*{words}") as refused:
        load_model(file)
    assert refused.value.exit_code == 2


def test_a_model_that_is_not_there_is_refused_by_the_settings_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidModel, match=r"MONITOR_MODEL=.*none\.json can't be read: No such"):
        load_model(tmp_path / "none.json")


def one_score() -> Score:
    return next(scores(GIVEN, [], BUILT_IN))


@pytest.mark.parametrize(
    ("payload", "error_class"),
    [
        (None, "null-value"),
        (b"x" * (MAX_SCORE_BYTES + 1), "oversize"),
        (b"{}", "wrong-shape"),
        (b"\xff", "not-json"),
        (encode_score(structs.replace(one_score(), features=(1.0,))), "wrong-shape"),
        (encode_score(structs.replace(one_score(), score=1.5)), "wrong-shape"),
    ],
)
def test_what_is_no_score_is_refused(payload: bytes | None, error_class: str) -> None:
    with pytest.raises(Undecodable) as refused:
        decode_score(payload)
    assert refused.value.error_class == error_class


def test_a_score_is_small_and_survives_its_codec() -> None:
    found = list(scores(GIVEN, LABELS, BUILT_IN))
    sizes = [len(encode_score(score)) for score in found]
    assert sum(sizes) / len(sizes) < 240
    assert max(sizes) < MAX_SCORE_BYTES
    assert [decode_score(encode_score(score)) for score in found] == found


def test_a_payment_of_before_has_no_features_and_no_score() -> None:
    event = GIVEN[0]
    old = msgspec.msgpack.encode([0, event.occurred_at, "t-1", event.account_id, 5, 0])
    said = decode_place_event(b"T1", old)
    assert isinstance(said.event, Payment)
    assert said.event.side is None
    folded = MerchantFold(default_rules(), TOPICS).fold(None, said, message(0, event.occurred_at))
    assert folded.outputs == []


@given(payments, frauds, st.integers(0, 80), st.integers(0, DAY - 1))
def test_a_places_side_says_what_its_shares_say_whatever_day_is_asked_for(
    paid: list[tuple[int, int]], told: list[tuple[int, int, int]], day: int, at: int
) -> None:
    place, start = Place(), NOW - NOW % DAY
    for when, second in paid:
        place.learn(Payment((start + when * DAY + second) * 1000, "p", "A", 1, 0))
    for when, second, delay in told:
        fraud = start + when * DAY + second
        place.learn(Fraud(fraud * 1000, "f", "A", (fraud + delay) * 1000))
    now = start + day * DAY + at
    side = place.side(now)
    shares = [place.share(now, days) for days in places.WINDOWS_DAYS]
    said = [side.payments_1, side.payments_7, side.payments_30]
    assert said == [share.payments for share in shares]
    if paid:
        said = [side.frauds_1, side.frauds_7, side.frauds_30]
        assert said == [share.frauds for share in shares]
