"""The checks that every rule passes, whatever it looks for."""

import doctest
import importlib
import os
import pkgutil
import string
import subprocess
import sys

import pytest

from kafka_workshop import domain
from kafka_workshop.domain.alert import SCORES, Alert
from kafka_workshop.domain.detector import Detector
from kafka_workshop.domain.movement import moment_of
from kafka_workshop.domain.profile import RULE_SLOTS, Profile, restore, snapshot
from kafka_workshop.domain.rulebook import default_rules
from kafka_workshop.domain.rules import REGISTRY, Rule
from kafka_workshop.domain.rules.example import past, play
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.domain.words import Words
from kafka_workshop.settings import PROJECT_FOLDER
from tests.support.stories import NEGATIVE, POSITIVE, Story

DETECTOR = Detector(default_rules())
RULES = list(REGISTRY.values())
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
PURE = [module.name for module in pkgutil.walk_packages(domain.__path__, domain.__name__ + ".")]


def cases(stories: dict[str, list[Story]]) -> list[object]:
    return [
        pytest.param(name, story, id=f"{name}-{number}")
        for name, of_rule in stories.items()
        for number, story in enumerate(of_rule)
    ]


def test_every_rule_has_stories_that_trip_it_and_some_that_do_not() -> None:
    assert set(POSITIVE) == set(NEGATIVE) == set(REGISTRY)


@pytest.mark.parametrize(("name", "story"), cases(POSITIVE))
def test_a_story_that_trips_a_rule_raises_exactly_one_alert(name: str, story: Story) -> None:
    (alert,) = play(story, name)
    low, high = SCORES[alert.severity]
    assert low <= alert.score <= high
    assert alert.window_start <= alert.window_end
    assert alert.transaction_id in {transaction.transaction_id for transaction in story}


@pytest.mark.parametrize(("name", "story"), cases(NEGATIVE))
def test_a_look_alike_raises_none(name: str, story: Story) -> None:
    assert play(story, name) == []


# A policy's limit holds for an account's first transaction as well.
@pytest.mark.parametrize("rule", [r for r in RULES if not r.policy], ids=lambda rule: rule.name)
def test_the_first_transaction_of_an_account_raises_nothing(rule: Rule) -> None:
    for story in POSITIVE[rule.name] + NEGATIVE[rule.name]:
        _, alerts = DETECTOR.fold(Profile(), story[0])
        assert [alert for alert in alerts if alert.rule == rule.name] == []


@every_rule
def test_a_snapshot_at_any_point_changes_no_alert(rule: Rule) -> None:
    story = [*past(), *POSITIVE[rule.name][0]]
    whole, interrupted = Profile(), Profile()
    for transaction in story:
        whole, expected = DETECTOR.fold(whole, transaction)
        interrupted, alerts = DETECTOR.fold(restore(snapshot(interrupted)), transaction)
        assert alerts == expected
    assert snapshot(interrupted) == snapshot(whole)


def ids(stories: dict[str, list[Story]]) -> list[str]:
    return [a.alert_id for name in stories for story in stories[name] for a in play(story)]


def test_the_same_story_gives_the_same_ids_whatever_the_seed_of_hashes() -> None:
    code = (
        "from tests.monitor.test_rules import ids, POSITIVE; "
        "import sys; sys.stdout.write(' '.join(ids(POSITIVE)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT_FOLDER,
        env={**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": "src:."},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == ids(POSITIVE)


def placeholders(sentence: str) -> list[tuple[str, str]]:
    fields = string.Formatter().parse(sentence)
    return sorted((name, unit or "") for _, name, unit, _ in fields if name)


@every_rule
def test_each_sentence_has_both_languages_with_the_same_placeholders_and_units(rule: Rule) -> None:
    for words in rule.evidence.values():
        assert placeholders(words.en) == placeholders(words.pt)
    described = [parameter.limits.meaning for parameter in rule.described()]
    for words in (rule.title, rule.meaning, rule.source, *described):
        assert all(words)
        assert placeholders(words.en) == placeholders(words.pt) == []


@every_rule
def test_the_numbers_of_the_evidence_are_those_of_its_sentence(rule: Rule) -> None:
    said = {}
    for story in POSITIVE[rule.name]:
        (alert,) = play(story, rule.name)
        names = {frozenset(name for name, _ in placeholders(w.en)) for w in rule.evidence.values()}
        assert frozenset(alert.evidence.numbers) in names
        said[frozenset(alert.evidence.numbers)] = alert.evidence
        assert "{" not in alert.evidence.en + alert.evidence.pt
    # The stories make it say all that it can say.
    assert len({frozenset(e.numbers) for e in said.values()}) == len(
        {tuple(placeholders(w.en)) for w in rule.evidence.values()}
    )


@every_rule
def test_a_rule_changes_nothing_of_the_profile_but_its_own_memory(rule: Rule) -> None:
    own = {
        "velocity": {"run"},
        "impossible_travel": {"place"},
        "card_testing": {"trials"},
        "structuring": {"near"},
        "pix_limits": {"device_day"},
    }.get(rule.name, set())
    profile = Profile()
    for transaction in (*past(), *POSITIVE[rule.name][0]):
        moment = moment_of(transaction, profile.latest)
        before = restore(snapshot(profile))
        if moment.way in rule.ways and (moment.approved or rule.declined):
            rule.evaluate(profile, moment, rule.parameters())
        changed = {
            f for f in Profile.__struct_fields__ if getattr(profile, f) != getattr(before, f)
        }
        assert changed <= own
        profile, _ = DETECTOR.fold(before, transaction)


def test_no_two_rules_share_a_slot() -> None:
    slots = [rule.slot for rule in RULES]
    assert sorted(slots) == sorted(set(slots))
    assert all(0 <= slot < RULE_SLOTS for slot in slots)


@every_rule
def test_a_late_transaction_raises_nothing(rule: Rule) -> None:
    profile = Profile()
    for transaction in past():
        profile, _ = DETECTOR.fold(profile, transaction)
    last = POSITIVE[rule.name][0][-1]
    profile, _ = DETECTOR.fold(profile, much_later(last))
    raised: list[Alert] = []
    for transaction in POSITIVE[rule.name][0]:
        profile, alerts = DETECTOR.fold(profile, transaction)
        raised += alerts
    assert raised == []


def much_later(transaction: Transaction) -> Transaction:
    values = {f: getattr(transaction, f) for f in Transaction.__struct_fields__}
    values |= {"transaction_id": "later", "occurred_at": transaction.occurred_at + 3_600_000}
    return Transaction(**values)


@pytest.mark.parametrize("name", PURE)
def test_the_examples_in_the_text_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
    if name.rpartition(".")[2] in REGISTRY:
        assert result.attempted > 0


def test_words_have_a_language_each() -> None:
    words = Words("one", "um")
    assert (words.spoken("en"), words.spoken("pt-BR")) == ("one", "um")
