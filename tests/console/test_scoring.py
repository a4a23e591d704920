"""The score that the console keeps: it stops while it reads, and is stored when it is new."""

import threading
from collections.abc import Iterator

import pytest
import structlog
from structlog.testing import LogCapture

from kafka_workshop.console.keeper import Keeper, Kept, Seen, Stopped, stop
from kafka_workshop.console.scoring import RHYTHM, Publisher, Scored, Scores
from kafka_workshop.errors import DeliveryFailed, Unavailable
from kafka_workshop.messaging.alert_codec import encode_alert
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.committed import Read
from kafka_workshop.monitor.score import sources
from kafka_workshop.monitor.score.judge import judge
from kafka_workshop.monitor.score.result import Score
from tests.support.judged import HOUR, NOON, alert, known, label
from tests.support.waiting import wait_until

MATURE = judge(known([alert("A", NOON)], [label("A", NOON)]))
LATER = judge(known([alert("A", NOON), alert("B", NOON)], [label("A", NOON)]))
NOTHING = judge(known([alert("A", NOON)], [], until=0))


class Stored:
    """Where scores are put; while `refusing` is set, it fails."""

    def __init__(self) -> None:
        self.scores: list[Score] = []
        self.refusing: Exception | None = None

    def put(self, score: Score) -> None:
        if self.refusing is not None:
            raise self.refusing
        self.scores.append(score)


@pytest.fixture
def capture() -> LogCapture:
    return LogCapture()


@pytest.fixture
def stored() -> Stored:
    return Stored()


@pytest.fixture
def publisher(stored: Stored, capture: LogCapture) -> Publisher:
    bound = structlog.make_filtering_bound_logger(0)
    return Publisher(
        stored.put, structlog.wrap_logger(None, processors=[capture], wrapper_class=bound)
    )


def offer(publisher: Publisher, score: Score | None) -> None:
    publisher.offer(Seen(Scored(score) if score else None))


def test_a_score_is_stored_when_it_says_something_else(
    publisher: Publisher, stored: Stored
) -> None:
    for score in (None, NOTHING, MATURE, MATURE, LATER, LATER, NOTHING):
        offer(publisher, score)
    assert stored.scores == [MATURE, LATER]


@pytest.mark.parametrize("why", [DeliveryFailed("no ISR"), Unavailable("gone"), OSError("odd")])
def test_what_cannot_be_stored_is_logged_once_until_it_works_again(
    publisher: Publisher, stored: Stored, capture: LogCapture, why: Exception
) -> None:
    stored.refusing = why
    for score in (MATURE, MATURE, LATER):
        offer(publisher, score)
    (entry,) = capture.entries
    assert (entry["log_level"], entry["event"]) == ("warning", "score_not_published")
    assert entry["reason"] == str(why)
    stored.refusing = None
    offer(publisher, LATER)
    assert stored.scores == [LATER]
    assert capture.entries[-1]["event"] == "score_published"
    offer(publisher, MATURE)
    assert len(capture.entries) == 2


def test_a_first_reading_that_never_ends_stops_as_soon_as_it_is_told(
    monkeypatch: pytest.MonkeyPatch, publisher: Publisher
) -> None:
    reading = threading.Event()

    def endless(
        _servers: object, topic: str, *_: object, on_read: Read, **__: object
    ) -> Iterator[Message]:
        count = 0
        while True:
            yield Message(topic, 0, count, 0, None, encode_alert(alert("A", NOON + count * HOUR)))
            count += 1
            reading.set()
            on_read(count)

    monkeypatch.setattr(sources, "end_offsets", lambda *_: {0: 2**60})
    monkeypatch.setattr(sources, "read", endless)
    kept, logger = Kept[Scored](), structlog.get_logger()
    scores = Scores(("127.0.0.1:9",), "transactions", "transaction-monitor")
    keeper = Keeper("score", kept, scores.look, RHYTHM, logger, then=publisher.offer)
    keeper.start()
    assert reading.wait(5)
    stop(keeper)
    assert keeper.ended(1)
    assert (kept.seen.value, kept.seen.reason) == (None, "")


def test_topics_that_are_not_there_yet_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "end_offsets", lambda *_: {})
    scored = Scores(("127.0.0.1:9",), "transactions", "transaction-monitor").look(lambda: False)
    assert scored.missing == ("transactions.labels", "alerts")
    assert scored.labels in scored.missing
    assert not scored.score.is_mature
    with pytest.raises(Stopped):
        Scores(("127.0.0.1:9",), "t", "g").look(lambda: True)


def test_silent_brokers_are_said_to_be_silent_and_nothing_is_logged(
    capture: LogCapture, publisher: Publisher
) -> None:
    kept = Kept[Scored]()
    logger = structlog.wrap_logger(None, processors=[capture])
    look = Scores(("127.0.0.1:9",), "transactions", "transaction-monitor").look
    keeper = Keeper("score", kept, look, RHYTHM, logger, then=publisher.offer)
    keeper.start()
    wait_until(lambda: kept.seen.failing_since_ms, 10, "the brokers are silent")
    stop(keeper)
    assert "127.0.0.1:9" in kept.seen.reason
    assert capture.entries == []
