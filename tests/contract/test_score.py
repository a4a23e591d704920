"""Score and backtest from real topics: committed records only, each id once, read on."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from kafka_workshop.domain.label import CompleteUntil
from kafka_workshop.domain.rules.example import past, payments
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.alert_codec import encode_alert
from kafka_workshop.messaging.codec import encode
from kafka_workshop.messaging.committed import read
from kafka_workshop.messaging.config import LIBRDKAFKA_LOG, confluent_transactional
from kafka_workshop.messaging.label_codec import encode_label
from kafka_workshop.messaging.topics import MonitorTopics, TopicSpec, labels_topic
from kafka_workshop.monitor.score.judge import judge
from kafka_workshop.monitor.score.publish import KEY, decode_score
from kafka_workshop.monitor.score.sources import Topics
from tests.contract.conftest import random_name
from tests.support import command
from tests.support.judged import DAY, HOUR, NOON, alert, label

pytestmark = pytest.mark.cluster
GROUP = "g"
PARTITIONS = 2
TRANSACTIONS = [*past(), *payments(every=60, count=25)]
Records = list[tuple[str, int, bytes]]


@dataclass
class Writer:
    """Writes records in Kafka transactions."""

    servers: tuple[str, ...]
    producer: Producer

    def write(self, records: Records, abort: bool = False) -> None:
        self.producer.begin_transaction()
        for name, partition, value in records:
            self.producer.produce(name, value, partition=partition)
        self.producer.flush(20)
        (self.producer.abort_transaction if abort else self.producer.commit_transaction)(20)


@pytest.fixture(scope="module")
def writer(bootstrap_servers: tuple[str, ...]) -> Writer:
    settings = confluent_transactional(bootstrap_servers, random_name("score"))
    producer = Producer(settings, logger=LIBRDKAFKA_LOG)
    producer.init_transactions(20)
    return Writer(bootstrap_servers, producer)


@pytest.fixture(scope="module")
def topic(writer: Writer) -> Iterator[str]:
    """A topic with transactions and a poison pill; and those of its labels and its alerts."""
    name = random_name("score")
    names = [name, labels_topic(name), MonitorTopics(name, GROUP).alerts]
    create_topics(writer.servers, [TopicSpec(each, PARTITIONS, 3, {}) for each in names])
    writer.write([(name, 0, b"poison"), *((name, 1, encode(each)) for each in TRANSACTIONS)])
    yield name
    admin = AdminClient({"bootstrap.servers": ",".join(writer.servers)}, logger=LIBRDKAFKA_LOG)
    for deleted in admin.delete_topics([*names, MonitorTopics(name, GROUP).score]).values():
        deleted.exception()


def complete(topic: str, until: int, partitions: int = PARTITIONS) -> Records:
    payload = encode_label(CompleteUntil(1, until))
    return [(labels_topic(topic), partition, payload) for partition in range(partitions)]


def test_the_score_follows_what_is_committed_each_id_once(
    bootstrap_servers: tuple[str, ...], topic: str, writer: Writer
) -> None:
    alerts, labels = MonitorTopics(topic, GROUP).alerts, labels_topic(topic)
    right = encode_alert(alert("A", NOON))
    fraud = encode_label(label("A", NOON))
    topics = Topics(bootstrap_servers, topic, GROUP)
    writer.write([(alerts, 0, right), (labels, 0, fraud), *complete(topic, NOON, 1)])
    assert not judge(topics.read_on()).is_mature  # one partition has not said how far it is
    again = [(alerts, 0, right), (labels, 0, fraud), (alerts, 1, b"{}")]
    writer.write([*again, *complete(topic, NOON + HOUR)])
    writer.write([(alerts, 1, encode_alert(alert("B", NOON)))], abort=True)
    score = judge(topics.read_on())
    assert (score.alerts, score.right, score.recall) == (1, 1, 1.0)
    assert (topics.missing, topics.undecodable) == ([], 1)
    assert score.since == TRANSACTIONS[0].occurred_at
    later = [(alerts, 1, encode_alert(alert("C", NOON))), *complete(topic, NOON + DAY)]
    writer.write(later)
    assert judge(topics.read_on()).precision == 0.5
    assert topics.undecodable == 1  # what was read is not read again


def monitor(servers: tuple[str, ...], topic: str, *words: str) -> command.Answer:
    variables = {"BOOTSTRAP_SERVERS": ",".join(servers), "TOPIC": topic, "CONSUMER_GROUP": GROUP}
    return command.workshop(("monitor", *words), {**os.environ, **variables})


def test_the_published_score_is_the_one_that_is_shown(
    bootstrap_servers: tuple[str, ...], topic: str
) -> None:
    shown = monitor(bootstrap_servers, topic, "score", "--json", "--publish")
    assert shown.returncode == 0, shown.stderr
    (record,) = read(bootstrap_servers, MonitorTopics(topic, GROUP).score)
    assert record.key == KEY
    score = decode_score(record.value)
    assert score == judge(Topics(bootstrap_servers, topic, GROUP).read_on())
    assert json.loads(shown.stdout)["rules"] != []


def test_where_there_is_nothing_it_says_so(bootstrap_servers: tuple[str, ...]) -> None:
    answer = monitor(bootstrap_servers, "nowhere", "score")
    assert answer.returncode == 0
    assert "There is no topic nowhere.labels yet" in answer.stdout
    assert "There is no topic nowhere.g.alerts yet" in answer.stdout
    missing = monitor(bootstrap_servers, "nowhere", "backtest", "--topic")
    assert (missing.returncode, missing.stderr) == (1, "there is no topic nowhere\n")


def test_a_backtest_of_the_topic_folds_its_range_and_leaves_the_poison_out(
    bootstrap_servers: tuple[str, ...], topic: str
) -> None:
    def run(*words: str) -> command.Answer:
        return monitor(bootstrap_servers, topic, "backtest", "--topic", "--json", *words)

    whole = run()
    said = json.loads(whole.stdout)
    assert (said["transactions"], said["runs"][0]["alerts"]["velocity"]) == (len(TRANSACTIONS), 1)
    assert "left out as in the stream: 1" in whole.stderr
    part = run("--from", "10", "--to", "30")
    assert json.loads(part.stdout)["transactions"] == 20
    assert "alerts may differ" in part.stderr
    assert json.loads(run("--from", "2100-01-01").stdout)["transactions"] == 0
    assert json.loads(run("--to", "committed").stdout)["transactions"] == 0
