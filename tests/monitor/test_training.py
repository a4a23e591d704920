"""What a model learns, and that the file says what the library does."""

import random

import msgspec
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kafka_workshop.domain.risk import FEATURES
from kafka_workshop.domain.risk.model import parse_model
from kafka_workshop.errors import UserError
from kafka_workshop.monitor.risk.training import INVERSE_REGULARISATION, Example, train

# A score has six decimals.
ROUNDED = 6e-7


def examples(seed: int, count: int = 600) -> list[Example]:
    """Return transactions whose fraud hangs on the first two features, on very unlike scales."""
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        features = [rng.expovariate(1 / 90), rng.gauss(0, 2), *(0.0 for _ in FEATURES[2:])]
        features[7] = rng.uniform(0, 1e4)
        odds = features[0] / 90 + features[1] - 3 + rng.gauss(0, 0.5)
        found.append(Example(tuple(features), odds > 0))
    return found


def test_the_file_scores_as_the_library_does() -> None:
    learnt, seen = examples(1), examples(2)
    model = parse_model(msgspec.json.encode(train(learnt, "shop")))
    theirs = make_pipeline(
        StandardScaler(), LogisticRegression(C=INVERSE_REGULARISATION, max_iter=2_000)
    ).fit([e.features for e in learnt], [e.fraud for e in learnt])
    expected = theirs.predict_proba([e.features for e in seen])[:, 1]
    scores = [model.score(e.features) for e in seen]
    assert scores == pytest.approx(list(expected), abs=ROUNDED)


def test_it_learns_what_fraud_hangs_on() -> None:
    model, seen = train(examples(1), "shop").model(), examples(2)
    frauds = [model.score(e.features) for e in seen if e.fraud]
    honest = [model.score(e.features) for e in seen if not e.fraud]
    assert sum(f > h for f in frauds for h in honest) > 0.95 * len(frauds) * len(honest)


def test_the_same_examples_give_the_same_version_and_others_another() -> None:
    first, again, other = train(examples(1), "a"), train(examples(1), "a"), train(examples(3), "a")
    assert first == again
    assert first.version.startswith("a-")
    assert first.version != other.version


@pytest.mark.parametrize("fraud", [True, False])
def test_of_one_class_nothing_is_learnt(fraud: bool) -> None:
    alike = [Example(example.features, fraud) for example in examples(1, 10)]
    with pytest.raises(UserError, match="of 10 transactions none was fraud, or all were"):
        train(alike, "shop")
    with pytest.raises(UserError, match="of 0 transactions"):
        train([], "shop")
