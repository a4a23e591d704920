"""Whether the scores that a stream wrote are those of the same past without the stream."""

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from kafka_workshop.domain.risk import FEATURES, Score

Key = tuple[str, str]


class Comparison(Struct):
    """What a comparison found, in transactions.

    Attributes:
        equal: the same features and, if the same model gave it, the same score.
        differing: others; `features` counts which ones differ, by name.
        twice: scored more than once; each score after the first counts.
        unknown: scored, and not in the past.
        missing: in the past, and without a score: not read yet, or deleted by retention.
        other_model: of those equal, how many another model has scored.
        examples: ids of some transactions that differ.
    """

    equal: int = 0
    differing: int = 0
    twice: int = 0
    unknown: int = 0
    missing: int = 0
    other_model: int = 0
    features: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def differences(self) -> int:
        """How many scores are not what they should be; one that is missing is none."""
        return self.differing + self.twice + self.unknown


_MOST_EXAMPLES = 5


def compare(expected: Iterable[Score], written: Iterable[Score]) -> Comparison:
    """Return how scores that were written differ from the expected ones; `written` are held."""
    found, result = dict[Key, Score](), Comparison()
    for score in written:
        key = score.account_id, score.transaction_id
        result.twice += key in found
        found.setdefault(key, score)
    for score in expected:
        there = found.pop((score.account_id, score.transaction_id), None)
        if there is None:
            result.missing += 1
        else:
            _note(result, score, there)
    result.unknown = len(found)
    return result


def _note(result: Comparison, expected: Score, there: Score) -> None:
    differing = list(_differing(expected, there))
    if not differing:
        result.equal += 1
        result.other_model += expected.model != there.model
        return
    result.differing += 1
    result.features.update(differing)
    if len(result.examples) < _MOST_EXAMPLES:
        result.examples.append(expected.transaction_id)


def _differing(one: Score, other: Score) -> Iterator[str]:
    pairs = zip(FEATURES, one.features, other.features, strict=True)
    yield from (name for name, this, that in pairs if this != that)
    if one.occurred_at != other.occurred_at:
        yield "occurred_at"
    if one.model == other.model and one.score != other.score:
        yield "score"
