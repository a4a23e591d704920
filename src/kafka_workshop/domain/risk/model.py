"""Models: the built-in combination `rules-1`, and those that a JSON file describes.

A file is read, never executed: names, numbers and nothing else.
"""

from math import exp
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from kafka_workshop.domain.risk.features import FEATURES
from kafka_workshop.errors import InvalidModel
from kafka_workshop.language import tr

_DIGITS = 6  # of a score: beyond them two machines' exponential functions may differ
Version = Annotated[str, Meta(pattern=r"^[A-Za-z0-9.\-]{1,24}\Z")]


class Term(Struct, frozen=True, forbid_unknown_fields=True):
    """What one feature adds: `weight` for each unit of it, within `low` and `high`."""

    feature: str
    weight: float
    low: float = -1e15
    high: float = 1e15


class Logistic(Struct, frozen=True, forbid_unknown_fields=True):
    """A logistic function over capped features: 1 / (1 + exp(-(bias + sum of the terms)))."""

    kind: Literal["logistic"]
    version: Version
    bias: float
    terms: tuple[Term, ...]

    def model(self) -> "LogisticModel":
        """Return what computes it."""
        return LogisticModel(self)


class LogisticModel:
    """Computes the score that a `Logistic` describes."""

    def __init__(self, described: Logistic) -> None:
        self.version = described.version
        self._bias = described.bias
        self._terms = tuple(
            (FEATURES.index(term.feature), term.weight, term.low, term.high)
            for term in described.terms
        )

    def score(self, features: tuple[float, ...]) -> float:
        """Return the score; see `Logistic`."""
        total = self._bias
        for index, weight, low, high in self._terms:
            value = features[index]
            if value:
                total += weight * (low if value < low else high if value > high else value)
        # Beyond 40 the score is 0 or 1 in all its digits, and exp() would overflow some time.
        return round(1 / (1 + exp(-max(-40.0, min(40.0, total)))), _DIGITS)


RULES_1 = Logistic(
    "logistic",
    "rules-1",
    -7.0,
    (
        Term("amount_ratio", 0.6, 0.0, 6.0),
        Term("attempts_15m", 0.25, 0.0, 12.0),
        Term("speed", 4.0 / 1000, 0.0, 1000.0),
        Term("new_payers_1d", 0.35, 0.0, 6.0),
        Term("new_payees_1d", 0.35, 0.0, 6.0),
        Term("night", 0.4),
        Term("new_device", 1.8),
        Term("new_beneficiary", 0.8),
        Term("online", 0.3),
        Term("declined", 0.8),
        Term("place_risk_1d", 1.5),
        Term("place_risk_7d", 3.0),
        Term("place_risk_30d", 3.0),
    ),
)
BUILT_IN: LogisticModel = RULES_1.model()


def parse_model(text: bytes) -> LogisticModel:
    """Return the model that a JSON text describes.

    Raises:
        InvalidModel: it describes none, or names a feature that there is not.
    """
    try:
        described = msgspec.json.decode(text, type=Logistic)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidModel(
            tr(
                "the model is not as described: {why}",
                "o modelo não tem a forma descrita: {why}",
                why=error,
            )
        ) from None
    names = [term.feature for term in described.terms]
    for name in names:
        if name not in FEATURES:
            raise InvalidModel(
                tr(
                    "there is no feature {name!r}; there are: {all}",
                    "não existe a característica {name!r}; existem: {all}",
                    name=name,
                    all=", ".join(FEATURES),
                )
            )
    return described.model()
