"""Trains a model from features and labels: a logistic regression, by scikit-learn.

Features are brought to one scale while it is fitted; the scale is folded into the weights, so that
the model takes the features as they are and needs no library to be used.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import structs

from kafka_workshop.domain.risk import FEATURES
from kafka_workshop.domain.risk.model import Logistic
from kafka_workshop.errors import UserError
from kafka_workshop.language import tr

# Stronger than the library's own: of a week's few frauds each feature could otherwise learn one.
INVERSE_REGULARISATION = 0.1
_ITERATIONS = 2_000
_DIGITS = 9
_NAME = 15


class Example(NamedTuple):
    """A transaction to learn from: its features as in `FEATURES`, and whether it was fraud."""

    features: tuple[float, ...]
    fraud: bool


def train(examples: Sequence[Example], name: str) -> Logistic:
    """Return the model, its version the name and eight digits of what it learnt.

    The same examples give the same model.

    Args:
        examples: in any order, fraud and honest ones among them.
        name: at most 15 letters, digits, points and dashes.

    Raises:
        UserError: scikit-learn is not installed, or there is one class only.
    """
    if len({example.fraud for example in examples}) < 2:
        raise UserError(
            tr(
                "nothing to learn from: of {n} transactions none was fraud, or all were",
                "não há o que aprender: de {n} transações nenhuma foi fraude, ou todas foram",
                n=len(examples),
            )
        )
    bias, weights = _fit(examples)
    described = Logistic("logistic", name[:_NAME], bias, dict(zip(FEATURES, weights, strict=True)))
    learnt = hashlib.sha256(repr((bias, weights)).encode()).hexdigest()[:8]
    return structs.replace(described, version=f"{name[:_NAME]}-{learnt}")


def _fit(examples: Sequence[Example]) -> tuple[float, list[float]]:
    """Return bias and weights for features as they are."""
    try:
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - of the extra `train`
        from sklearn.preprocessing import StandardScaler  # noqa: PLC0415
    except ImportError:
        raise UserError(
            tr(
                "scikit-learn is not installed here: ./workshop monitor train installs it",
                "o scikit-learn não está instalado aqui: ./workshop monitor train o instala",
            )
        ) from None
    scaler = StandardScaler()
    scaled = scaler.fit_transform([example.features for example in examples])
    regression = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=_ITERATIONS)
    regression.fit(scaled, [example.fraud for example in examples])
    means, scales, weights = scaler.mean_, scaler.scale_, regression.coef_[0]
    raw = [float(weight / scale) for weight, scale in zip(weights, scales, strict=True)]
    bias = float(regression.intercept_[0]) - sum(
        weight * float(mean) for weight, mean in zip(raw, means, strict=True)
    )
    return _rounded(bias), [_rounded(weight) for weight in raw]


def _rounded(value: float) -> float:
    # So many digits that no score changes, and as few as a file should have.
    return float(f"{value:.{_DIGITS}g}")
