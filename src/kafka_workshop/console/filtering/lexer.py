"""A filter's text as tokens, in one pass that looks at each character once."""

from dataclasses import dataclass
from typing import Literal

from kafka_workshop.console.filtering.mistakes import FilterMistake, too_much, unexpected
from kafka_workshop.console.filtering.tree import MAX_CHARACTERS, MAX_DIGITS
from kafka_workshop.language import tr

Kind = Literal["word", "text", "number", "sign", "end"]
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_DIGITS = frozenset("0123456789")
_WORD = _LETTERS | _DIGITS | {"-"}
_SIGNS = ("!=", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", ",", ".")
_SPACES = frozenset(" \t\r\n")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'"}
_HEX = frozenset("0123456789abcdefABCDEF")


@dataclass(frozen=True)
class Token:
    """A piece of a filter: `text` as it stands there, `value` what a quoted text means."""

    kind: Kind
    text: str
    position: int
    value: str = ""


def tokens(source: str) -> list[Token]:
    """Return the tokens of `source`; the last is its end.

    Raises:
        FilterMistake: it is too long, or a character begins nothing.
    """
    if len(source) > MAX_CHARACTERS:
        raise _too_long(len(source))
    found, at = [], 0
    while at < len(source):
        if source[at] in _SPACES:
            at += 1
            continue
        token = _token(source, at)
        found.append(token)
        at += len(token.text)
    return [*found, Token("end", "", len(source) + 1)]


def _too_long(length: int) -> FilterMistake:
    return FilterMistake(
        tr(
            "The filter has {length} characters; at most {limit} are allowed.",
            "O filtro tem {length} caracteres; são permitidos no máximo {limit}.",
            length=length,
            limit=MAX_CHARACTERS,
        )
    )


def _token(source: str, at: int) -> Token:
    first = source[at]
    if first in "\"'":
        return _quoted(source, at)
    if first in _LETTERS:
        return Token("word", source[at : _run(source, at, _WORD)], at + 1)
    if first in _DIGITS or (first == "-" and source[at + 1 : at + 2] in _DIGITS):
        return _number(source, at)
    for sign in _SIGNS:
        if source.startswith(sign, at):
            return Token("sign", sign, at + 1)
    allowed = tr(
        'a name, a number, a text in "quotes", a comparison or a parenthesis',
        'um nome, um número, um texto entre "aspas", uma comparação ou um parêntese',
    )
    raise unexpected(at + 1, first, allowed)


def _run(source: str, at: int, allowed: frozenset[str]) -> int:
    while at < len(source) and source[at] in allowed:
        at += 1
    return at


def _number(source: str, at: int) -> Token:
    end = _run(source, at + 1, _DIGITS)
    if source[end : end + 1] == "." and source[end + 1 : end + 2] in _DIGITS:
        end = _run(source, end + 1, _DIGITS)
    if end - at > MAX_DIGITS:
        raise too_much(at + 1, tr("digits", "dígitos"), MAX_DIGITS)
    if end < len(source) and source[end] in _LETTERS:
        raise unexpected(end + 1, source[end], _plain_number())
    return Token("number", source[at:end], at + 1)


def _plain_number() -> str:
    return tr(
        "plain decimal numbers, no unit and no exponent",
        "números decimais simples, sem unidade e sem expoente",
    )


def _quoted(source: str, start: int) -> Token:
    quote, at, value = source[start], start + 1, []
    while at < len(source) and source[at] != quote:
        character, length = _escaped(source, at) if source[at] == "\\" else (source[at], 1)
        value.append(character)
        at += length
    if at == len(source):
        raise unexpected(at + 1, "", tr("the closing {quote}", "o {quote} final", quote=quote))
    return Token("text", source[start : at + 1], start + 1, "".join(value))


def _escaped(source: str, at: int) -> tuple[str, int]:
    letter = source[at + 1 : at + 2]
    if letter in _ESCAPES:
        return _ESCAPES[letter], 2
    digits = source[at + 2 : at + 6]
    if letter == "u" and len(digits) == 4 and _HEX.issuperset(digits):
        return chr(int(digits, 16)), 6
    raise unexpected(at + 1, source[at : at + 2], r"\n \t \r \\ \" \' \u0041")
