"""The changelog has the input's partitions: until they are known there is nothing to make."""

import pytest

from kafka_workshop.errors import Unavailable
from kafka_workshop.monitor import opening
from kafka_workshop.settings import KafkaSettings


def test_a_topic_that_the_asked_broker_does_not_know_yet_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "ensure_topics", lambda _: [])
    monkeypatch.setattr(opening, "leaders", lambda *_: {})
    with pytest.raises(Unavailable, match="topic payments is not known"):
        opening.ensure_stage_topics(KafkaSettings("payments", ("127.0.0.1:1",), "any"), "g")
