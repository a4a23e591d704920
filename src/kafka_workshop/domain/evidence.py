"""The numbers that stand in alerts' evidence: what each is called, and its unit.

Rules choose which of them they tell; the same number has the same unit in their sentences.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from kafka_workshop.domain.words import Words, duration, money, shown
from kafka_workshop.language import Language


class Told(NamedTuple):
    """What a number is called, and its unit: `money`, `duration`, or what stands behind it."""

    name: Words
    unit: str = ""


_FORMATS: dict[str, Callable[[Any, Language], str]] = {"money": money, "duration": duration}
NUMBERS: Mapping[str, Told] = {
    "amount": Told(Words("amount", "valor"), "money"),
    "brought": Told(Words("came in", "entrou"), "money"),
    "cards": Told(Words("cards", "cartões")),
    "count": Told(Words("how many", "quantos")),
    "days": Told(Words("days", "dias")),
    "declined": Told(Words("declined", "recusados")),
    "deviations": Told(Words("standard deviations", "desvios padrão")),
    "frauds": Told(Words("frauds", "fraudes")),
    "gap": Told(Words("largest gap", "maior intervalo"), "duration"),
    "hour": Told(Words("hour, local time", "hora local"), "h"),
    "idle": Told(Words("without a movement", "sem movimento"), "duration"),
    "km": Told(Words("distance", "distância"), "km"),
    "limit": Told(Words("limit", "limite"), "money"),
    "mean": Told(Words("mean", "média"), "money"),
    "payments": Told(Words("payments", "pagamentos")),
    "percent": Told(Words("share that went out", "parte que saiu"), "%"),
    "speed": Told(Words("speed", "velocidade"), "km/h"),
    "sum": Told(Words("sum", "soma"), "money"),
    "time": Told(Words("time span", "intervalo"), "duration"),
    "times": Told(Words("times the mean", "vezes a média"), "×"),
    "usual": Told(Words("usual", "usual")),
    "went": Told(Words("went out", "saiu"), "money"),
}


def named(name: str, value: float, language: Language) -> tuple[str, str]:
    """Return a number's name and the number as a person reads them; an unknown one as it is.

    >>> named("amount", 426_769, "pt-BR"), named("speed", 4_000, "en"), named("x", 1.5, "en")
    (('valor', 'R$ 4.267,69'), ('speed', '4,000 km/h'), ('x', '1.5'))
    """
    told = NUMBERS.get(name)
    if told is None:
        return name, shown(value, language)
    formatted = _FORMATS.get(told.unit)
    if formatted is not None:
        return told.name.spoken(language), formatted(value, language)
    return told.name.spoken(language), f"{shown(value, language)} {told.unit}".strip()
