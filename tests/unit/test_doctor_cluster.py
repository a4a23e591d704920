"""The doctor's judgement of a cluster, from facts as Kafka tells them."""

from dataclasses import replace
from typing import Any

import pytest

from kafka_workshop.cluster.states import Status
from kafka_workshop.doctor import brokers, clocks, groups, partitions, retention, transactions
from kafka_workshop.doctor.asking import controller_of, probe_all
from kafka_workshop.doctor.facts import (
    LEADERLESS,
    Answer,
    Broker,
    Cluster,
    Disk,
    Group,
    OpenProducer,
    Partition,
    Transaction,
)
from kafka_workshop.doctor.finding import Finding
from kafka_workshop.doctor.running import Running, Way
from kafka_workshop.messaging.reach import Problem
from tests.support.machine import free_ports

SERVERS = ("127.0.0.1:9091", "127.0.0.1:9092", "127.0.0.1:9093")
READY = tuple(
    Status(name, "ready", 1, (), 0, None, 0.0, 0) for name in ("broker-1", "broker-2", "consumer")
)
NATIVE = Running(Way.NATIVE, SERVERS, READY)
COMPOSE = Running(Way.COMPOSE, SERVERS)
ELSEWHERE = Running(Way.ELSEWHERE, SERVERS)
SERVICES = {1: "broker-1", 2: "broker-2", 3: "broker-3"}
NOW_MS = 1_700_000_000_000
GB = 10**9

BROKERS = tuple(Broker(i, "127.0.0.1", 9090 + i) for i in (1, 2, 3))
CONFIG = {
    "cleanup.policy": "delete",
    "min.insync.replicas": "2",
    "retention.bytes": "100000000",
    "segment.bytes": "25000000",
}
WELL = Cluster(
    BROKERS,
    controller=2,
    partitions=tuple(
        Partition("t", i, 1 + i, (1, 2, 3), (1, 2, 3), high=10, stable=10) for i in (0, 1)
    ),
    configs={"t": CONFIG},
    reach=dict.fromkeys(SERVICES, Problem.NOT_KAFKA),
    answers=dict.fromkeys(SERVICES, Answer(disks=(Disk(100 * GB, 50 * GB, 1000),))),
)


def with_partition(**changes: Any) -> Cluster:
    """Return the cluster whose first partition is different."""
    first, *rest = WELL.partitions
    return replace(WELL, partitions=(replace(first, **changes), *rest))


def without(broker: int) -> Cluster:
    """Return the cluster after a broker has left for good."""
    return replace(
        WELL,
        brokers=tuple(b for b in BROKERS if b.id != broker),
        answers={i: a for i, a in WELL.answers.items() if i != broker},
    )


def all_of(cluster: Cluster, where: Running = NATIVE) -> list[Finding]:
    return [
        *brokers.judge_brokers(cluster, SERVICES, where),
        brokers.judge_controller(cluster, where),
        *brokers.judge_listeners(cluster, where),
        *partitions.judge_partitions(cluster, where),
        *partitions.judge_told(cluster),
        *transactions.judge_transactions(cluster, where, NOW_MS),
        *retention.judge_retention(cluster, where),
        *groups.judge_groups(cluster, "monitor", where),
        *clocks.judge_clocks(cluster, NOW_MS),
    ]


def wrong(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.check, finding.level) for finding in findings if finding.level != "ok"]


def test_a_cluster_that_is_well_is_found_well() -> None:
    assert wrong(all_of(WELL)) == []
    assert all(finding.mend == "" for finding in all_of(WELL))


@pytest.mark.parametrize("where", [NATIVE, COMPOSE, ELSEWHERE], ids=lambda where: where.way.value)
@pytest.mark.parametrize(
    ("cluster", "expected"),
    [
        (without(3), [("brokers", "problem")]),
        (replace(WELL, controller=None), [("controller", "problem")]),
        (replace(WELL, controller=9), [("controller", "problem")]),
        (with_partition(leader=None), [("offline-partitions", "problem")]),
        (with_partition(isr=(1,)), [("under-min-isr-partitions", "problem")]),
        (with_partition(isr=(1, 2)), [("under-replicated-partitions", "warning")]),
        (with_partition(newest_ms=NOW_MS + 61_000), [("clocks", "warning")]),
        (with_partition(newest_ms=NOW_MS + 59_000), []),
        (
            replace(WELL, configs={"t": CONFIG | {"retention.bytes": "-1"}}),
            [("unbounded-topics", "warning")],
        ),
        (
            replace(WELL, configs={"t": CONFIG | {"retention.bytes": str(10 * GB)}}),
            [("retention", "problem")],
        ),
        (
            replace(
                WELL,
                configs={"t": CONFIG | {"retention.bytes": "-1", "cleanup.policy": "compact"}},
            ),
            [],
        ),
    ],
)
def test_each_trouble_is_found_alone_and_says_what_mends_it(
    cluster: Cluster, expected: list[tuple[str, str]], where: Running
) -> None:
    findings = all_of(cluster, where)
    assert wrong(findings) == expected
    assert all(finding.mend for finding in findings if finding.level != "ok")


