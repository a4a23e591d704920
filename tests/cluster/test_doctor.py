"""The doctor on the real cluster: each trouble is planted there, found, and mended as it says."""

import json
import os
import secrets
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.protocol.producer import ProduceRequest
from kafka.record.default_records import DefaultRecordBatchBuilder

from kafka_workshop import clock
from kafka_workshop.clock import Deadline
from kafka_workshop.doctor import asking, brokers, clocks, groups, retention, transactions
from kafka_workshop.doctor.facts import Cluster
from kafka_workshop.doctor.finding import Finding
from kafka_workshop.doctor.running import Running, Way
from kafka_workshop.messaging import config
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.topics import TopicSpec
from kafka_workshop.settings import KRAFT, PROJECT_FOLDER
from tests.support.cluster import chosen_coordination
from tests.support.machine import free_ports
from tests.support.waiting import wait_until

pytestmark = pytest.mark.cluster

# Kafka 4 allows no smaller segment than a MiB.
BOUNDED = {"retention.bytes": "1048576", "segment.bytes": "1048576"}
QUICK_S = 10.0
MakeTopic = Callable[..., str]


@pytest.fixture
def topic(bootstrap_servers: tuple[str, ...]) -> Iterator[MakeTopic]:
    """Creates topics of one partition; they are deleted afterwards."""
    made: list[str] = []

    def make(**configs: str) -> str:
        name = f"doctor-{secrets.token_hex(4)}"
        chosen = BOUNDED | {key.replace("_", "."): value for key, value in configs.items()}
        create_topics(bootstrap_servers, [TopicSpec(name, 1, 3, chosen)])
        made.append(name)
        return name

    yield make
    servers = ",".join(bootstrap_servers)
    admin = AdminClient({"bootstrap.servers": servers}, logger=config.LIBRDKAFKA_LOG)
    for deleted in admin.delete_topics(made).values() if made else ():
        deleted.result()


def producer(servers: tuple[str, ...], **more: Any) -> Producer:
    settings = config.confluent_producer(servers) | more
    return Producer(settings, logger=config.LIBRDKAFKA_LOG)


def elsewhere(servers: tuple[str, ...]) -> Running:
    return Running(Way.ELSEWHERE, servers)


def facts(servers: tuple[str, ...], *topics: str) -> Cluster:
    """Ask the cluster, and leave out what other tests have on it."""
    asked = asking.ask(servers)
    return replace(
        asked,
        partitions=tuple(p for p in asked.partitions if p.topic in topics),
        producers=tuple(p for p in asked.producers if p.topic in topics),
    )


def wrong(findings: list[Finding]) -> list[str]:
    return [finding.check for finding in findings if finding.level != "ok"]


def test_a_cluster_that_is_well_is_told_so_within_ten_seconds(
    bootstrap_servers: tuple[str, ...], tmp_path: Path
) -> None:
    deadline = Deadline(QUICK_S)
    answer = run_doctor(bootstrap_servers, tmp_path)
    said = {finding["check"]: finding for finding in json.loads(answer.stdout)}
    assert not deadline.expired, f"{deadline.elapsed:.1f} s"
    for check in ("brokers", "controller", "advertised-listeners"):
        assert said[check]["level"] == "ok", said[check]
    assert "1, 2, 3" in said["brokers"]["text"]
    whole = {finding["level"] for finding in said.values()}
    assert answer.returncode == ("problem" in whole)


