"""The detector is a fold: however the input is cut, split, interrupted or repeated."""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_workshop.domain.alert import Alert, Source
from kafka_workshop.domain.detector import Detector
from kafka_workshop.domain.movement import stable_hash
from kafka_workshop.domain.profile import (
    MAX_ENCODED_BYTES,
    TIME_TO_LIVE_MS,
    Profile,
    digest_of,
    is_expired,
    restore,
    snapshot,
)
from kafka_workshop.domain.rulebook import default_rules
from kafka_workshop.domain.rules import REGISTRY
from kafka_workshop.domain.rules.example import DAY, NOW, past, payments, pix, play, takeover
from kafka_workshop.domain.transaction import Counterparty, Transaction
from kafka_workshop.simulator.population import build_population
from kafka_workshop.simulator.stream import Simulator, history_instants
from tests.support.stories import POSITIVE

DETECTOR = Detector(default_rules())


def owned_by(transaction: Transaction, account: str) -> Transaction:
    values = {f: getattr(transaction, f) for f in Transaction.__struct_fields__}
    return Transaction(**(values | {"account_id": account}))


@cache
def stream() -> tuple[Transaction, ...]:
    """The plain past and a story of every rule, each on its own account, in order of time."""
    stories = [
        owned_by(transaction, f"A{number:07d}")
        for number, name in enumerate(REGISTRY)
        for transaction in (*past(), *POSITIVE[name][0][-60:])
    ]
    return tuple(sorted(stories, key=lambda transaction: transaction.occurred_at))


def folded(transactions: Iterable[Transaction]) -> tuple[Counter[str], dict[str, bytes]]:
    """The multiset of alert ids, and every account's state, kept encoded all the time."""
    states: dict[str, bytes] = {}
    ids: Counter[str] = Counter()
    for transaction in transactions:
        account = transaction.account_id
        states[account], alerts = DETECTOR.fold_encoded(states.get(account), transaction)
        ids.update(alert.alert_id for alert in alerts)
    return ids, states


@cache
def expected() -> tuple[Counter[str], dict[str, bytes]]:
    """The oracle: one pass, profiles never encoded but at the end."""
    profiles: dict[str, Profile] = {}
    ids: Counter[str] = Counter()
    for transaction in stream():
        profile = profiles.get(transaction.account_id, Profile())
        profiles[transaction.account_id], alerts = DETECTOR.fold(profile, transaction)
        ids.update(alert.alert_id for alert in alerts)
    return ids, {account: snapshot(profile) for account, profile in profiles.items()}


def test_the_stream_raises_alerts_of_every_rule_each_id_once() -> None:
    ids, _ = expected()
    assert len(ids) >= len(REGISTRY)
    assert set(ids.values()) == {1}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_any_order_between_accounts_gives_the_same_alerts_and_the_same_state(
    seed: int, members: int
) -> None:
    random = Random(seed)
    shares: list[list[Transaction]] = [[] for _ in range(members)]
    for transaction in stream():
        shares[stable_hash(transaction.account_id) % members].append(transaction)
    mixed = [index for index, share in enumerate(shares) for _ in share]
    random.shuffle(mixed)
    takers = [iter(share) for share in shares]
    assert folded(next(takers[index]) for index in mixed) == expected()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32))
def test_what_is_repeated_soon_changes_nothing_but_its_count(seed: int) -> None:
    random = Random(seed)
    recent: dict[str, list[Transaction]] = {}
    delivered: list[Transaction] = []
    repeated = 0
    for transaction in stream():
        delivered.append(transaction)
        known = recent.setdefault(transaction.account_id, [])
        known.append(transaction)
        if random.random() < 0.3:
            delivered.append(random.choice(known[-32:]))
            repeated += 1
    ids, states = folded(delivered)
    assert ids == expected()[0]
    profiles = [restore(state) for state in states.values()]
    assert sum(profile.repeats for profile in profiles) == repeated
    for profile in profiles:
        profile.repeats = 0
    assert [snapshot(profile) for profile in profiles] == list(expected()[1].values())


def test_a_batch_that_is_undone_and_folded_again_gives_the_same() -> None:
    transactions = stream()
    _, states = folded(transactions[:300])
    before = dict(states)
    for transaction in transactions[300:400]:  # this batch is aborted
        DETECTOR.fold_encoded(states.get(transaction.account_id), transaction)
    assert states == before
    assert folded(transactions)[0] == expected()[0]


# Bounds


def hostile(count: int) -> list[Transaction]:
    """Everything differs each time: devices, payees, ways, and the order of time."""
    random = Random(5)
    return [
        pix(
            NOW + 7 * n - random.choice((0, 0, 0, 100_000)),
            random.choice((1, 20_00, 9_900_00, 999_999_999)),
            transaction_id=f"h-{n}",
            device_id=f"d{n}",
            counterparty=Counterparty(f"{n:08d}", "00000000"),
            leg=random.choice(("debit", "credit")),
            kind=random.choice(("pix", "transfer")),
        )
        for n in range(count)
    ]


def test_a_profile_stays_bounded_whatever_comes() -> None:
    profile, sizes = Profile(), []
    for transaction in (*past(), *hostile(3_000)):
        profile, _ = DETECTOR.fold(profile, transaction)
        sizes.append(len(snapshot(profile)))
    assert max(sizes) <= MAX_ENCODED_BYTES // 4
    assert max(sizes[1_500:]) <= max(sizes[:1_500]) + 32  # longer integers, nothing more


