"""The dead letters on the real cluster: nothing is lost on the way there, nor doubled on the way
back, wherever that is interrupted.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from typer.testing import CliRunner

from kafka_workshop.cli import dlq
from kafka_workshop.errors import Fenced, Undecodable
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.codec import ERROR_CLASSES, decode, encode
from kafka_workshop.messaging.config import LIBRDKAFKA_LOG
from kafka_workshop.messaging.dlq.letter import original_headers
from kafka_workshop.messaging.dlq.reader import read_markers, read_survey
from kafka_workshop.messaging.dlq.redrive import Outcome, open_redrive
from kafka_workshop.messaging.topics import (
    dead_letter_topic,
    labels_topic,
    redriven_topic,
    workshop_topics,
)
from kafka_workshop.settings import PROJECT_FOLDER
from kafka_workshop.simulator.stream import Simulator
from tests.support.letters import everything, hostile, plant, send
from tests.support.programs import Program, Programs
from tests.support.simulation import START, small_population

pytestmark = pytest.mark.cluster
STORAGE = 2_000_000_000
MESSAGES = 1_000
# Ends its own process, as hard as a power cut, when it passes a point for the nth time.
KILLED_REDRIVE = """
import os, signal, sys
from kafka_workshop.messaging.dlq.reader import read_markers, read_survey
from kafka_workshop.messaging.dlq.redrive import open_redrive
servers, (topic, point) = tuple(sys.argv[1].split(",")), sys.argv[2:4]
left = int(sys.argv[4])
def passing(passed):
    global left
    left -= passed == point
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
survey = read_survey(servers, topic)
redrive = open_redrive(servers, topic, 2_000_000_000, passing)
read_markers(servers, survey, settled=True)
redrive.send(survey.choose(None, again=False).letters)
"""


@pytest.fixture
def topic(bootstrap_servers: tuple[str, ...]) -> Iterator[str]:
    name = f"letters-{secrets.token_hex(4)}"
    create_topics(bootstrap_servers, workshop_topics(STORAGE, name))
    yield name
    admin = AdminClient({"bootstrap.servers": ",".join(bootstrap_servers)}, logger=LIBRDKAFKA_LOG)
    existing = admin.list_topics(timeout=10).topics
    made = [name, dead_letter_topic(name), redriven_topic(name), labels_topic(name)]
    for deleted in admin.delete_topics([each for each in made if each in existing]).values():
        deleted.result()


@pytest.fixture
def workshop(bootstrap_servers: tuple[str, ...], topic: str) -> "Workshop":
    return Workshop(bootstrap_servers, topic)


class Workshop:
    """`./workshop dlq …` on this topic."""

    def __init__(self, servers: tuple[str, ...], topic: str) -> None:
        self._settings = {
            "BOOTSTRAP_SERVERS": ",".join(servers),
            "TOPIC": topic,
            "COLUMNS": "160",
        }

    def dlq(self, *words: str) -> str:
        done = CliRunner().invoke(dlq.app, words, env=self._settings)
        assert done.exit_code == 0, done.exception
        return done.stdout

    def classes(self) -> dict[str, tuple[int, int, int]]:
        """Return error class -> letters, of these redriven, of these come back."""
        said = json.loads(self.dlq("list", "--json"))
        return {c["class"]: (c["letters"], c["redriven"], c["came_back"]) for c in said["classes"]}


def python_environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT_FOLDER / "src")}


def run_programs(folder: Path, servers: tuple[str, ...], topic: str) -> Programs:
    settings = {
        "BOOTSTRAP_SERVERS": ",".join(servers),
        "TOPIC": topic,
    }
    return Programs.beside(folder / "project", settings)


def payloads() -> list[bytes]:
    instants = range(START, START + 50)
    return [encode(t) for t in Simulator(small_population(), 1).transactions(instants, 0)]


def content(message: Message) -> tuple[bytes | None, bytes | None, object]:
    return message.key, message.value, message.headers


def is_decodable(message: Message) -> bool:
    try:
        decode(message.value)
    except Undecodable:
        return False
    return True


def group_of(client: str, messages: int) -> dict[str, str]:
    """A group of its own, which reads so many messages."""
    group = f"group-{secrets.token_hex(4)}"
    return {"KAFKA_CLIENT": client, "CONSUMER_GROUP": group, "MAX_MESSAGES": str(messages)}


def processed(consumer: Program, messages: int) -> int:
    """Wait for the end of a consumer that never ended before; return how many it could decode."""
    consumer.result()
    (ended,) = consumer.named("consumer ended")
    assert (ended["processed"], consumer.errors) == (messages, "")
    assert ended["dead_lettered"] + len(consumer.named("transaction consumed")) == messages
    return len(consumer.named("transaction consumed"))


def test_every_message_is_processed_or_a_letter_and_comes_back_at_most_once(
    tmp_path: Path, bootstrap_servers: tuple[str, ...], topic: str, workshop: Workshop
) -> None:
    sent = send(bootstrap_servers, topic, hostile(MESSAGES, 7, payloads()))
    undecodable = Counter(content(m) for m in sent if not is_decodable(m))
    programs = run_programs(tmp_path, bootstrap_servers, topic)
    try:
        clients = ("confluent-kafka", "kafka-python")
        consumers = [programs.start("consumer", **group_of(client, MESSAGES)) for client in clients]
        for each in consumers:
            assert processed(each, MESSAGES) + undecodable.total() == MESSAGES
        # Two groups have read them: both letters of a message are one.
        before = workshop.classes()
        assert set(before) == set(ERROR_CLASSES)
        assert sum(letters for letters, _, _ in before.values()) == undecodable.total()
        letters = Counter(
            (m.key, m.value, original_headers(m.headers))
            for m in everything(bootstrap_servers, dead_letter_topic(topic))
        )
        assert letters == undecodable + undecodable, "original bytes, key and headers"

        chosen = before["not-json"][0]
        said = workshop.dlq("redrive", "--class", "not-json")
        assert f"{topic}: {chosen} (not-json {chosen})" in said
        assert "Nothing to redrive" in workshop.dlq("redrive", "--class", "not-json")
        stored = everything(bootstrap_servers, topic)
        back = [m for m in stored if m.headers[-1:] == (("dlq.redrive.count", b"1"),)]
        assert (len(stored), len(back)) == (MESSAGES + chosen, chosen)
        assert Counter((m.key, m.value, m.headers[:-2]) for m in back) <= undecodable

        again = programs.start("consumer", **group_of("confluent-kafka", MESSAGES + chosen))
        assert processed(again, MESSAGES + chosen) + undecodable.total() == MESSAGES
        assert workshop.classes() == before | {"not-json": (2 * chosen, chosen, chosen)}
        said = workshop.dlq("redrive", "--class", "not-json")
        assert "Nothing to redrive" in said
        assert f"{chosen} (--again sends them too)" in said
        said = workshop.dlq("redrive", "--again", "--class", "not-json")
        assert f"Sent to {topic}: {chosen}" in said
        counts = Counter(m.headers[-1:] for m in everything(bootstrap_servers, topic))
        assert counts[(("dlq.redrive.count", b"2"),)] == chosen
    finally:
        programs.kill()


def redrive(servers: tuple[str, ...], topic: str) -> Outcome:
    """Redrive everything, in this process."""
    survey = read_survey(servers, topic)
    running = open_redrive(servers, topic, STORAGE)
    try:
        read_markers(servers, survey, settled=True)
        return running.send(survey.choose(None, again=False).letters)
    finally:
        running.close()


def numbered(servers: tuple[str, ...], topic: str, count: int) -> list[Message]:
    """Store `count` messages that differ, and a letter of each."""
    messages = send(servers, topic, [(b"%d" % (n % 7), b"poison %d" % n, ()) for n in range(count)])
    plant(servers, topic, messages)
    return messages


def times_redriven(
    servers: tuple[str, ...], topic: str, isolation: str = "read_committed"
) -> Counter[bytes | None]:
    stored = everything(servers, topic, isolation)
    return Counter(m.value for m in stored if "dlq.redrive.of" in dict(m.headers))


def test_a_redrive_killed_at_any_point_sends_each_message_exactly_once(
    bootstrap_servers: tuple[str, ...], topic: str
) -> None:
    messages = numbered(bootstrap_servers, topic, 1_600)
    committed = 0
    for point, time, more in (("sent", 1, 0), ("committed", 1, 500), ("sent", 2, 500)):
        killed = subprocess.run(
            [
                *(sys.executable, "-c", KILLED_REDRIVE),
                *(",".join(bootstrap_servers), topic, point, str(time)),
            ],
            env=python_environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        committed += more
    assert redrive(bootstrap_servers, topic) == Outcome(1_600 - committed, 0)
    assert redrive(bootstrap_servers, topic) == Outcome(0, 0)
    once = Counter({m.value: 1 for m in messages})
    assert times_redriven(bootstrap_servers, topic) == once
    markers = everything(bootstrap_servers, redriven_topic(topic))
    assert Counter(m.key for m in markers) == Counter(
        b"%d:%d" % (m.partition, m.offset) for m in messages
    )
    attempted = times_redriven(bootstrap_servers, topic, "read_uncommitted")
    assert attempted.total() == 1_600 + 2 * 500, "the killed ones had stored what did not count"


def test_of_two_redrives_at_the_same_time_the_later_one_wins(
    bootstrap_servers: tuple[str, ...], topic: str
) -> None:
    messages = numbered(bootstrap_servers, topic, 700)
    later: list[Outcome] = []

    def passing(point: str) -> None:
        # All of the second batch is stored and nothing of it is committed: now comes the other.
        passed.append(point)
        if passed.count("sent") == 2 and not later:
            later.append(redrive(bootstrap_servers, topic))

    passed: list[str] = []
    survey = read_survey(bootstrap_servers, topic)
    earlier = open_redrive(bootstrap_servers, topic, STORAGE, passing)
    with pytest.raises(Fenced, match=r"another redrive .* sent 500 messages before"):
        earlier.send(survey.choose(None, again=False).letters)
    earlier.close()
    assert later == [Outcome(200, 0)]
    assert times_redriven(bootstrap_servers, topic) == Counter({m.value: 1 for m in messages})


def test_what_the_topic_refuses_holds_up_nothing_else(
    bootstrap_servers: tuple[str, ...], topic: str
) -> None:
    messages = numbered(bootstrap_servers, topic, 20)
    # Read from a topic that had taken it compressed; from a partition that is there no more.
    large = Message(topic, 0, 7_000, 0, b"k", secrets.token_bytes(1_500_000))
    nowhere = Message(topic, 99, 0, 0, b"k", b"nowhere")
    plant(bootstrap_servers, topic, [large, nowhere])
    assert redrive(bootstrap_servers, topic) == Outcome(20, 2)
    assert times_redriven(bootstrap_servers, topic) == Counter({m.value: 1 for m in messages})


def test_letters_of_one_source_are_one_and_strangers_are_told_apart(
    bootstrap_servers: tuple[str, ...], topic: str, workshop: Workshop
) -> None:
    assert "No dead letters" in workshop.dlq("list")
    messages = numbered(bootstrap_servers, topic, 3)
    plant(bootstrap_servers, topic, messages[:2])
    bomb = Message(topic, 1, 9_000, 0, b"k" * 3_000_000, b"v", (("a", b"b"),))
    plant(bootstrap_servers, topic, [bomb], "oversize")
    send(bootstrap_servers, dead_letter_topic(topic), [(None, b"a stranger", ())])
    said = workshop.dlq("list")
    assert "2 further records repeat a letter" in said
    assert f"1 records in {topic}.dlq are no letters of {topic}" in said
    assert workshop.classes() == {"not-json": (3, 0, 0), "oversize": (1, 0, 0)}
    assert "too large to keep: 1" in workshop.dlq("redrive", "--dry-run")
    assert times_redriven(bootstrap_servers, topic) == Counter()
    assert f"Sent to {topic}: 3" in workshop.dlq("redrive")
    assert workshop.classes() == {"not-json": (3, 3, 0), "oversize": (1, 0, 0)}
    place = f"{messages[0].partition}:{messages[0].offset}"
    assert place in workshop.dlq("list", "--class", "not-json")
    shown = workshop.dlq("show", place)
    assert (messages[0].value or b"").decode() in shown
    assert f"{topic} {place}" in shown