def run_doctor(servers: tuple[str, ...], folder: Path) -> "subprocess.CompletedProcess[str]":
    zookeeper, one, two, three, console = free_ports(5)
    own = {
        "WORKSHOP_DATA": str(folder / "data"),
        "ZOOKEEPER_PORT": str(zookeeper),
        "BROKER_PORTS": f"{one},{two},{three}",
        "CONSOLE_PORT": str(console),
        "BOOTSTRAP_SERVERS": ",".join(servers),
        "PYTHONPATH": str(PROJECT_FOLDER / "src"),
    }
    return subprocess.run(
        [sys.executable, "-P", "-m", "kafka_workshop", "doctor", "--json"],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_disks_and_every_broker_are_known(
    bootstrap_servers: tuple[str, ...], topic: MakeTopic
) -> None:
    seen = facts(bootstrap_servers, topic())
    assert sorted(seen.answers) == [1, 2, 3]
    disks = [disk for answer in seen.answers.values() for disk in answer.disks]
    assert len(disks) == 3
    assert all(0 < disk.free < disk.total for disk in disks)
    services = {i: f"broker-{i}" for i in (1, 2, 3, 4)}
    (found,) = brokers.judge_brokers(seen, services, elsewhere(bootstrap_servers))
    assert found.text == "broker-4 is not registered"


def test_who_leads_the_controllers_is_told_with_kraft_alone(
    bootstrap_servers: tuple[str, ...],
) -> None:
    seen = asking.ask(bootstrap_servers)
    kraft = chosen_coordination() == KRAFT
    leaders = {answer.leader for answer in seen.answers.values()}
    assert leaders == {seen.controller if kraft else None}


def test_a_topic_that_nothing_bounds_is_found_and_its_mend_mends_it(
    bootstrap_servers: tuple[str, ...], topic: MakeTopic
) -> None:
    name = topic(retention_bytes="-1")
    where = elsewhere(bootstrap_servers)

    def judged() -> list[Finding]:
        return retention.judge_retention(facts(bootstrap_servers, name), where)

    # Brokers hear of a topic and of its settings a moment after the controller.
    wait_until(lambda: wrong(judged()) == ["unbounded-topics"], 20, "it is found")
    found = next(finding for finding in judged() if finding.level != "ok")
    assert name in found.text
    carry_out(found.mend)
    wait_until(lambda: wrong(judged()) == [], 20, "it is mended")


def carry_out(mend: str) -> None:
    done = subprocess.run(
        shlex.split(mend),
        cwd=PROJECT_FOLDER,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_topic_that_may_outgrow_the_disk_is_found(
    bootstrap_servers: tuple[str, ...], topic: MakeTopic
) -> None:
    name = topic(retention_bytes=str(10**15))

    def found() -> Finding | None:
        findings = retention.judge_retention(
            facts(bootstrap_servers, name), elsewhere(bootstrap_servers)
        )
        return next((f for f in findings if (f.check, f.level) == ("retention", "problem")), None)

    problem = wait_until(found, 20, "it is found")
    assert problem is not None
    assert name in problem.mend


def test_a_record_from_the_future_is_found(
    bootstrap_servers: tuple[str, ...], topic: MakeTopic
) -> None:
    name, now = topic(), clock.now_ms()
    sender = producer(bootstrap_servers)
    sender.produce(name, b"now")
    sender.produce(name, b"in an hour", timestamp=now + 3_600_000)
    sender.produce(name, b"now again")
    assert sender.flush(20) == 0

    def ahead() -> list[str]:
        findings = clocks.judge_clocks(facts(bootstrap_servers, name), now)
        return [f.text for f in findings if f.check == "clocks" and f.level != "ok"]

    (text,) = wait_until(ahead, 20, "it is found")
    assert name in text
    assert "3600 s ahead" in text


def test_a_group_that_left_something_to_read_is_found(
    bootstrap_servers: tuple[str, ...], topic: MakeTopic
) -> None:
    name = topic()
    sender = producer(bootstrap_servers)
    for number in range(5):
        sender.produce(name, str(number).encode())
    assert sender.flush(20) == 0
    commit(bootstrap_servers, group=name, offset=2)

    def about_it() -> list[Finding]:
        found = groups.judge_groups(
            facts(bootstrap_servers, name), "transaction-monitor", elsewhere(bootstrap_servers)
        )
        return [finding for finding in found if name in finding.text]

    (ours,) = wait_until(about_it, 20, "it is found")
    assert "3 records" in ours.text
    assert ours.mend == f"ACTION=consumer CONSUMER_GROUP={name} ./run.sh"
    commit(bootstrap_servers, group=name, offset=5)
    wait_until(lambda: not about_it(), 20, "all is read")


def commit(servers: tuple[str, ...], group: str, offset: int) -> None:
    """Commit for the topic that is named like the group, without ever becoming a member."""
    consumer = Consumer(config.confluent_consumer(servers, group), logger=config.LIBRDKAFKA_LOG)
    consumer.commit(offsets=[TopicPartition(group, 0, offset)], asynchronous=False)
    consumer.close()


def judged(servers: tuple[str, ...], name: str, patience_ms: int = 0) -> list[Finding]:
    return transactions.judge_transactions(
        facts(servers, name), elsewhere(servers), clock.now_ms(), patience_ms
    )


def test_a_transaction_left_open_is_found_and_gone_once_it_is_aborted(
    bootstrap_servers: tuple[str, ...], topic: MakeTopic
) -> None:
    name = topic()
    sender = producer(
        bootstrap_servers,
        **{
            "transactional.id": name,
            "transaction.timeout.ms": 60_000,
            "message.timeout.ms": 30_000,
        },
    )
    sender.init_transactions(20)
    sender.begin_transaction()
    sender.produce(name, b"one")
    sender.produce(name, b"two")
    assert sender.flush(20) == 0
    (found,) = judged(bootstrap_servers, name)
    assert (found.check, found.level) == ("open-transactions", "warning")
    assert f"Transaction {name}" in found.text
    assert f"2 records of {name}-0" in found.text
    assert wrong(judged(bootstrap_servers, name, patience_ms=60_000)) == []
    sender.abort_transaction(20)
    wait_until(
        lambda: wrong(judged(bootstrap_servers, name)) == [], 20, "nothing is held back any more"
    )


def test_a_hanging_transaction_is_found_and_its_mend_ends_it(
    bootstrap_servers: tuple[str, ...], topic: MakeTopic
) -> None:
    name = topic()
    leave_hanging(bootstrap_servers, name)
    (found,) = judged(bootstrap_servers, name)
    assert (found.check, found.level) == ("hanging-transactions", "problem")
    assert f"{name}-0 from offset 0" in found.text
    carry_out(found.mend)
    assert wrong(judged(bootstrap_servers, name)) == []


def leave_hanging(servers: tuple[str, ...], name: str) -> None:
    """Write to a transaction that no coordinator has heard of, as a bug of old brokers let happen.

    The leader would ask the coordinator first (KIP-890), so that is switched off meanwhile.
    """
    (partition,) = facts(servers, name).partitions
    client = KafkaAdminClient(bootstrap_servers=list(servers))
    verification = "transaction.partition.verification.enable"
    leader = ConfigResource(
        ConfigResourceType.BROKER, str(partition.leader), configs={verification: "false"}
    )
    try:
        client.alter_configs([leader])
        wait_until(
            lambda: write_without_coordinator(client, partition.leader, name),
            20,
            "the leader takes records of a transaction without asking its coordinator",
        )
    finally:
        client.reset_configs([leader])
        client.close()


def write_without_coordinator(client: Any, leader: int | None, name: str) -> bool:
    batch = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=True,
        producer_id=1_000_000 + secrets.randbelow(1_000_000),
        producer_epoch=0,
        base_sequence=0,
        batch_size=10_000,
    )
    batch.append(0, clock.now_ms(), b"key", b"value", [])
    data = ProduceRequest.TopicProduceData
    records = data.PartitionProduceData(index=0, records=bytes(batch.build()))
    request = ProduceRequest(
        transactional_id=name,
        acks=-1,
        timeout_ms=5000,
        topic_data=[data(name=name, partition_data=[records])],
        max_version=9,
    )
    answer = client._manager.run(client._manager.send, request, leader)
    return bool(answer.responses[0].partition_responses[0].error_code == 0)
