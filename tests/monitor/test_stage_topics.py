"""What a stage needs of its topics before it joins its group."""

import pytest

from kafka_workshop import logs
from kafka_workshop.errors import BrokersUnavailable, Unavailable
from kafka_workshop.messaging.topics import MonitorTopics
from kafka_workshop.monitor import opening
from kafka_workshop.settings import ACCOUNT, MERCHANT, ConsumerSettings, KafkaSettings, LogSettings

TOPIC, GROUP, SERVERS = "payments", "g", ("127.0.0.1:1",)
KAFKA = KafkaSettings(TOPIC, SERVERS, "any")
QUIET = LogSettings("ERROR", "json", 0)


def test_a_topic_that_the_asked_broker_does_not_know_yet_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "ensure_topics", lambda _: [])
    monkeypatch.setattr(opening, "leaders", lambda *_: {})
    with pytest.raises(Unavailable, match="topic payments is not known"):
        opening.ensure_stage_topics(KAFKA, GROUP)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What `open_stage` does, in order: no real broker can be made to hear of a topic last."""
    done: list[object] = []

    class Joining:
        def __init__(self, *_: object) -> None:
            """Know nothing of a cluster."""

        def join(self) -> None:
            done.append("joined")

    monkeypatch.setattr(opening, "ensure_stage_topics", lambda *_: done.append("topics"))
    monkeypatch.setattr(opening, "leaders", lambda *_: {0: 1})
    monkeypatch.setattr(opening, "await_everywhere", lambda *asked: done.append(asked))
    monkeypatch.setattr(opening, "open_stage_writer", lambda *_: None)
    monkeypatch.setattr(opening, "open_stage_reader", lambda *_: None)
    monkeypatch.setattr(opening, "Stage", Joining)
    monkeypatch.setattr("gc.set_threshold", lambda *_: None)
    return done


def open_stage(stage: str) -> None:
    settings = ConsumerSettings(KAFKA, QUIET, GROUP, 0, None, stage=stage)
    opening.open_stage(settings, lambda: False, logs.configure(QUIET, "consumer"))


@pytest.mark.parametrize(
    ("stage", "read"), [(ACCOUNT, TOPIC), (MERCHANT, MonitorTopics(TOPIC, GROUP).by_merchant)]
)
def test_a_stage_joins_once_every_broker_knows_the_topic_that_it_reads(
    stage: str, read: str, steps: list[object]
) -> None:
    open_stage(stage)
    assert steps == ["topics", (SERVERS, read), "joined"]


def test_a_stage_that_no_broker_answers_meanwhile_does_not_join(
    steps: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(*_: object) -> None:
        raise BrokersUnavailable("nobody answers")

    monkeypatch.setattr(opening, "await_everywhere", nobody)
    with pytest.raises(BrokersUnavailable):
        open_stage(ACCOUNT)
    assert steps == ["topics"]
