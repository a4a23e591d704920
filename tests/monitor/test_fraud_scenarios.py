"""Every scenario and its look-alike, by themselves."""

from collections import Counter
from collections.abc import Callable

import pytest

from kafka_workshop.domain.label import SCENARIOS
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.messaging.codec import decode, encode
from kafka_workshop.simulator.fraud.cast import mean_payment
from kafka_workshop.simulator.fraud.plan import CATALOGUE
from kafka_workshop.simulator.fraud.release import MAX_DELAY_DAYS
from kafka_workshop.simulator.fraud.scenario import Scenario
from kafka_workshop.simulator.fraud.schedule import SPAN
from kafka_workshop.simulator.population import OWN_INSTITUTION, Account
from tests.support.fraud import (
    HISTORY_STEP,
    LIVE_STEP,
    Played,
    is_account_takeover,
    is_card_testing,
    is_high,
    is_impossible_travel,
    is_mule,
    is_structuring,
    is_velocity,
    people,
    play,
    world,
)

SEEDS = range(120)
Meaning = Callable[[Account, list[Transaction]], bool]
MEANING: dict[str, Meaning] = {
    "card_testing": is_card_testing,
    "impossible_travel": is_impossible_travel,
    "account_takeover": is_account_takeover,
    "mule": is_mule,
    "structuring": is_structuring,
    "dormant": is_high,  # after 90 idle days, which a single episode cannot show
    "velocity": is_velocity,
}
every_scenario = pytest.mark.parametrize("scenario", CATALOGUE, ids=lambda s: s.name)
every_pace = pytest.mark.parametrize("step", [HISTORY_STEP, LIVE_STEP])


def both(scenario: Scenario, seed: int) -> list[Played]:
    makers = (scenario.episode, scenario.look_alike)
    return [play(make, seed) for make in makers if make is not None]


def test_there_is_every_scenario_of_the_labels() -> None:
    assert tuple(scenario.name for scenario in CATALOGUE) == SCENARIOS


@every_scenario
def test_the_same_seed_gives_the_same_episode_and_another_another(scenario: Scenario) -> None:
    for one, again, other in zip(
        both(scenario, 1), both(scenario, 1), both(scenario, 2), strict=True
    ):
        assert one.moves == again.moves
        assert one.moves != other.moves


@every_scenario
def test_transactions_are_valid_and_small(scenario: Scenario) -> None:
    for seed in SEEDS:
        for played in both(scenario, seed):
            assert played.moves
            for transaction in played.transactions:
                # The draft's id is one character, a stream's has sixteen.
                assert decode(encode(transaction)) == transaction
                assert len(encode(transaction)) + 15 <= 500


@every_scenario
def test_moves_are_in_order_and_leave_room_in_a_span(scenario: Scenario) -> None:
    for seed in SEEDS:
        for played in both(scenario, seed):
            offsets = [move.at for move in played.moves]
            assert offsets == sorted(offsets)
            assert offsets[0] >= 0
            assert offsets[-1] < SPAN // 2


@every_scenario
def test_only_fraud_is_labelled_and_as_much_as_the_scenario_says(scenario: Scenario) -> None:
    labelled = 0
    for seed in range(300):
        played = both(scenario, seed)
        labelled += sum(move.fraud for move in played[0].moves)
        assert any(move.fraud for move in played[0].moves)
        assert not any(move.fraud for other in played[1:] for move in other.moves)
    assert labelled / 300 == pytest.approx(scenario.labelled, rel=0.08)


@every_scenario
def test_labels_are_late_but_not_later_than_the_longest_delay(scenario: Scenario) -> None:
    earliest, latest = scenario.delay_days
    assert 1 <= earliest < latest <= MAX_DELAY_DAYS


@every_scenario
def test_a_credit_leg_follows_its_debit(scenario: Scenario) -> None:
    ids = {account.itself: account for account in people().accounts}
    for seed in SEEDS:
        for played in both(scenario, seed):
            moves = played.moves
            for before, move in zip([None, *moves], moves, strict=False):
                draft = move.draft
                other = draft.counterparty
                inside = other is not None and other.institution == OWN_INSTITUTION
                assert move.is_credit is (inside and draft.leg == "credit")
                if move.is_credit:
                    assert before is not None
                    debit = before.draft
                    assert move.at == before.at + 1
                    assert (debit.leg, debit.amount, debit.kind) == (
                        *("debit", draft.amount, draft.kind),
                    )
                    assert debit.counterparty == _itself(draft.account_id)
                    assert draft.counterparty == _itself(debit.account_id)
                    assert other is not None
                    assert ids[other].holder == debit.holder


def _itself(account_id: str) -> object:
    return next(a.itself for a in people().accounts if a.id == account_id)


@every_pace
@pytest.mark.parametrize("name", MEANING)
def test_an_episode_is_what_the_scenario_means(name: str, step: int) -> None:
    scenario = next(s for s in CATALOGUE if s.name == name)
    for seed in SEEDS:
        played = play(scenario.episode, seed, step)
        assert MEANING[name](played.cast.account, played.own), f"{name}, seed {seed}"


@every_pace
@pytest.mark.parametrize("name", [n for n in MEANING if n != "impossible_travel"])
def test_a_look_alike_is_not_what_the_scenario_means(name: str, step: int) -> None:
    scenario = next(s for s in CATALOGUE if s.name == name)
    assert scenario.look_alike is not None
    for seed in SEEDS:
        played = play(scenario.look_alike, seed, step)
        assert not MEANING[name](played.cast.account, played.own), f"{name}, seed {seed}"


def test_whoever_is_defrauded_after_a_compromise_has_used_the_terminal() -> None:
    scenario = next(s for s in CATALOGUE if s.name == "compromise")
    for seed in SEEDS:
        visits: dict[str, tuple[int, str | None]] = {}
        stolen: Counter[str] = Counter()
        for move in play(scenario.episode, seed).moves:
            account = move.draft.account_id
            if move.fraud:
                at, terminal = visits[account]
                assert at < move.at
                assert move.terminal_id == terminal
                stolen[account] += 1
            else:
                visits[account] = (move.at, move.draft.terminal_id)
        assert stolen.keys() == visits.keys()
        assert len({terminal for _, terminal in visits.values()}) == 1
        assert len(stolen) >= 3


def test_after_a_visit_that_only_looks_like_a_compromise_little_is_bought() -> None:
    scenario = next(s for s in CATALOGUE if s.name == "compromise")
    assert scenario.look_alike
    accounts = {account.id: account for account in people().accounts}

    def shares(moves: list[Transaction]) -> list[float]:
        online = [t for t in moves if t.kind == "card_not_present"]
        return [t.amount / mean_payment(accounts[t.account_id]) for t in online]

    stolen = [s for n in SEEDS for s in shares(play(scenario.episode, n).transactions)]
    bought = [s for n in SEEDS for s in shares(play(scenario.look_alike, n).transactions)]
    assert min(stolen) > 4.5
    assert sum(share < 3 for share in bought) > 0.9 * len(bought)


def test_nobody_has_a_part_in_two_episodes_as_long_as_there_are_enough() -> None:
    engaged = [play(CATALOGUE[n % 8].episode, n).cast for n in range(16)]
    for cast in engaged:
        others = [cast.another().id for _ in range(50)]
        assert len({cast.account.id, *others}) == 51
    assert len(world().accounts) > 2_000
