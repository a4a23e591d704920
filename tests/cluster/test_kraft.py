"""The same system with KRaft. All other tests run on it too: `WORKSHOP_TEST_COORDINATION=kraft`."""

import json
import os
import re
import signal
import urllib.request
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from kafka.admin import KafkaAdminClient

from kafka_workshop.clock import Deadline
from kafka_workshop.cluster.supervised import READY
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.model import KRAFT, Snapshot
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.factory import open_consumer, open_producer
from kafka_workshop.messaging.topics import bounded
from kafka_workshop.settings import KafkaSettings
from tests.cluster.test_broker_killed import BEFORE, TOTAL, Load, read_all
from tests.support.checkout import Checkout, left_processes, listening
from tests.support.cluster import RealCluster, chosen_coordination, test_settings
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

STOP_S = 15.0
# The quorum's election (2 to 4 s), then the broker's session (6 s) under the new controller.
MOVES_S = 15.0
NODES = ["broker-1", "broker-2", "broker-3"]


@pytest.fixture(scope="module")
def kraft_cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealCluster]:
    """Three KRaft nodes; the shared cluster, where that has KRaft already."""
    if chosen_coordination() == KRAFT:
        yield request.getfixturevalue("cluster")
        return
    running = RealCluster(test_settings(tmp_path_factory.mktemp("kraft"), KRAFT))
    running.start()
    yield running
    deadline = Deadline(STOP_S)
    running.stop()
    assert not deadline.expired, f"stopping took {deadline.elapsed:.1f} s"


def settings_of(cluster: RealCluster, library: str = "confluent-kafka") -> KafkaSettings:
    """Settings of a client with a topic of its own."""
    topic, servers = f"kraft-{uuid4().hex[:8]}", cluster.settings.bootstrap_servers
    create_topics(servers, [bounded(topic, 6, 500_000_000, 3_600_000)], 30)
    return KafkaSettings(topic, servers, library)


def quorum_leader(cluster: RealCluster) -> int:
    admin: Any = KafkaAdminClient(bootstrap_servers=list(cluster.settings.bootstrap_servers))
    try:
        (topic,) = admin.describe_metadata_quorum()["topics"]
        return int(topic["partitions"][0]["leader_id"])
    finally:
        admin.close()


def seen(gateway: ClusterGateway) -> Snapshot:
    *_, whole = gateway.observe(None)
    return whole


def leaders(gateway: ClusterGateway, topic: str) -> set[int | None]:
    return {partition.leader for partition in seen(gateway).topic_by_name[topic].partitions}


@pytest.mark.parametrize("library", ["confluent-kafka", "kafka-python"])
def test_both_client_libraries_write_and_read(kraft_cluster: RealCluster, library: str) -> None:
    settings = settings_of(kraft_cluster, library)
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


def test_the_quorums_leader_killed_under_load_loses_nothing(kraft_cluster: RealCluster) -> None:
    settings = settings_of(kraft_cluster)
    gateway = ClusterGateway(settings.bootstrap_servers)
    victim = quorum_leader(kraft_cluster)
    wait_until(lambda: seen(gateway).controller, 10, "the console knows the controller")
    assert (seen(gateway).coordination, getattr(seen(gateway).controller, "id", None)) == (
        KRAFT,
        victim,
    )
    before = kraft_cluster.statuses()[f"broker-{victim}"]
    assert before.pid

    load = Load(settings)
    load.start()
    wait_until(lambda: len(load.acknowledged) >= BEFORE, 60, "the load is under way")
    os.kill(before.pid, signal.SIGKILL)
    wait_until(lambda: victim not in leaders(gateway, settings.topic), MOVES_S, "leaders moved")
    load.finish()
    assert (load.refused, len(load.acknowledged)) == ([], TOTAL)
    values = [message.value for message in read_all(settings, TOTAL)]
    assert len(values) == len(set(values))
    assert set(load.acknowledged) <= set(values)

    def led_by_another() -> bool:
        controller = seen(gateway).controller
        return controller is not None and controller.id != victim

    wait_until(led_by_another, 15, "the console shows another controller")
    wait_until(
        lambda: kraft_cluster.statuses()[before.service].state == READY, 60, "it is back again"
    )
    assert kraft_cluster.statuses()[before.service].restarts == before.restarts + 1


def test_a_newcomer_starts_looks_and_stops_without_zookeeper(checkout: Checkout) -> None:
    checkout.run("down")
    before = set(checkout.data.glob("data/*"))
    started = checkout.run("up", "-d", "--coordination", "kraft")
    assert started.returncode == 0, started.stdout + started.stderr
    assert "Ready in" in started.stdout
    statuses = checkout.ps()
    assert [s["service"] for s in statuses] == [*NODES, "kafka-ui", "producer", "consumer"]
    assert {s["state"] for s in statuses} == {"ready"}
    assert sum(s["memory"] for s in statuses) < 2.5e9
    assert_transactions_flow(checkout)
    assert_the_lines_are_logged_as_by_kafka_3(checkout)
    assert_one_controller_is_shown(checkout)
    assert "zookeeper" not in checkout.run("logs", "--tail", "1").stdout.lower()
    other = checkout.run("up", "-d", "--coordination", "zookeeper")
    assert other.returncode == 2
    assert "has kraft" in other.stderr

    deadline = Deadline(STOP_S)
    stopped = checkout.run("down")
    assert stopped.returncode == 0, stopped.stderr
    assert not deadline.expired, f"down took {deadline.elapsed:.1f} s"
    assert (left_processes(checkout), listening(checkout)) == ([], [])
    assert before <= set(checkout.data.glob("data/*")), "ZooKeeper's data was touched"
    assert all((checkout.data / "data" / "kraft" / n / "meta.properties").exists() for n in NODES)
    for service in ("producer", "consumer"):
        assert "Traceback" not in checkout.log(service)


def assert_transactions_flow(checkout: Checkout) -> None:
    def flowing() -> bool:
        logs = [checkout.log(service) for service in ("producer", "consumer")]
        return all(len(re.findall(r"partition=\d", log)) > 3 for log in logs)

    wait_until(flowing, 30, "producer and consumer log messages with their partition")


def assert_the_lines_are_logged_as_by_kafka_3(checkout: Checkout) -> None:
    """`up` finds the warnings in them by the place of the level."""
    newest = checkout.log("broker-1").splitlines()[-200:]
    form = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (INFO |WARN |ERROR) \S.*\(\S+\)$")
    assert [line for line in newest if form.match(line)], newest[-3:]
    assert not [line for line in newest if re.search(r" (DEBUG|TRACE) ", line)]


def assert_one_controller_is_shown(checkout: Checkout) -> None:
    def controllers() -> list[int]:
        url = f"http://127.0.0.1:{checkout.console_port}/api/brokers"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return [b["id"] for b in json.load(answer)["brokers"] if b["controller"]]

    wait_until(lambda: len(controllers()) == 1, 10, "one controller is shown")
