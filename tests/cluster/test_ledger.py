"""The ledger of the running programs: never a false word while they run, are killed, come back."""

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from kafka_workshop.cli.last_word import ledger_line
from kafka_workshop.clock import Deadline
from kafka_workshop.ledger.balance import Balance
from kafka_workshop.ledger.scan import Ledger
from kafka_workshop.messaging.config import LIBRDKAFKA_LOG
from kafka_workshop.messaging.topics import dead_letter_topic, labels_topic, ledger_topic
from kafka_workshop.settings import PROJECT_FOLDER, cluster_settings
from tests.console.running import console
from tests.support.machine import free_ports
from tests.support.programs import Programs
from tests.support.waiting import wait_until

pytestmark = pytest.mark.cluster
ACKNOWLEDGED, CONSUMED = "transaction acknowledged", "transaction consumed"


@pytest.fixture
def names(bootstrap_servers: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """A topic and a group of this test, as settings; the topics are deleted afterwards."""
    topic = f"ledger-{secrets.token_hex(4)}"
    yield {
        "BOOTSTRAP_SERVERS": ",".join(bootstrap_servers),
        "TOPIC": topic,
        "CONSUMER_GROUP": f"group-{topic}",
        "HISTORY_TRANSACTIONS": "300",
        "ACCOUNTS": "50",
    }
    admin = AdminClient({"bootstrap.servers": ",".join(bootstrap_servers)}, logger=LIBRDKAFKA_LOG)
    existing = admin.list_topics(timeout=10).topics
    made = (topic, dead_letter_topic(topic), ledger_topic(topic), labels_topic(topic))
    doomed = [each for each in made if each in existing]
    for deleted in admin.delete_topics(doomed).values() if doomed else ():
        deleted.result()


@pytest.fixture
def programs(tmp_path: Path, names: dict[str, str]) -> Iterator[Programs]:
    started = Programs.beside(tmp_path / "project", names)
    yield started
    started.kill()


def test_killed_and_started_again_the_programs_lose_nothing_and_the_ledger_says_so(
    programs: Programs, names: dict[str, str], bootstrap_servers: tuple[str, ...]
) -> None:
    ledger = Ledger(bootstrap_servers, names["TOPIC"], names["CONSUMER_GROUP"])
    taken: list[Balance] = []

    def take() -> Balance:
        taken.append(ledger.take())
        return taken[-1]

    producer = programs.start("producer", RATE="300")
    consumer = programs.start("consumer")
    producer.wait_for(ACKNOWLEDGED, 350)
    consumer.wait_for(CONSUMED, 350)
    take()
    consumer.end(signal.SIGKILL)
    producer.end(signal.SIGKILL)
    take()
    # The killed consumer's session has to end before its partitions go on.
    consumer = programs.start("consumer")
    producer = programs.start("producer", RATE="300")
    producer.wait_for(ACKNOWLEDGED, 100)
    beside = programs.start("producer", RATE="300", MAX_MESSAGES="60")
    assert beside.result() == 0, beside.errors
    assert producer.end() == 0, producer.errors
    wait_until(lambda: take().in_flight == 0, 40, "everything is processed")
    assert consumer.end() == 0, consumer.errors
    assert [balance for balance in taken if not balance.well] == []
    last = take()
    assert last.acknowledged == last.processed >= 510
    assert (last.dead, last.unbooked, last.runs, last.skipped) == (0, 0, 3, 0)
    ledger.close()


def workshop(names: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "kafka_workshop", *words],
        env={"PYTHONPATH": str(PROJECT_FOLDER / "src"), "HOME": os.environ["HOME"], **names},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_verb_says_it_in_figures_and_the_console_in_one_line(
    programs: Programs, names: dict[str, str], bootstrap_servers: tuple[str, ...], tmp_path: Path
) -> None:
    assert programs.start("producer", MAX_MESSAGES="320", RATE="500").result() == 0
    assert programs.start("consumer", MAX_MESSAGES="300").result() == 0
    said = workshop(names, "ledger")
    assert said.returncode == 0, said.stderr
    equation = "acknowledged 320 = processed 300 + DLQ 0 + in flight 20"
    assert said.stdout.splitlines() == [equation, "lost 0 · duplicated 0"]
    told = json.loads(workshop(names, "ledger", "--json").stdout)
    assert (told["well"], told["acknowledged"], len(told["partitions"])) == (True, 320, 6)
    with console(bootstrap_servers, tmp_path, **names) as running:
        settings = cluster_settings({"CONSOLE_PORT": str(running.port)})
        wait_until(
            lambda: asyncio.run(ledger_line(settings)) == f"{equation} · lost 0 · duplicated 0",
            20,
            "the console has read the log",
        )
        assert programs.start("consumer", MAX_MESSAGES="20").result() == 0
        line = asyncio.run(ledger_line(settings))
        assert line.startswith("acknowledged 320 = processed 320 + DLQ 0 + in flight 0"), line
    began = Deadline(60)
    assert "could not be taken" in asyncio.run(ledger_line(settings))
    assert began.elapsed < 3


def test_without_brokers_the_verb_says_what_is_missing(names: dict[str, str]) -> None:
    (port,) = free_ports(1)
    said = workshop({**names, "BOOTSTRAP_SERVERS": f"127.0.0.1:{port}"}, "ledger")
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    assert f"no broker answers at 127.0.0.1:{port}. ./workshop up starts them." in said.stderr