def test_the_mend_names_the_service_in_the_way_that_the_system_runs() -> None:
    for where, mend in (
        (NATIVE, "./workshop start broker-3"),
        (COMPOSE, "docker-compose restart broker-3"),
        (ELSEWHERE, "start again: broker-3"),
    ):
        (found,) = brokers.judge_brokers(without(3), SERVICES, where)
        assert found.mend == mend
    # A service that runs and is not where it should be is stuck: to start it would do nothing.
    (stuck,) = brokers.judge_brokers(without(2), SERVICES, NATIVE)
    assert stuck.mend == "./workshop restart broker-2"
    silence = brokers.judge_silence(NATIVE, SERVICES, {"127.0.0.1:9091": Problem.REFUSED})
    assert silence.mend == "./workshop restart broker-1 broker-2 && ./workshop start broker-3"
    behind = replace(without(3), partitions=with_partition(isr=(1, 2)).partitions)
    (lagging,) = partitions.judge_partitions(behind, NATIVE)
    assert lagging.mend == "./workshop start broker-3"


def test_too_few_replicas_for_good_is_told_from_a_broker_that_is_away() -> None:
    (alone,) = partitions.judge_partitions(with_partition(replicas=(1,), isr=(1,)), NATIVE)
    assert alone.check == "under-min-isr-partitions"
    assert "replication factor" in alone.mend


@pytest.mark.parametrize(
    ("leaders", "controller"),
    [
        ((None, None), 1),
        ((), 1),
        ((3, 3), 3),
        ((LEADERLESS, None), 1),
        ((LEADERLESS, 3), 3),
        ((LEADERLESS, LEADERLESS), None),
    ],
    ids=[
        "zookeeper",
        "nobody told",
        "a quorum",
        "zookeeper and a broker in trouble",
        "one that could not ask",
        "no quorum",
    ],
)
def test_with_kraft_the_controller_is_who_leads_the_quorum(
    leaders: tuple[int | None, ...], controller: int | None
) -> None:
    told = {i: Answer(leader=leader) for i, leader in enumerate(leaders, 1)}
    found = controller_of(1, told)
    assert found == controller
    lost = wrong(all_of(replace(WELL, controller=found)))
    assert lost == ([] if controller else [("controller", "problem")])


def test_a_registered_broker_that_does_not_answer_is_down_at_the_address_of_the_settings() -> None:
    dead = replace(
        WELL,
        answers={1: WELL.answers[1], 2: WELL.answers[2]},
        reach={**WELL.reach, 3: Problem.REFUSED},
    )
    assert wrong(all_of(dead)) == [("brokers", "problem")]
    silent = replace(dead, reach=WELL.reach)
    (found,) = brokers.judge_brokers(silent, SERVICES, NATIVE)
    assert "the port is open" in found.text
    assert found.mend == "./workshop start broker-3"


def test_an_advertised_listener_that_a_client_cannot_reach_is_found() -> None:
    (closed,) = free_ports(1)
    advertised = replace(WELL, brokers=(*BROKERS[:2], Broker(3, "127.0.0.1", closed)))
    reach = probe_all([advertised.brokers[2]])
    assert reach == {3: Problem.REFUSED}
    facts = replace(
        advertised, reach={**WELL.reach, **reach}, answers={i: WELL.answers[i] for i in (1, 2)}
    )
    findings = all_of(facts)
    assert wrong(findings) == [("advertised-listeners", "problem")]
    (found,) = [finding for finding in findings if finding.level == "problem"]
    assert f"127.0.0.1:{closed}" in found.text
    assert "advertised.listeners" in found.mend


def test_a_name_that_this_machine_does_not_know_is_said_so() -> None:
    facts = replace(
        WELL,
        brokers=(*BROKERS[:2], Broker(3, "broker-3", 29092)),
        reach={**WELL.reach, 3: Problem.UNRESOLVED},
    )
    (found,) = brokers.judge_listeners(facts, COMPOSE)
    assert "broker-3:29092" in found.text
    assert "name is not known" in found.text


@pytest.mark.parametrize(
    "cluster", [with_partition(high=None, stable=None), replace(WELL, configs={})]
)
def test_what_nobody_told_is_said_and_not_called_well(cluster: Cluster) -> None:
    findings = all_of(cluster)
    assert wrong(findings) == [("partitions-untold", "warning")]
    assert "t-0" in next(finding.text for finding in findings if finding.level != "ok")


def test_without_any_answer_about_offsets_or_configs_nothing_is_claimed_of_them() -> None:
    mute = tuple(replace(p, high=None, stable=None) for p in WELL.partitions)
    findings = all_of(replace(WELL, partitions=mute, configs={}))
    assert {"open-transactions", "retention"} & {finding.check for finding in findings} == set()