@cache
def simulated() -> tuple[int, dict[str, bytes], tuple[Alert, ...]]:
    """200 honest accounts: 120 sparse days, then two hours at 36 transactions an hour each."""
    accounts, start, states, raised = 200, 1_760_000_000_000, dict[str, Profile](), list[Alert]()
    instants = [*history_instants(3, start - 120 * DAY * 1000, start, 40 * accounts)]
    instants += range(start, start + 2 * 3_600_000, 500)
    for transaction in Simulator(build_population(3, accounts), 3).transactions(instants):
        profile = states.get(transaction.account_id, Profile())
        states[transaction.account_id], alerts = DETECTOR.fold(profile, transaction)
        raised += alerts
    return accounts, {key: snapshot(profile) for key, profile in states.items()}, tuple(raised)


def test_a_typical_profile_has_a_kibibyte_at_most() -> None:
    _, states, _ = simulated()
    sizes = sorted(map(len, states.values()))
    assert sizes[len(sizes) // 2] <= 1_024
    assert sizes[-1] <= 2_048


def test_honest_accounts_that_become_busy_do_not_all_raise_alerts() -> None:
    accounts, _, alerts = simulated()
    signs = Counter(alert.rule for alert in alerts if not alert.policy)
    assert sum(signs.values()) <= accounts * 0.03, signs


@pytest.mark.parametrize("name", [name for name, rule in REGISTRY.items() if not rule.policy])
def test_a_rule_is_far_better_than_chance_among_honest_accounts(name: str) -> None:
    # Stories are planted among the honest; the labelled simulator's scenarios come beside them.
    accounts, _, alerts = simulated()
    honest = sum(alert.rule == name for alert in alerts)
    planted = sum(len(play(story, name)) for story in POSITIVE[name])
    chance = len(POSITIVE[name]) / (len(POSITIVE[name]) + accounts)
    assert planted / (planted + honest) > 10 * chance


def test_an_account_silent_for_longer_than_the_time_to_live_begins_anew() -> None:
    profile = Profile()
    for transaction in past():
        profile, _ = DETECTOR.fold(profile, transaction)
    second = (profile.latest + TIME_TO_LIVE_MS) // 1000 + 1
    assert is_expired(profile, second * 1000)
    kept, alerts = DETECTOR.fold(profile, pix(second, 9_000_00))
    evicted, same = DETECTOR.fold(Profile(), pix(second, 9_000_00))
    assert snapshot(kept) == snapshot(evicted)
    assert alerts == same


def test_a_clock_that_was_far_ahead_does_not_silence_an_account_for_ever() -> None:
    profile = Profile()
    for transaction in (*past(), pix(9_000_000_000)):
        profile, _ = DETECTOR.fold(profile, transaction)
    profile, _ = DETECTOR.fold(profile, pix(NOW))
    assert (profile.latest, profile.seen) == (NOW * 1000, 1)


def test_the_33rd_id_makes_the_profile_forget_the_first() -> None:
    profile = Profile()
    for number in range(33):
        profile, _ = DETECTOR.fold(profile, pix(NOW + number * 60, transaction_id=f"t-{number}"))
    assert not profile.is_repeated(digest_of("t-0"))
    assert all(profile.is_repeated(digest_of(f"t-{number}")) for number in range(1, 33))
    assert len(profile.ids) == 32 * 8


def test_a_match_across_two_digests_is_no_repetition() -> None:
    profile = Profile(ids=bytes(range(16)))
    assert not profile.is_repeated(bytes(range(4, 12)))
    assert profile.is_repeated(bytes(range(8, 16)))


# Alerts


def test_a_second_alert_of_a_rule_waits_for_the_window_and_has_an_id_of_its_own() -> None:
    story = [*payments(amounts=[5_000_00]), *payments(amounts=[6_000_00], after=2 * 3_600)]
    later = payments(amounts=[7_000_00], after=2 * DAY)
    alerts = play([*story, *later], "amount_anomaly")
    assert [alert.evidence.numbers["amount"] for alert in alerts] == [5_000_00, 7_000_00]
    assert len({alert.alert_id for alert in alerts}) == 2


def test_where_an_alert_came_from_and_the_rules_version_are_outside_equality() -> None:
    (alert,) = play(takeover(), "account_takeover")
    values = {f: getattr(alert, f) for f in Alert.__struct_fields__}
    placed = Alert(**(values | {"source": Source("transactions", 1, 7), "rules_version": "9"}))
    assert placed == alert
    assert hash(placed) == hash(alert)
    assert Alert(**(values | {"score": 0.9999})) != alert
    assert alert.rules_version == default_rules().rules_version


@pytest.mark.parametrize("name", REGISTRY)
def test_an_alert_survives_json_and_is_small(name: str) -> None:
    (alert,) = play(POSITIVE[name][0], name)
    encoded = msgspec.json.encode(alert)
    decoded = msgspec.json.decode(encoded, type=Alert)
    assert decoded == alert
    assert decoded.evidence.numbers == alert.evidence.numbers
    assert len(encoded) <= 1_024


def test_a_rule_that_is_off_raises_nothing() -> None:
    book = default_rules()
    values = {f: getattr(book, f) for f in type(book).__struct_fields__}
    off = Detector(type(book)(**(values | {"disabled": ("account_takeover",)})))
    profile, raised = Profile(), []
    for transaction in (*past(), *takeover()):
        profile, alerts = off.fold(profile, transaction)
        raised += [alert.rule for alert in alerts]
    assert "account_takeover" not in raised
    assert off.version != DETECTOR.version


def test_evidence_is_said_in_both_languages() -> None:
    (alert,) = play(payments(amounts=[1_500_00], hour=23), "pix_limits")
    assert alert.policy
    assert alert.evidence.en.startswith("Pix of R$ 1,500.00 at 23 h")
    assert alert.evidence.pt.startswith("Pix de R$ 1.500,00 às 23 h")


def test_bytes_that_are_no_profile_are_refused() -> None:
    with pytest.raises(ValueError, match="Expected `array`"):
        restore(b"\x01")
