"""The console outlives brokers that are killed, and tells soon and truly who is gone."""

import json
import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from kafka_workshop.console.reading import Query, Reader
from tests.console.running import RunningConsole, console
from tests.support.cluster import RealCluster
from tests.support.waiting import wait_until

pytestmark = pytest.mark.cluster
MESSAGES, COMMITTED = 30, 12
TOLD_S, RECOVERY_S = 20, 60


@pytest.fixture
def topic(cluster: RealCluster) -> Iterator[str]:
    """A topic of one partition, and a group of the same name that has read a part of it."""
    name = f"deaths-{uuid.uuid4().hex[:8]}"
    servers = ",".join(cluster.settings.bootstrap_servers)
    admin = AdminClient({"bootstrap.servers": servers})
    new = NewTopic(name, 1, 3, config={"min.insync.replicas": "2"})
    admin.create_topics([new])[name].result(20)
    producer = Producer({"bootstrap.servers": servers, "acks": "all"})
    for number in range(MESSAGES):
        producer.produce(name, value=str(number))
    assert producer.flush(20) == 0
    group = Consumer({"bootstrap.servers": servers, "group.id": name})
    group.commit(offsets=[TopicPartition(name, 0, COMMITTED)], asynchronous=False)
    group.close()
    yield name
    # A new client, because the other one still takes a broker for the controller that was killed.
    admin = AdminClient({"bootstrap.servers": servers})
    admin.delete_topics([name])[name].result(20)


def api(running: RunningConsole, name: str) -> dict[str, Any]:
    assert running.process.poll() is None, running.log.read_text()
    status, body = running.get(f"/api/{name}")
    assert status == 200
    found: dict[str, Any] = json.loads(body)
    return found


def online(running: RunningConsole) -> list[int]:
    answer = api(running, "brokers")
    return [b["id"] for b in answer["brokers"] if b["online"] and answer["answering"]]


def controller(running: RunningConsole) -> int | None:
    found = [b["id"] for b in api(running, "brokers")["brokers"] if b["controller"]]
    return found[0] if found else None


def group(running: RunningConsole, name: str) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {g["id"]: g for g in api(running, "groups")["groups"]}
    return found.get(name, {})


def whole(running: RunningConsole, topic: str) -> bool:
    replicated = {t["name"]: not t["under_replicated"] for t in api(running, "topics")["topics"]}
    lag = group(running, topic).get("lag")
    there = len(online(running)) == 3 and replicated.get(topic, False)
    return there and lag == MESSAGES - COMMITTED


def kill(cluster: RealCluster, broker: int) -> None:
    pid = cluster.statuses()[f"broker-{broker}"].pid
    assert pid
    os.kill(pid, signal.SIGKILL)


def told(running: RunningConsole, victim: int, *, led: bool) -> bool:
    """Whether the API has told that `victim` lost its place, and who is the controller instead.

    The supervisor may start it again so soon that nobody sees it offline; its leaders moved.
    """
    answer = api(running, "brokers")
    there = any(b["id"] == victim and b["online"] and b["leaders"] for b in answer["brokers"])
    moved = not led or controller(running) not in (None, victim)
    return bool(answer["answering"]) and not there and moved


def survives(running: RunningConsole, cluster: RealCluster, topic: str, victim: int) -> None:
    led = controller(running) == victim
    kill(cluster, victim)
    wait_until(lambda: told(running, victim, led=led), TOLD_S, f"broker {victim} is told as gone")
    assert group(running, topic)["lag"] == MESSAGES - COMMITTED
    report = Reader(cluster.settings.bootstrap_servers).read(Query(topic, count=100))
    assert [r.value for r in report.records] == [str(n).encode() for n in range(MESSAGES)]
    wait_until(lambda: whole(running, topic), RECOVERY_S, "everything is there again")


def test_the_console_outlives_its_controller_and_its_coordinator(
    cluster: RealCluster, topic: str, tmp_path: Path
) -> None:
    with console(cluster.settings.bootstrap_servers, tmp_path) as running:
        wait_until(lambda: whole(running, topic), 30, "the cluster is seen whole")
        pid, first = running.process.pid, controller(running)
        assert first is not None
        survives(running, cluster, topic, first)
        survives(running, cluster, topic, group(running, topic)["coordinator"])
        assert (running.process.pid, running.process.poll()) == (pid, None)
    log = running.log.read_text()
    assert "Traceback" not in log
    assert [e["event"] for e in map(json.loads, log.splitlines())] == [
        "started",
        "brokers_answer",
        "stopped",
    ]
