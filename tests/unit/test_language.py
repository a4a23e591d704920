"""Every sentence is there in English and in Portuguese, wherever a person may read it."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_workshop import language
from kafka_workshop.language import tr
from tests.unit.repository import ROOT

SOURCES = sorted((ROOT / "src").rglob("*.py"))
PROGRAMS = [ROOT / "produce.py", ROOT / "consume.py"]
# The function itself hands its arguments on.
CHECKED = [path for path in (*SOURCES, *PROGRAMS) if path.name != "language.py"]


def calls(path: Path, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if called == name:
                yield node


def placeholders(sentence: str) -> set[str]:
    return {field.split(".")[0] for _, field, _, _ in string.Formatter().parse(sentence) if field}


def wrong_with(call: ast.Call) -> str | None:
    """Return what is wrong with one call of `tr`."""
    sentences = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    if len(call.args) != 2 or not all(isinstance(sentence, str) for sentence in sentences):
        return "two literal sentences are wanted"
    if len(sentences) != 2:
        return "a sentence is not a literal"
    english, portuguese = (str(sentence) for sentence in sentences)
    given = {keyword.arg for keyword in call.keywords} - {"language"}
    if placeholders(english) != placeholders(portuguese):
        return "the two languages have different placeholders"
    if placeholders(english) != given:
        return f"placeholders {placeholders(english)} but values {given}"
    return None


@pytest.mark.parametrize("path", CHECKED, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_sentence_is_literal_in_both_languages_with_the_same_placeholders(path: Path) -> None:
    found = {call.lineno: wrong_with(call) for call in calls(path, "tr")}
    assert not {line: wrong for line, wrong in found.items() if wrong}


@pytest.mark.parametrize("path", CHECKED, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_is_printed_past_the_two_languages(path: Path) -> None:
    said = [
        call.lineno
        for call in calls(path, "print")
        if isinstance(call.func, ast.Name)
        and any(isinstance(argument, ast.Constant | ast.JoinedStr) for argument in call.args)
    ]
    assert said == []


def test_the_project_says_something_in_two_languages() -> None:
    assert sum(1 for path in SOURCES for _ in calls(path, "tr")) > 50


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        ("tr('one')", "two literal"),
        ("tr(text, 'um')", "not a literal"),
        ("tr(f'{x}', 'um')", "not a literal"),
        ("tr('{a}', '{b}', a=1)", "different placeholders"),
        ("tr('{a}', '{a}')", "but values"),
        ("tr('a', 'a', b=1)", "but values"),
    ],
)
def test_the_check_notices_each_kind_of_mistake(call: str, complaint: str) -> None:
    parsed = ast.parse(call, mode="eval").body
    assert isinstance(parsed, ast.Call)
    assert complaint in (wrong_with(parsed) or "")


def test_a_correct_sentence_passes_the_check() -> None:
    parsed = ast.parse("tr('{a:.1f} of {b!r}', '{a:.1f} de {b!r}', a=1, b=2)", mode="eval").body
    assert isinstance(parsed, ast.Call)
    assert wrong_with(parsed) is None


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "pt_BR.UTF-8"}, "pt-BR"),
        ({"LANG": "pt_PT"}, "pt-BR"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "pt_BR.UTF-8"}, "pt-BR"),
        ({"LANG": "pt_BR.UTF-8", "WORKSHOP_LANG": "en"}, "en"),
        ({"LANG": "en_US.UTF-8", "WORKSHOP_LANG": "pt-BR"}, "pt-BR"),
        ({"LANG": "pt_BR.UTF-8", "WORKSHOP_LANG": ""}, "pt-BR"),
    ],
)
def test_the_language_follows_the_environment(
    environment: dict[str, str], expected: language.Language
) -> None:
    assert language.from_environment(environment) == expected


def test_a_sentence_is_in_the_language_of_its_context_or_the_one_asked_for() -> None:
    before = language.current()
    try:
        language.use("pt-BR")
        assert tr("Waiting for {what}", "Aguardando {what}", what="x") == "Aguardando x"
        assert tr("Waiting", "Aguardando", language="en") == "Waiting"
    finally:
        language.use(before)


def test_braces_stay_in_a_sentence_without_values() -> None:
    assert tr("a {literal} brace", "uma chave {literal}", language="en") == "a {literal} brace"
