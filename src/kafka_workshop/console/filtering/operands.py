"""Which values a field may be compared with, decided while a filter is parsed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from kafka_workshop.console.filtering.lexer import Token
from kafka_workshop.console.filtering.mistakes import unexpected
from kafka_workshop.console.filtering.tree import NUMBERS, TEXTS, Comparator, Field, Value
from kafka_workshop.language import tr

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}


def value(field: Field, by: Comparator, token: Token) -> Value:
    """Return what `token` means to `field`.

    Raises:
        FilterMistake: a field of this kind is never compared with that.
    """
    meant = _meaning(field, token)
    if by not in {"=", "!="} and (meant is None or isinstance(meant, bool)):
        raise unexpected(token.position, token.text, _orderable())
    return meant


def _meaning(field: Field, token: Token) -> Value:
    if field.name == "timestamp" and token.kind == "text":
        return _instant(token)
    word = token.text.lower() if token.kind == "word" else ""
    if field.name in NUMBERS:
        return _whole(field, token)
    if token.kind == "text":
        return token.value
    if word == "null" or (field.name == "json" and word in _WORDS):
        return _WORDS[word]
    if field.name == "json" and token.kind == "number":
        return Decimal(token.text) if "." in token.text else int(token.text)
    raise unexpected(token.position, token.text, _allowed(field))


def _whole(field: Field, token: Token) -> int:
    if token.kind != "number" or "." in token.text:
        raise unexpected(token.position, token.text, _allowed(field))
    return int(token.text)


def _instant(token: Token) -> int:
    try:
        moment = datetime.fromisoformat(token.value)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (aware - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        allowed = _allowed(Field("timestamp"))
        raise unexpected(token.position, token.text, allowed) from None


def _allowed(field: Field) -> str:
    if field.name == "timestamp":
        return tr(
            'an instant in UTC such as "2026-01-31T12:00:00Z", or milliseconds since 1970',
            'um instante em UTC como "2026-01-31T12:00:00Z", ou milissegundos desde 1970',
        )
    if field.name in NUMBERS:
        return tr("a whole number", "um número inteiro")
    if field.name in TEXTS:
        return tr('a text in "quotes", or null', 'um texto entre "aspas", ou null')
    return tr(
        'a text in "quotes", a number, true, false or null',
        'um texto entre "aspas", um número, true, false ou null',
    )


def _orderable() -> str:
    return tr(
        'a number or a text in "quotes": only these have an order',
        'um número ou um texto entre "aspas": só estes têm ordem',
    )


def part_of_text(field: Field, test: Token, token: Token) -> str:
    """Return the text that a field's text is searched for.

    Raises:
        FilterMistake: the field is a number, or `token` is no text.
    """
    if field.name in NUMBERS:
        raise unexpected(test.position, test.text, "= != < <= > >= in (…)")
    if token.kind != "text":
        allowed = tr('a text in "quotes"', 'um texto entre "aspas"')
        raise unexpected(token.position, token.text, allowed)
    return token.value


def may_exist(field: Field, token: Token) -> None:
    """Make sure that `field` can be absent.

    Raises:
        FilterMistake: every message has one.
    """
    if field.name in NUMBERS and field.name != "timestamp":
        raise unexpected(token.position, token.text, "= != < <= > >= in (…)")
