"""`./workshop replay` up to the client: what it says when all went, and when not all did."""

import re
import shlex
from collections import Counter
from pathlib import Path

import pytest

from kafka_workshop.cli import replay as verb
from kafka_workshop.messaging.client import GiveUp
from kafka_workshop.settings import KafkaSettings
from tests.support import command
from tests.support.datasets import csv_of, handbook_rows
from tests.support.memory_log import PARTITIONS, Log, MemoryProducer, Refuse

COUNT = 400
TOPIC = "replay-small-set"


class Brokers:
    """Topics in memory, as far as the command asks about them."""

    def __init__(self) -> None:
        self.log = Log()
        self.refuse: Refuse = lambda _topic, _key: False
        self.asked: list[KafkaSettings] = []

    def open_producer(self, settings: KafkaSettings, give_up: GiveUp) -> MemoryProducer:
        assert not give_up()
        self.asked.append(settings)
        return MemoryProducer(self.log, self._refuses)

    def _refuses(self, topic: str, key: bytes | None) -> bool:
        return self.refuse(topic, key)

    def end_offsets(self, _servers: object, topic: str) -> dict[int, int]:
        return dict(Counter(message.partition for message in self.log.of(topic)))

    def leaders(self, _servers: object, _topic: str) -> dict[int, int]:
        return dict.fromkeys(range(PARTITIONS), 1)

    def await_everywhere(self, _servers: object, _topic: str) -> None:
        """All have heard of everything at once."""


@pytest.fixture
def brokers(monkeypatch: pytest.MonkeyPatch) -> Brokers:
    made = Brokers()
    for name in ("open_producer", "end_offsets", "leaders", "await_everywhere"):
        monkeypatch.setattr(verb, name, getattr(made, name))
    monkeypatch.setattr(verb, "_LAST_S", 0.2)
    return made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return csv_of(tmp_path, handbook_rows(COUNT))


def replay(path: Path, *words: str, **variables: str) -> command.Answer:
    named = ("replay", str(path), "--map", "handbook", *words)
    return command.workshop(named, {"WORKSHOP_LANG": "en", "COLUMNS": "200"} | variables)


def test_it_names_the_topics_and_the_commands_that_judge_them(brokers: Brokers, path: Path) -> None:
    answer = replay(path)
    assert answer.returncode == 0, answer.stderr
    assert f"{TOPIC}: 400 transactions in" in answer.stdout
    assert f"{TOPIC}.labels: 40 labels" in answer.stdout
    own = f"TOPIC={TOPIC} CONSUMER_GROUP={TOPIC}"
    assert f"    ACTION=consumer {own} ./run.sh\n" in answer.stdout
    assert f"    ACTION=consumer STAGE=merchant {own} ./run.sh\n" in answer.stdout
    assert f"    {own} ./workshop monitor score\n" in answer.stdout
    assert [settings.topic for settings in brokers.asked] == [TOPIC]
    assert len(brokers.log.of(TOPIC)) == COUNT


def test_the_commands_name_brokers_that_are_not_the_usual_ones(
    brokers: Brokers, path: Path
) -> None:
    answer = replay(path, BOOTSTRAP_SERVERS="127.0.0.1:5,127.0.0.1:6")
    assert brokers.asked[0].bootstrap_servers == ("127.0.0.1:5", "127.0.0.1:6")
    assert answer.stdout.count("BOOTSTRAP_SERVERS=127.0.0.1:5,127.0.0.1:6 ./") == 3


def test_a_topic_that_holds_something_is_refused_before_anything_is_sent(
    brokers: Brokers, path: Path
) -> None:
    assert replay(path).returncode == 0
    before = len(brokers.log.stored)
    answer = replay(path)
    assert answer.returncode == 2
    assert f"topic {TOPIC} holds 400 messages already" in answer.stderr
    assert len(brokers.log.stored) == before


def test_there_is_nothing_to_go_on_with_in_an_empty_topic(brokers: Brokers, path: Path) -> None:
    answer = replay(path, "--after-line", "7")
    assert answer.returncode == 2
    assert "holds nothing" in answer.stderr
    assert brokers.log.stored == []


def test_what_was_refused_is_said_and_the_command_that_it_gives_sends_the_rest(
    brokers: Brokers, path: Path
) -> None:
    brokers.refuse = lambda topic, _key: topic == TOPIC and len(brokers.log.of(TOPIC)) == 150
    answer = replay(path)
    assert answer.returncode == 1
    assert "refused" in answer.stderr
    assert "1 messages are not confirmed" in answer.stdout
    assert "Not the whole file: up to line 151." in answer.stdout
    given = re.search(r"\./workshop (replay .*--after-line.*)", answer.stdout)
    assert given is not None
    brokers.refuse = lambda _topic, _key: False
    rest = command.workshop(tuple(shlex.split(given[1])), {"WORKSHOP_LANG": "en"})
    assert rest.returncode == 0, rest.stderr
    stored = Counter(message.value for message in brokers.log.of(TOPIC))
    assert (len(stored), max(stored.values())) == (COUNT, 1)
    labels = Counter(m.value for m in brokers.log.of(f"{TOPIC}.labels") if m.key is not None)
    assert (len(labels), max(labels.values())) == (COUNT // 10, 1)


def test_progress_is_told_beside_what_a_program_may_read(
    brokers: Brokers, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verb, "_EVERY_S", 0.0)
    answer = replay(path)
    assert re.search(r"% of the file, \d+ rows, 0 rejected, [\d,]+ a second; event", answer.stderr)
    assert "% of the file" not in answer.stdout
    assert brokers.log.stored
