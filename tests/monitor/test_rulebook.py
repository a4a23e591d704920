"""The file with the rules' parameters: every mistake is one clear sentence."""

from importlib.resources import files

import pytest

from kafka_workshop import language
from kafka_workshop.domain.rulebook import RULES, default_rules, parse
from kafka_workshop.domain.rules import REGISTRY
from kafka_workshop.errors import InvalidRules, UserError

GOOD = 'version = "7"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("version = ", ["no TOML", "Invalid value"]),
        (GOOD + "[velocity\n", ["no TOML", "line 2"]),
        ("", ["version is missing", 'version = "1"']),
        ("[velocity]\nfactor = 2.0", ["version is missing"]),
        ("version = 1", ["version = 1", "1 to 16 ASCII"]),
        ('version = ""', ["version = ''", "1 to 16 ASCII"]),
        (f'version = "{"9" * 17}"', ["1 to 16 ASCII"]),
        (GOOD + "[velocty]", ["no rule 'velocty'", "velocity", "pix_limits"]),
        (GOOD + "velocity = 3", ["velocity = 3", "[velocity]"]),
        (GOOD + "[velocity]\nfacto = 2.0", ["velocity has no parameter 'facto'", "factor"]),
        (GOOD + "[velocity]\nenabled = 1", ["velocity.enabled = 1", "true or false"]),
        (GOOD + '[velocity]\nrun = "8"', ["velocity.run = '8'", "whole number from 3 to 1000"]),
        (GOOD + "[velocity]\nrun = 8.5", ["velocity.run = 8.5", "whole number"]),
        (GOOD + "[velocity]\nrun = true", ["velocity.run = True", "whole number"]),
        (GOOD + "[velocity]\nrun = 2", ["velocity.run = 2", "from 3 to 1000"]),
        (GOOD + "[velocity]\nrun = 1001", ["velocity.run = 1001", "from 3 to 1000"]),
        (GOOD + "[velocity]\nfactor = nan", ["velocity.factor = nan", "from 1.5 to 100"]),
        (GOOD + "[velocity]\nfactor = inf", ["velocity.factor = inf", "from 1.5 to 100 ×"]),
        (GOOD + "[velocity]\nfactor = []", ["velocity.factor = []", "a number from"]),
        (GOOD + "[structuring]\nlimits_reais = 7", ["limits_reais = 7", "a list of 1 to 8"]),
        (GOOD + "[structuring]\nlimits_reais = []", ["limits_reais = []", "a list of 1 to 8"]),
        (GOOD + "[structuring]\nlimits_reais = [5000, 500]", ["[5000, 500]", "ascending"]),
        (GOOD + "[structuring]\nlimits_reais = [1.5]", ["[1.5]", "whole numbers"]),
        (GOOD + "[structuring]\nlimits_reais = [1]", ["[1]", "from 100 to 1000000 R$"]),
    ],
)
def test_a_mistake_names_the_thing_its_value_and_what_is_allowed(
    text: str, words: list[str]
) -> None:
    with pytest.raises(InvalidRules) as caught:
        parse(text)
    sentence = str(caught.value)
    assert [word for word in words if word not in sentence] == []
    assert "\n" not in sentence
    assert isinstance(caught.value, UserError)


def test_a_mistake_is_told_in_portuguese_too() -> None:
    before = language.current()
    try:
        language.use("pt-BR")
        with pytest.raises(InvalidRules, match="número inteiro de 3 a 1000"):
            parse(GOOD + "[velocity]\nrun = 1")
    finally:
        language.use(before)


def test_what_the_file_leaves_out_has_its_default() -> None:
    book = parse(GOOD + "[velocity]\nrun = 20\n[fan_in]\nenabled = false")
    assert book.parameters["velocity"] == REGISTRY["velocity"].parameters(run=20)
    assert book.parameters["pix_limits"] == REGISTRY["pix_limits"].parameters()
    assert book.disabled == ("fan_in",)
    assert "fan_in" not in [rule.name for rule, _ in book.active()]


def test_a_whole_number_is_as_good_as_a_fraction() -> None:
    whole, fraction = (parse(GOOD + f"[velocity]\nfactor = {text}") for text in ("4", "4.0"))
    assert whole.rules_version == fraction.rules_version


def test_the_packages_file_has_every_parameter_with_the_default_of_the_code() -> None:
    book = default_rules()
    text = files("kafka_workshop.domain.rules").joinpath("rules.toml").read_text("utf-8")
    assert book.disabled == ()
    for name, rule in RULES.items():
        assert book.parameters[name] == rule.parameters()
        section = text.partition(f"[{name}]")[2].partition("\n[")[0]
        for parameter in rule.described():
            assert f"\n{parameter.name} = " in section


def test_every_default_lies_within_its_own_limits() -> None:
    for rule in RULES.values():
        for parameter in rule.described():
            value = getattr(rule.parameters(), parameter.name)
            for number in value if isinstance(value, tuple) else (value,):
                assert parameter.limits.minimum <= number <= parameter.limits.maximum


def test_the_version_of_the_rules_changes_with_any_parameter_and_with_nothing_else() -> None:
    texts = [GOOD, GOOD + "[fan_in]\ncount = 6", GOOD + "[fan_in]\nenabled = false", 'version="8"']
    versions = [parse(text).rules_version for text in texts]
    assert len(set(versions)) == len(versions)
    assert parse(GOOD + "# a comment\n[fan_in]\ncount = 5").rules_version == versions[0]
    assert versions[0].startswith("7-")


def test_an_order_of_tables_changes_no_version() -> None:
    one = parse(GOOD + "[fan_in]\ncount = 6\n[velocity]\nrun = 9")
    other = parse(GOOD + "[velocity]\nrun = 9\n[fan_in]\ncount = 6")
    assert one == other
    assert one.rules_version == other.rules_version
