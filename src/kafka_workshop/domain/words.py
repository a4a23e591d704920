"""Sentences that are kept in both languages at once, with numbers that have units.

An alert is read by people of either language, later and elsewhere; so it can't be written in the
language of whoever runs the detector, as `language.tr` would.
"""

import string
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from kafka_workshop.language import Language


class Words(NamedTuple):
    """One sentence in English and in Brazilian Portuguese; the same placeholders in both."""

    en: str
    pt: str

    def spoken(self, language: Language) -> str:
        """Return the sentence in a language."""
        return self.pt if language == "pt-BR" else self.en


def _grouped(text: str, language: Language) -> str:
    return text.translate({44: ".", 46: ","}) if language == "pt-BR" else text


def money(value: float, language: Language, *, cents: bool = True) -> str:
    """Return minor units of BRL as the language writes money; without `cents`, rounded to reais.

    >>> money(426_769, "pt-BR"), money(-2_500, "en"), money(426_769, "en", cents=False)
    ('R$ 4.267,69', '-R$ 25.00', 'R$ 4,268')
    """
    sign = "-" if value < 0 else ""
    if not cents:
        return f"{sign}R$ {_grouped(f'{round(abs(value) / 100):,}', language)}"
    units, rest = divmod(abs(round(value)), 100)
    return f"{sign}R$ {_grouped(f'{units:,}.{rest:02d}', language)}"


def shown(value: float, language: Language) -> str:
    """Return a number as the language writes it; a fraction with one or two decimals.

    >>> shown(1_000, "pt-BR"), shown(2.5, "pt-BR"), shown(0.75, "en")
    ('1.000', '2,5', '0.75')
    """
    if isinstance(value, int):
        return _grouped(f"{value:,}", language)
    return _grouped(f"{value:,.2f}".removesuffix("0"), language)


_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


def duration(value: float, language: Language) -> str:
    """Return seconds in the largest unit of which there are two or more.

    >>> duration(172_800, "pt-BR"), duration(780, "en"), duration(90, "en")
    ('2 dias', '13 min', '90 s')
    """
    value = int(value)
    if value >= 2 * _DAY:
        return f"{value // _DAY} {'dias' if language == 'pt-BR' else 'days'}"
    if value >= 2 * _HOUR:
        return f"{value // _HOUR} h"
    return f"{value // _MINUTE} min" if value >= 2 * _MINUTE else f"{value} s"


_UNITS: dict[str, Callable[[Any, Language], str]] = {
    "": shown,
    "money": money,
    "duration": duration,
}


class _Speaking(string.Formatter):
    def __init__(self, language: Language) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        return _UNITS[format_spec](value, self._language)


def said(words: Words, numbers: Mapping[str, Any], language: Language) -> str:
    """Return the sentence with its numbers, written as the language writes them.

    Placeholders have a unit after a colon: `money` (minor units), `duration` (seconds), or none.

    >>> both = Words("{sum:money} within {time:duration}", "{sum:money} em {time:duration}")
    >>> said(both, {"sum": 123_456, "time": 7_200}, "en")
    'R$ 1,234.56 within 2 h'
    >>> said(both, {"sum": 123_456, "time": 172_800}, "pt-BR")
    'R$ 1.234,56 em 2 dias'
    """
    return _Speaking(language).vformat(words.spoken(language), (), numbers)
