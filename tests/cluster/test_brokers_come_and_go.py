"""Programs that are there before the brokers are, and while all of them are killed."""

import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from kafka_workshop.cluster.states import READY
from tests.support.cluster import RealCluster
from tests.support.programs import Program, Programs
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

SENT = 600
BROKERS = ("broker-1", "broker-2", "broker-3")


@pytest.fixture
def programs(cluster_to_start: RealCluster, tmp_path: Path) -> Iterator[Programs]:
    servers = ",".join(cluster_to_start.settings.bootstrap_servers)
    small = {"HISTORY_TRANSACTIONS": "500", "ACCOUNTS": "50", "RATE": "200"}
    small |= {"TOPIC": "come-and-go", "CONSUMER_GROUP": "come-and-go"}
    started = Programs.beside(tmp_path / "programs", {"BOOTSTRAP_SERVERS": servers, **small})
    yield started
    started.kill()


def test_programs_wait_for_brokers_and_outlive_the_death_of_all_of_them(
    cluster_to_start: RealCluster, programs: Programs
) -> None:
    assert not cluster_to_start.started, "it must be the first that wants the cluster"
    producer, consumer = programs.start("producer"), programs.start("consumer")
    for program in (producer, consumer):
        sentences = wait_until(partial(waiting_sentences, program), 30, "it says that it waits")
        assert cluster_to_start.settings.bootstrap_servers[0] in sentences[0]

    cluster_to_start.start()
    producer.wait_for("transaction acknowledged", SENT, 60)
    consumer.wait_for("transaction consumed", SENT, 60)

    for name in BROKERS:
        pid = cluster_to_start.statuses()[name].pid
        assert pid
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: healthy_again(cluster_to_start), 60, "all brokers are back by themselves")
    before = len(producer.named("transaction acknowledged"))
    producer.wait_for("transaction acknowledged", before + 200, 60)

    assert producer.end() == 0
    acknowledged = [e["transaction_id"] for e in producer.named("transaction acknowledged")]
    assert len(acknowledged) == len(set(acknowledged))
    consumers = [consumer]
    wait_until(
        lambda: set(acknowledged) <= consumed(consumers, programs), 60, "all of them are consumed"
    )
    assert consumers[-1].end() == 0
    assert len(consumers) <= 2
    assert "Traceback" not in producer.errors + "".join(each.errors for each in consumers)


def consumed(consumers: list[Program], programs: Programs) -> set[str]:
    """Return what was consumed; start a fresh consumer after one that has ended.

    A transaction that brokers gave up meanwhile costs the process, and the supervisor does so.
    """
    if consumers[-1].process.poll() is not None:
        assert consumers[-1].result() == 1, consumers[-1].errors
        consumers.append(programs.start("consumer"))
    lines = (line for each in consumers for line in each.named("transaction consumed"))
    return {line["transaction_id"] for line in lines}


def waiting_sentences(program: Program) -> list[str]:
    said = [line["event"] for line in program.events]
    return [sentence for sentence in said if sentence.startswith("waiting: ")]


def healthy_again(cluster: RealCluster) -> bool:
    statuses = cluster.statuses()
    return all(statuses[name].restarts and statuses[name].state == READY for name in BROKERS)