# Transactions

HELD = with_partition(stable=4)
ONGOING = Transaction("pay", 2, 77, "Ongoing", NOW_MS - 40_000, 60_000)
OPEN = OpenProducer("t", 0, 77, 3, 4)


def test_a_transaction_that_is_open_for_long_is_a_warning_with_what_it_holds_back() -> None:
    facts = replace(HELD, transactions=(ONGOING,), producers=(OPEN,))
    (found,) = transactions.judge_transactions(facts, NATIVE, NOW_MS)
    assert (found.check, found.level) == ("open-transactions", "warning")
    assert "pay" in found.text
    assert "6 records of t-0" in found.text


def test_a_transaction_of_a_second_is_the_work_of_every_day() -> None:
    young = replace(ONGOING, started_ms=NOW_MS - 1000)
    facts = replace(HELD, transactions=(young,), producers=(OPEN,))
    assert wrong(transactions.judge_transactions(facts, NATIVE, NOW_MS)) == []


def test_one_that_outlives_its_timeout_is_a_problem_of_its_coordinator() -> None:
    old = replace(ONGOING, started_ms=NOW_MS - 100_000)
    facts = replace(HELD, transactions=(old,), producers=(OPEN,))
    (found,) = transactions.judge_transactions(facts, NATIVE, NOW_MS)
    assert found.level == "problem"
    assert "./workshop restart broker-2" in found.mend


def test_one_that_no_coordinator_knows_is_hanging() -> None:
    other = replace(ONGOING, producer=78, started_ms=NOW_MS)
    facts = replace(HELD, transactions=(other,), producers=(OPEN,))
    (found,) = transactions.judge_transactions(facts, NATIVE, NOW_MS)
    assert (found.check, found.level) == ("hanging-transactions", "problem")
    assert "-t t -p 0 --producer-id 77 --producer-epoch 3" in found.mend


def test_nothing_is_called_hanging_while_a_coordinator_is_silent() -> None:
    facts = replace(HELD, transactions=None, producers=(OPEN,))
    (found,) = transactions.judge_transactions(facts, NATIVE, NOW_MS)
    assert (found.check, found.level) == ("open-transactions", "warning")


# Retention


def test_brokers_on_one_disk_do_not_count_its_room_three_times() -> None:
    # Two partitions of three replicas: 60 GB where one disk has 50, three have 150.
    wide = CONFIG | {"retention.bytes": str(10 * GB), "segment.bytes": "0"}
    facts = replace(WELL, configs={"t": wide})
    assert wrong(retention.judge_retention(facts, NATIVE)) == [("retention", "problem")]
    apart = replace(facts, brokers=tuple(Broker(b.id, f"host-{b.id}", b.port) for b in BROKERS))
    assert wrong(retention.judge_retention(apart, NATIVE)) == []


def test_what_partitions_have_already_is_room_of_theirs() -> None:
    full = Answer(disks=(Disk(100 * GB, 0, 25 * GB),))
    facts = replace(WELL, answers=dict.fromkeys(SERVICES, full))
    assert wrong(retention.judge_retention(facts, NATIVE)) == []


# Groups


@pytest.mark.parametrize(
    ("group", "where", "mend"),
    [
        ("monitor", NATIVE, "./workshop restart consumer"),
        ("monitor", Running(Way.NATIVE, SERVERS), "./workshop start consumer"),
        ("monitor", COMPOSE, "docker-compose restart consumer"),
        ("monitor", ELSEWHERE, "ACTION=consumer ./run.sh"),
        ("mine", NATIVE, "ACTION=consumer CONSUMER_GROUP=mine ./run.sh"),
        ("monitor.merchant", COMPOSE, "docker-compose restart consumer-merchant"),
        ("monitor.merchant", ELSEWHERE, "ACTION=consumer STAGE=merchant ./run.sh"),
        ("x.merchant", NATIVE, "ACTION=consumer STAGE=merchant CONSUMER_GROUP=x ./run.sh"),
    ],
)
def test_a_group_without_members_but_with_lag_says_what_to_start(
    group: str, where: Running, mend: str
) -> None:
    facts = replace(
        WELL, answers={1: Answer(groups=(Group(group, 0, {("t", 0): 4, ("t", 1): 9}),))}
    )
    (found,) = groups.judge_groups(facts, "monitor", where)
    assert found.level == "warning"
    assert "7 records" in found.text
    assert found.mend == mend


@pytest.mark.parametrize(
    "group",
    [
        Group("at work", 1, {("t", 0): 0}),
        Group("done", 0, {("t", 0): 10, ("t", 1): 10}),
        Group("of a topic that is gone", 0, {("gone", 0): 0}),
    ],
)
def test_a_group_with_members_or_without_lag_is_well(group: Group) -> None:
    facts = replace(WELL, answers={1: Answer(groups=(group,))})
    assert wrong(groups.judge_groups(facts, "monitor", NATIVE)) == []
