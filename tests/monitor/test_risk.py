"""Features and scores of transactions: what they say, and that they are the same everywhere."""

from kafka_workshop.domain.risk import FEATURES
from kafka_workshop.domain.risk.model import BUILT_IN
from kafka_workshop.messaging.risk_codec import decode_score, encode_score
from kafka_workshop.monitor.risk.offline import scores
from tests.support.stages import history, labels_of


def test_every_transaction_has_one_score_with_all_its_features() -> None:
    given = history(2_000)
    found = list(scores(given, labels_of(given), BUILT_IN))
    assert [score.transaction_id for score in found] == [t.transaction_id for t in given]
    for score in found:
        assert decode_score(encode_score(score)) == score
        assert len(score.features) == len(FEATURES)
        assert 0 <= score.score <= 1
