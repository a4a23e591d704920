"""The same system with KRaft. All other tests run on it too: `WORKSHOP_TEST_COORDINATION=kraft`.

One system, as a newcomer starts it, is shared by these tests; the last one stops it.
"""

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from kafka.admin import KafkaAdminClient

from kafka_workshop.clock import Deadline
from kafka_workshop.cluster.kraft import STARTED
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.model import KRAFT, Snapshot
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.factory import open_consumer, open_producer
from kafka_workshop.messaging.topics import bounded
from kafka_workshop.settings import KafkaSettings
from tests.faults.history import History, anomalies
from tests.faults.load import Load, read_all
from tests.faults.trial import SILENCE_S
from tests.support.checkout import Checkout, left_processes, listening
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

STOP_S = 15.0
# The quorum's election (2 to 4 s), then the broker's session (6 s) under the new controller; on a
# busy machine, several times that.
MOVES_S = 40.0
NODES = ["broker-1", "broker-2", "broker-3"]


@pytest.fixture(scope="module")
def system(checkout: Checkout) -> Iterator[Checkout]:
    """The whole system of the copy, with KRaft; ZooKeeper's data stands beside it."""
    checkout.run("down")
    zookeepers(checkout).mkdir(parents=True, exist_ok=True)
    started = checkout.run("up", "-d", "--coordination", "kraft")
    assert started.returncode == 0, started.stdout + started.stderr
    assert "Ready in" in started.stdout
    assert "--coordination zookeeper" in started.stdout, "the other's data is not mentioned"
    yield checkout
    checkout.run("down")


def zookeepers(checkout: Checkout) -> Path:
    return checkout.data / "data" / "zookeeper"


def statuses(system: Checkout) -> dict[str, dict[str, Any]]:
    return {status["service"]: status for status in system.ps()}


def client_settings(system: Checkout, library: str = "confluent-kafka") -> KafkaSettings:
    """Settings of a client with a topic of its own."""
    topic, servers = f"kraft-{uuid4().hex[:8]}", tuple(system.bootstrap_servers.split(","))
    create_topics(servers, [bounded(topic, 6, 500_000_000, 3_600_000)], 30)
    return KafkaSettings(topic, servers, library)


def quorum_leader(system: Checkout) -> int:
    admin: Any = KafkaAdminClient(bootstrap_servers=system.bootstrap_servers.split(","))
    try:
        (topic,) = admin.describe_metadata_quorum()["topics"]
        return int(topic["partitions"][0]["leader_id"])
    finally:
        admin.close()


def seen(gateway: ClusterGateway) -> Snapshot:
    *_, whole = gateway.observe(None)
    return whole


def controller(gateway: ClusterGateway) -> int | None:
    found = seen(gateway).controller
    return found.id if found else None


def leaders(gateway: ClusterGateway, topic: str) -> set[int | None]:
    return {partition.leader for partition in seen(gateway).topic_by_name[topic].partitions}


def test_three_nodes_and_the_programs_run_without_zookeeper(system: Checkout) -> None:
    found = statuses(system)
    assert list(found) == [*NODES, "kafka-ui", "producer", "consumer", "consumer-merchant"]
    assert {status["state"] for status in found.values()} == {"ready"}
    assert sum(status["memory"] for status in found.values()) < 2.5e9
    assert_transactions_flow(system)
    assert_the_lines_are_logged_as_by_kafka_3(system)
    assert_the_quorums_leader_is_shown(system)
    assert "zookeeper" not in system.run("logs", "--tail", "1").stdout.lower()


def assert_transactions_flow(system: Checkout) -> None:
    def flowing() -> bool:
        logs = [system.log(service) for service in ("producer", "consumer")]
        return all(len(re.findall(r"partition=\d", log)) > 3 for log in logs)

    wait_until(flowing, 30, "producer and consumer log messages with their partition")


def assert_the_lines_are_logged_as_by_kafka_3(system: Checkout) -> None:
    """`up` finds the warnings in them by the place of the level."""
    newest = system.log("broker-1").splitlines()[-200:]
    form = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (INFO |WARN |ERROR) \S.*\(\S+\)$")
    assert [line for line in newest if form.match(line)], newest[-3:]
    assert not [line for line in newest if re.search(r" (DEBUG|TRACE) ", line)]


