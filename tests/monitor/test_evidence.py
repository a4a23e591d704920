"""The numbers of evidence: every one that a rule tells has a name, and one unit everywhere."""

import string

import pytest

from kafka_workshop.domain.evidence import NUMBERS, named
from kafka_workshop.domain.rulebook import RULES
from kafka_workshop.domain.words import money
from kafka_workshop.language import Language

SENTENCES = [
    pytest.param(sentence, id=f"{name}-{kind}-{language}")
    for name, rule in RULES.items()
    for kind, words in rule.evidence.items()
    for language, sentence in words._asdict().items()
]


def placeholders(sentence: str) -> dict[str, str]:
    parsed = string.Formatter().parse(sentence)
    return {name: unit or "" for _, name, unit, _ in parsed if name is not None}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_number_of_a_sentence_has_a_name_and_the_same_unit(sentence: str) -> None:
    for name, unit in placeholders(sentence).items():
        told = NUMBERS[name].unit
        assert told == unit if "money" in {told, unit} or "duration" in {told, unit} else not unit


def test_no_name_is_left_over() -> None:
    told = {name for each in SENTENCES for name in placeholders(str(each.values[0]))}
    assert told == NUMBERS.keys()


@pytest.mark.parametrize(
    ("name", "value", "language", "expected"),
    [
        ("sum", 426_769, "en", ("sum", "R$ 4,267.69")),
        ("sum", 426_769, "pt-BR", ("soma", "R$ 4.267,69")),
        ("time", 172_800, "pt-BR", ("intervalo", "2 dias")),
        ("percent", 96, "en", ("share that went out", "96 %")),
        ("times", 180.0, "pt-BR", ("vezes a média", "180,0 ×")),
        ("count", 1_400, "en", ("how many", "1,400")),
        ("ratio", 2.5, "pt-BR", ("ratio", "2,5")),
        ("time", -1.5, "en", ("time span", "-1 s")),
    ],
)
def test_a_number_is_told_with_its_name_and_unit(
    name: str, value: float, language: Language, expected: tuple[str, str]
) -> None:
    assert named(name, value, language) == expected


@pytest.mark.parametrize("name", sorted(NUMBERS))
@pytest.mark.parametrize("value", [0, -1, 10**30, -2.5e300, 1e-300])
def test_any_number_that_json_can_say_is_told(name: str, value: float) -> None:
    assert named(name, value, "en")[0] == NUMBERS[name].name.en


@pytest.mark.parametrize(
    ("minor_units", "en", "pt"),
    [
        (0, "R$ 0.00", "R$ 0,00"),
        (5, "R$ 0.05", "R$ 0,05"),
        (-2_500, "-R$ 25.00", "-R$ 25,00"),
        (-1, "-R$ 0.01", "-R$ 0,01"),
        (123_456_789, "R$ 1,234,567.89", "R$ 1.234.567,89"),
        (10**20 + 1, "R$ 1,000,000,000,000,000,000.01", "R$ 1.000.000.000.000.000.000,01"),
    ],
)
def test_money_has_its_sign_first_and_its_cents_exactly(minor_units: int, en: str, pt: str) -> None:
    assert (money(minor_units, "en"), money(minor_units, "pt-BR")) == (en, pt)
