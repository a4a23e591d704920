"""Reading for the score: on from where it stopped, anew where a topic was made anew."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest

from kafka_workshop.domain.label import CompleteUntil
from kafka_workshop.errors import DeliveryFailed, Undecodable
from kafka_workshop.messaging import confluent
from kafka_workshop.messaging.alert_codec import decode_alert, encode_alert
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.committed import Read, ignored
from kafka_workshop.messaging.label_codec import encode_label
from kafka_workshop.monitor.score import shelf, sources
from kafka_workshop.monitor.score.judge import judge
from kafka_workshop.monitor.score.publish import decode_score
from kafka_workshop.monitor.score.shelf import Shelf
from kafka_workshop.monitor.score.sources import Topics
from tests.support.judged import DAY, NOON, alert, known, label
from tests.support.memory_log import Log, MemoryProducer

SERVERS = ("127.0.0.1:9",)


class OnePartition:
    """Topics of one partition in memory, read in batches of two; `read` counts."""

    def __init__(self) -> None:
        self.records: defaultdict[str, list[bytes]] = defaultdict(list)
        self.read_so_far = 0

    def ends(self, _servers: object, topic: str) -> dict[int, int]:
        return {0: len(self.records[topic])} if topic in self.records else {}

    def read(
        self,
        _servers: object,
        topic: str,
        starts: Mapping[int, int],
        on_read: Read = ignored,
        ends: Mapping[int, int] | None = None,
    ) -> Iterator[Message]:
        end = len(self.records[topic]) if ends is None else ends[0]
        for offset in range(starts[0], end):
            self.read_so_far += 1
            yield Message(topic, 0, offset, 0, None, self.records[topic][offset])
            if offset % 2:
                on_read(offset)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> OnePartition:
    stored = OnePartition()
    monkeypatch.setattr(sources, "end_offsets", stored.ends)
    monkeypatch.setattr(sources, "read", stored.read)
    stored.records["t.labels"] = [
        encode_label(label("A", NOON)),
        encode_label(CompleteUntil(1, NOON + DAY)),
    ]
    stored.records["t.g.alerts"] = [encode_alert(alert("A", NOON))]
    return stored


def test_what_was_read_is_not_read_again(log: OnePartition) -> None:
    topics = Topics(SERVERS, "t", "g")
    assert judge(topics.read_on()).recall == 1.0
    before = log.read_so_far
    log.records["t.g.alerts"].append(encode_alert(alert("B", NOON)))
    assert judge(topics.read_on()).precision == 0.5
    assert log.read_so_far == before + 1


def test_a_topic_that_was_made_anew_is_read_anew(log: OnePartition) -> None:
    topics = Topics(SERVERS, "t", "g")
    log.records["t.g.alerts"] += [encode_alert(alert("B", NOON)), b"{}"]
    assert (judge(topics.read_on()).precision, topics.undecodable) == (0.5, 1)
    del log.records["t.g.alerts"]
    topics.read_on()
    assert topics.missing == ["t.g.alerts"]
    log.records["t.g.alerts"] = [encode_alert(alert("C", NOON))]
    score = judge(topics.read_on())
    assert (score.alerts, score.right, score.recall, topics.undecodable) == (1, 0, 0.0, 0)


class GivenUp(Exception):
    pass


def test_who_gives_up_while_reading_goes_on_from_there(log: OnePartition) -> None:
    topics = Topics(SERVERS, "t", "g")
    log.records["t.g.alerts"] += [encode_alert(alert("B", NOON + n)) for n in range(1, 6)]

    def give_up(offset: int) -> None:
        if offset == 3:
            raise GivenUp

    with pytest.raises(GivenUp):
        topics.read_on(give_up)
    assert judge(topics.read_on()).alerts == 6
    assert log.read_so_far == 2 + 6


@pytest.mark.parametrize("end", [-(10**15), 10**18])
def test_an_alert_of_no_time_that_exists_is_no_alert(end: int) -> None:
    payload = encode_alert(alert("A", NOON, end))
    with pytest.raises(Undecodable):
        decode_alert(payload)


def test_after_a_failure_the_next_score_is_put_with_a_fresh_producer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored, made, refusing = Log(), list[str](), [True]
    monkeypatch.setattr(shelf, "create_topics", lambda _, specs: made.append(specs[0].name))
    monkeypatch.setattr(
        confluent,
        "open_producer",
        lambda *_: MemoryProducer(stored, lambda _topic, _key: refusing[0]),
    )
    first = judge(known([alert("A", NOON)], [label("A", NOON)]))
    scores = Shelf(SERVERS, "t", "g")
    with pytest.raises(DeliveryFailed):
        scores.put(first)
    refusing[0] = False
    scores.put(first)
    scores.put(judge(known([], [label("A", NOON)])))
    assert made == ["t.g.monitor.score"] * 2
    assert [decode_score(each.value).alerts for each in stored.of("t.g.monitor.score")] == [1, 0]
