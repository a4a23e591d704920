"""Models: the built-in combination `rules-1`, and those that a JSON file describes.

A file is read, never executed: names, numbers and nothing else.
"""

from math import exp
from operator import itemgetter, mul
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from kafka_workshop.domain.risk.features import FEATURES
from kafka_workshop.errors import InvalidModel
from kafka_workshop.language import tr

_UNIT = 1_000_000  # of a score; beyond it two machines' exponential functions may differ
# So that no sum of them is infinite.
Weight = Annotated[float, Meta(ge=-1e6, le=1e6)]
Version = Annotated[str, Meta(pattern=r"^[A-Za-z0-9.\-]{1,24}\Z")]


class Logistic(Struct, frozen=True, forbid_unknown_fields=True):
    """A logistic function over features: 1 / (1 + exp(-(bias + sum of weight by feature)))."""

    kind: Literal["logistic"]
    version: Version
    bias: Weight
    weights: dict[str, Weight]

    def model(self) -> "LogisticModel":
        """Return what computes it."""
        return LogisticModel(self)


class LogisticModel:
    """Computes the score that a `Logistic` describes."""

    def __init__(self, described: Logistic) -> None:
        self.version = described.version
        self._bias = described.bias
        weights = [(index, described.weights.get(name, 0.0)) for index, name in enumerate(FEATURES)]
        # Most weights may be zero; but a getter of one value alone returns no tuple.
        used = [(index, weight) for index, weight in weights if weight]
        used = used if len(used) > 1 else weights
        self._of = itemgetter(*(index for index, _ in used))
        self._weights = tuple(weight for _, weight in used)

    def score(self, features: tuple[float, ...]) -> float:
        """Return the score; see `Logistic`."""
        total = self._bias + sum(map(mul, self._weights, self._of(features)))
        # Beyond 40 the score is 0 or 1 in all its digits, and exp() would overflow some time.
        total = -40.0 if total < -40 else 40.0 if total > 40 else total
        return int(_UNIT / (1 + exp(-total)) + 0.5) / _UNIT


# Rounded from a fit to seeds 1 to 4 of the simulation; the place's are set by hand, for sets whose
# frauds go by the terminal.
RULES_1 = Logistic(
    "logistic",
    "rules-1",
    -7.5,
    {
        "amount_ratio": 0.25,
        "speed": 0.004,
        "new_payers_1d": 0.15,
        "new_payees_1d": 0.5,
        "new_device": 2.5,
        "new_beneficiary": 1.0,
        "online": 1.5,
        "to_person": 0.8,
        "declined": 1.5,
        "place_risk_7d": 2.0,
        "place_risk_30d": 3.0,
    },
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
    for name in described.weights:
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