def assert_the_quorums_leader_is_shown(system: Checkout) -> None:
    def shown() -> list[int]:
        url = f"http://127.0.0.1:{system.console_port}/api/brokers"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return [b["id"] for b in json.load(answer)["brokers"] if b["controller"]]

    wait_until(lambda: shown() == [quorum_leader(system)], 15, "the quorum's leader is shown")


def test_up_with_the_other_coordination_is_refused_meanwhile(system: Checkout) -> None:
    other = system.run("up", "-d", "--coordination", "zookeeper")
    assert other.returncode == 2
    assert "has kraft" in other.stderr


@pytest.mark.parametrize("library", ["confluent-kafka", "kafka-python"])
def test_both_client_libraries_write_and_read(system: Checkout, library: str) -> None:
    settings = client_settings(system, library)
    values = {b"%d" % number for number in range(100)}
    producer = open_producer(settings)
    for value in values:
        producer.send(settings.topic, value, value, on_delivery=lambda _: None)
    assert producer.flush(Deadline(20)) == 0
    producer.close()
    consumer, read, deadline = open_consumer(settings, settings.topic), set[bytes](), Deadline(20)
    while len(read) < len(values) and not deadline.expired:
        read |= {message.value or b"" for message in consumer.fetch(100, 0.5)}
    consumer.close()
    assert read == values


def test_the_quorums_leader_killed_under_load_loses_nothing(system: Checkout) -> None:
    settings, victim = client_settings(system), quorum_leader(system)
    gateway = ClusterGateway(settings.bootstrap_servers)
    wait_until(lambda: controller(gateway) == victim, 10, "the console knows the controller")
    assert seen(gateway).coordination == KRAFT
    before = statuses(system)[f"broker-{victim}"]

    load = Load(settings)
    try:
        load.start()
        # By order: it stays dead until it is started, and is not elected once more meanwhile.
        assert system.run("kill", f"broker-{victim}").returncode == 0
        wait_until(lambda: victim not in leaders(gateway, settings.topic), MOVES_S, "leaders moved")
        others = (None, victim)
        wait_until(lambda: controller(gateway) not in others, 30, "the console shows another one")
        assert system.run("start", f"broker-{victim}").returncode == 0
        load.wait_for_each_partition(SILENCE_S)
        load.finish()
    finally:
        load.abandon()
    reading = read_all(settings, f"{settings.topic}-check")
    assert anomalies(History(load.sent, load.acknowledged, (), [reading])) == ()
    assert (load.refused, len(load.acknowledged)) == ([], len(load.sent))

    name = before["service"]
    wait_until(lambda: statuses(system)[name]["state"] == "ready", 60, "it is back again")
    assert statuses(system)[name]["pid"] != before["pid"]


def findings(system: Checkout) -> dict[str, dict[str, str]]:
    """Return check -> a finding of `doctor`, whose `COORDINATION` says what is not running."""
    return {each["check"]: each for each in json.loads(system.run("doctor", "--json").stdout)}


def test_the_doctor_asks_the_quorum_and_misses_no_zookeeper(system: Checkout) -> None:
    found = findings(system)
    assert "zookeeper" not in found
    assert found["jars"]["level"] == "ok", "those of this coordination"
    assert found["controller"]["text"] == f"Controller: broker {quorum_leader(system)}"


def test_down_is_clean_and_leaves_each_coordination_its_data(system: Checkout) -> None:
    deadline = Deadline(STOP_S)
    stopped = system.run("down")
    assert stopped.returncode == 0, stopped.stderr
    assert not deadline.expired, f"down took {deadline.elapsed:.1f} s"
    assert (left_processes(system), listening(system)) == ([], [])
    assert zookeepers(system).exists()
    for name in NODES:
        assert (system.data / "data" / "kraft" / name / STARTED).exists()
    for program in ("producer", "consumer"):
        assert "Traceback" not in system.log(program)
