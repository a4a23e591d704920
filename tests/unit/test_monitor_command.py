"""`./workshop monitor rules`: what each rule means, in both languages and for programs."""

import json
import os

import pytest

from kafka_workshop.domain.rulebook import RULES, default_rules
from tests.support import command


def rules(*words: str, lang: str = "en") -> str:
    answer = command.workshop(("monitor", "rules", *words), {**os.environ, "WORKSHOP_LANG": lang})
    assert answer.returncode == 0
    return answer.stdout


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["severity high, score from 0.75 to 1.0", "R$ 10,000, 50,000", "source:"]),
        ("pt-BR", ["severidade alta, pontuação de 0,75 a 1,0", "R$ 10.000, 50.000", "fonte:"]),
    ],
)
def test_every_rule_is_shown_with_its_parameters_and_source(lang: str, words: list[str]) -> None:
    said = rules(lang=lang)
    assert [word for word in words if word not in said] == []
    assert default_rules().rules_version in said
    for rule in RULES.values():
        for text in (rule.title, rule.meaning, rule.source):
            assert (text.pt if lang == "pt-BR" else text.en) in said
        for parameter in rule.described():
            assert f"      {parameter.name} " in said


def test_a_policy_is_said_to_be_one() -> None:
    policies = sum(rule.policy for rule in RULES.values())
    assert rules().count("a policy, scored apart") == policies == 2


def test_as_json_it_has_all_that_a_program_needs() -> None:
    said = json.loads(rules("--json"))
    assert said["rules_version"] == default_rules().rules_version
    assert [rule["name"] for rule in said["rules"]] == list(RULES)
    (run,) = (p for p in said["rules"][0]["parameters"] if p["name"] == "gap_minutes")
    assert (run["value"], run["unit"], run["minimum"], run["maximum"]) == (5, "min", 1, 60)
    assert set(run["meaning"]) == {"en", "pt"}
