"""No single field gives fraud away, but for the amount: nothing to learn but behaviour.

A guess by a field is as good as the area under its ROC curve says (0.5 is chance): for a number its
rank, for a text and its parts how often the same was fraud in other seeds, where people are others.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from random import Random

import msgspec
import pytest

from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.messaging.codec import encode
from kafka_workshop.simulator.fraud.plan import FraudPlan
from kafka_workshop.simulator.fraud.schedule import SPAN
from kafka_workshop.simulator.population import build_population
from kafka_workshop.simulator.stream import Simulator, history_instants
from tests.support.fraud import DAY, START

LEARNED, JUDGED = (11, 12), (13, 14)
MOST = 0.8
EXCEPTED = ("amount", "encoded amount")
EVERY = 40  # of the legitimate transactions one in so many is looked at

Value = str | float | None
Sample = tuple[dict[str, Value], bool]


def fields(transaction: Transaction) -> dict[str, Value]:
    found: dict[str, Value] = {}
    payload = encode(transaction)
    _flatten("", msgspec.json.decode(payload), found)
    found["length of all"] = float(len(payload))
    found["hour of day"] = float(transaction.occurred_at // 3_600_000 % 24)
    for modulus in (10, 100, 1000, 60_000):
        found[f"occurred_at mod {modulus}"] = float(transaction.occurred_at % modulus)
    return found


def _flatten(path: str, value: object, found: dict[str, Value]) -> None:
    if isinstance(value, dict):
        found[f"{path} is there"] = "yes"
        for name, inner in value.items():
            _flatten(f"{path}.{name}".strip("."), inner, found)
    elif isinstance(value, str):
        found[path] = value
        for length in (1, 2, 3, 5):
            found[f"{path} begins ({length})"] = value[:length]
            found[f"{path} ends ({length})"] = value[-length:]
        found[f"{path} length"] = float(len(value))
    elif isinstance(value, int | float):
        found[path] = float(value)


@cache
def samples(seeds: tuple[int, ...]) -> list[Sample]:
    return [sample for seed in seeds for sample in _of_seed(seed)]


def _of_seed(seed: int) -> Iterator[Sample]:
    stream = Simulator(build_population(seed, 1_000), seed, FraudPlan(0.005))
    instants = history_instants(seed, START, START + 40 * DAY, SPAN)
    random = Random(seed)
    for transaction, label in stream.labelled(instants):
        if label is not None or random.randrange(EVERY) == 0:
            yield fields(transaction), label is not None


def auc(scored: list[tuple[float, bool]]) -> float:
    """The share of pairs of fraud and no fraud in which fraud scores higher; ties count half."""
    counts: dict[float, list[int]] = defaultdict(lambda: [0, 0])
    for score, is_fraud in scored:
        counts[score][is_fraud] += 1
    won, lower = 0.0, 0
    for score in sorted(counts):
        other, fraud = counts[score]
        won += fraud * (lower + other / 2)
        lower += other
    return won / (lower * (len(scored) - lower))


def learned(name: str) -> dict[Value, float]:
    counts: dict[Value, list[int]] = defaultdict(lambda: [1, 0])
    for found, is_fraud in samples(LEARNED):
        counts[found.get(name)][is_fraud] += 1
    return {value: fraud / (legitimate + fraud) for value, (legitimate, fraud) in counts.items()}


@cache
def _everywhere() -> float:
    return sum(is_fraud for _, is_fraud in samples(LEARNED)) / len(samples(LEARNED))


def by_value(name: str) -> float:
    shares = learned(name)
    return auc([(shares.get(f.get(name), _everywhere()), is_f) for f, is_f in samples(JUDGED)])


def by_rank(name: str) -> float:
    ranked = [
        (value if isinstance(value, float) else -1.0, is_fraud)
        for value, is_fraud in ((found.get(name), is_fraud) for found, is_fraud in samples(JUDGED))
    ]
    return max(auc(ranked), 1 - auc(ranked))


@cache
def separation() -> dict[str, float]:
    names = sorted({name for found, _ in samples(JUDGED) for name in found})
    kinds = {n: next(v for f, _ in samples(JUDGED) if (v := f.get(n)) is not None) for n in names}
    return {
        name: by_value(name) if isinstance(kinds[name], str) else max(by_rank(name), by_value(name))
        for name in names
        if name not in EXCEPTED
    }


def test_no_single_field_prefix_length_or_remainder_tells_fraud() -> None:
    told = {name: round(area, 3) for name, area in separation().items() if area > MOST}
    assert not told
    assert len(separation()) > 100


def test_the_measure_finds_what_gives_itself_away() -> None:
    leaking = [(1.0 if is_fraud else 0.0, is_fraud) for _, is_fraud in samples(JUDGED)]
    assert auc(leaking) == 1.0
    assert auc([(0.0, is_fraud) for _, is_fraud in samples(JUDGED)]) == 0.5
    assert max(separation().values()) > 0.55
    assert by_rank("amount") > separation()["occurred_at mod 1000"]


@pytest.mark.parametrize("seeds", [LEARNED, JUDGED])
def test_there_is_enough_fraud_to_judge_by(seeds: tuple[int, ...]) -> None:
    assert sum(is_fraud for _, is_fraud in samples(seeds)) > 400
