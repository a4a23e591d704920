"""The doctor on the machine alone: variables, Python, memory, disk, jars, Java, ports, services."""

import hashlib
import os
import socket
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from kafka_workshop.cli.doctor import installed
from kafka_workshop.cluster import ports
from kafka_workshop.cluster.artefacts import Jar, JarCache
from kafka_workshop.cluster.identity import identify
from kafka_workshop.cluster.readiness import ZooKeeperAnswers
from kafka_workshop.cluster.roll import Entry, Roll
from kafka_workshop.cluster.sole import sole_supervisor
from kafka_workshop.cluster.states import Status
from kafka_workshop.doctor import (
    artefacts,
    examination,
    machine,
    running,
    services,
    variables,
)
from kafka_workshop.doctor.finding import Finding
from kafka_workshop.doctor.running import Running, Way
from tests.support.machine import free_ports
from tests.unit.test_ports import console_that_says

NATIVE = Running(Way.NATIVE, ("127.0.0.1:9091",))
COMPOSE = Running(Way.COMPOSE, ("127.0.0.1:9091",))
GB = 10**9


def levels(findings: list[Finding]) -> list[str]:
    return [finding.level for finding in findings]


# Variables


def test_valid_variables_are_named_and_nothing_is_taken_away() -> None:
    given = {"RATE": "500", "HOME": "/home/x"}
    findings, usable = variables.examine(given)
    assert levels(findings) == ["ok"]
    assert "RATE" in findings[0].text
    assert "HOME" not in findings[0].text
    assert usable == given


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"RATE": "fast"}, ["RATE"]),
        ({"STORAGE": "tiny", "BROKER_PORTS": "1,2", "SEED": "7"}, ["BROKER_PORTS", "STORAGE"]),
        ({"CONSOLE_HOST": "0.0.0.0"}, ["CONSOLE_HOST"]),
        ({"CONSOLE_PORT": "2181"}, ["CONSOLE_PORT"]),
        ({"BROKER_PORTS": "8087,8088,8089"}, ["CONSOLE_PORT"]),
        ({"WORKSHOP_LANG": "xx"}, ["WORKSHOP_LANG"]),
    ],
)
def test_every_variable_that_is_refused_is_found_and_the_rest_is_still_usable(
    given: Mapping[str, str], names: list[str]
) -> None:
    findings, usable = variables.examine(given)
    assert levels(findings) == ["problem"] * len(names)
    for finding, name in zip(findings, names, strict=True):
        assert finding.text.startswith(f"{name}=")
        assert finding.mend.startswith(f"unset {name}")
    assert installed(usable).settings.broker_ports
    assert ("SEED" in given) == ("SEED" in usable)


# Python, memory, disk


@pytest.mark.parametrize(
    ("version", "level"),
    [((3, 10), "warning"), ((3, 11), "ok"), ((3, 13), "ok"), ((3, 14), "warning")],
)
def test_a_python_that_was_never_tried_is_a_warning(version: tuple[int, int], level: str) -> None:
    assert machine.judge_python(version).level == level


@pytest.mark.parametrize(
    ("available", "runs", "level"),
    [
        (2 * GB, False, "ok"),
        (GB, False, "problem"),
        (GB, True, "ok"),
        (GB // 10, True, "problem"),
    ],
)
def test_memory_must_suffice_for_what_is_not_running_yet(
    available: int, runs: bool, level: str
) -> None:
    found = machine.judge_memory(available, runs)
    assert found.level == level
    assert ("BROKER_HEAP" in found.mend) == (level == "problem")


def test_a_storage_larger_than_the_disk_is_found(tmp_path: Path) -> None:
    disk = machine.look_at_disk(tmp_path / "not" / "yet")
    assert machine.judge_data_disk(disk, GB // 2).level == "ok"
    found = machine.judge_data_disk(disk, 10**15)
    assert found.level == "problem"
    assert "STORAGE=" in found.mend


def test_what_the_topics_have_already_counts_for_them(tmp_path: Path) -> None:
    (tmp_path / "data" / "broker-1").mkdir(parents=True)
    (tmp_path / "data" / "broker-1" / "0.log").write_bytes(b"x" * 1000)
    assert machine.look_at_disk(tmp_path, tmp_path / "data").used == 1000
    assert (
        machine.judge_data_disk(machine.Disk(tmp_path, free=GB, used=2 * GB), 3 * GB).level == "ok"
    )
    little = machine.judge_data_disk(machine.Disk(tmp_path, free=GB // 10, used=3 * GB), 3 * GB)
    assert little.level == "problem", "a disk that is full halts a broker whatever the budget"


def test_a_folder_that_cannot_be_written_is_found(tmp_path: Path) -> None:
    found = machine.judge_data_disk(machine.Disk(tmp_path, free=GB * 9, writable=False), GB)
    assert found.level == "problem"
    assert "WORKSHOP_DATA=" in found.mend


def test_a_cache_without_room_for_the_jars_is_found(tmp_path: Path) -> None:
    disk = machine.Disk(tmp_path, free=1000)
    assert machine.judge_cache_disk(disk, 0) is None
    assert machine.judge_cache_disk(disk, 10) is None
    found = machine.judge_cache_disk(disk, 900)
    assert found is not None
    assert "WORKSHOP_CACHE=" in found.mend


# Jars and Java


def jar(name: str, content: bytes) -> Jar:
    return Jar("org.example", name, "1.0", hashlib.sha256(content).hexdigest(), len(content))


def test_a_damaged_jar_and_an_absent_one_are_found_and_told_apart(tmp_path: Path) -> None:
    jars = (jar("one", b"first"), jar("two", b"second"), jar("three", b"third"))
    cache = JarCache(tmp_path)
    for each, content in zip(jars, (b"first", b"second", b"third"), strict=True):
        cache.path(each).write_bytes(content)
    assert levels(artefacts.check_jars(cache, jars)) == ["ok"]
    cache.path(jars[0]).write_bytes(b"firsT")
    cache.path(jars[2]).unlink()
    wrong, absent = artefacts.check_jars(cache, jars)
    assert wrong.level == "problem"
    assert jars[0].filename in wrong.text
    assert absent.level == "warning"
    assert "1 of 3" in absent.text
    assert "./workshop up" in wrong.mend + absent.mend


def test_the_java_of_the_wheel_runs() -> None:
    found = artefacts.check_java()
    assert found.level == "ok"
    assert "21." in found.text


def test_a_java_that_is_missing_or_broken_is_found(tmp_path: Path) -> None:
    broken = tmp_path / "java"
    broken.write_text("#!/bin/sh\necho cannot find libjli.so >&2\nexit 127\n")
    broken.chmod(0o755)
    for executable, reason in ((tmp_path / "none", "No such file"), (broken, "libjli")):
        found = artefacts.check_java(executable)
        assert found.level == "problem"
        assert reason in found.text
        assert found.mend


# Ports and services


def test_a_taken_port_is_found_with_who_has_it(tmp_path: Path) -> None:
    zookeeper, one, two, three, console = free_ports(5)
    environment = {
        "WORKSHOP_DATA": str(tmp_path),
        "ZOOKEEPER_PORT": str(zookeeper),
        "BROKER_PORTS": f"{one},{two},{three}",
        "CONSOLE_PORT": str(console),
    }
    assert levels(services.check_ports(installed(environment))) == ["ok"]
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", two))
        listener.listen()
        (found,) = services.check_ports(installed(environment))
    assert found.level == "problem"
    assert f"Port {two} of broker-2" in found.text
    assert f"(pid {os.getpid()})" in found.text
    assert "BROKER_PORTS=" in found.mend


def test_what_a_killed_supervisor_left_is_no_strangers(tmp_path: Path) -> None:
    installation = installed({"WORKSHOP_DATA": str(tmp_path)})
    installation.folders.make()
    orphan = Entry("broker-2", identify(os.getpid()), 0.0, (), 0, 1.0)
    Roll(installation.folders).enter(orphan)
    (found,) = services.check_unsupervised(installation)
    assert found.level == "problem"
    assert "run on without it: broker-2" in found.text
    assert "./workshop down ends them" in found.mend


def status(service: str, state: str) -> Status:
    return Status(service, state, None, (), 0, None, 0.0, 0)


@pytest.mark.parametrize(
    ("state", "level", "mend"),
    [
        ("failed", "problem", "./workshop start broker-2"),
        ("stopped", "problem", "./workshop start broker-2"),
        ("paused", "problem", "./workshop unpause broker-2"),
        ("restarting", "warning", "wait"),
        ("starting", "warning", "wait"),
    ],
)
def test_a_service_that_does_not_work_is_found_with_the_verb_that_mends_it(
    state: str, level: str, mend: str
) -> None:
    known = [status("broker-1", "ready"), status("broker-2", state), status("producer", "exited")]
    (found,) = services.judge_services(known, replace(NATIVE, statuses=tuple(known)))
    assert found.level == level
    assert mend in found.mend


def test_services_that_work_or_have_done_their_work_are_well() -> None:
    known = [status("broker-1", "ready"), status("producer", "exited")]
    assert levels(services.judge_services(known, NATIVE)) == ["ok"]


def test_a_supervisor_that_holds_the_folder_and_does_not_answer_is_found(tmp_path: Path) -> None:
    system = installed({"WORKSHOP_DATA": str(tmp_path)})
    with sole_supervisor(system.folders):
        found = running.look(system)
    assert (found.way, found.statuses) == (Way.NATIVE, None)
    said = services.judge_way(found)
    assert said.level == "problem"
    assert "./workshop down" in said.mend


def test_a_system_under_docker_compose_is_recognised_by_its_page(tmp_path: Path) -> None:
    zookeeper, one, two, three = free_ports(4)
    with console_that_says("compose") as console:
        system = installed(
            {
                "WORKSHOP_DATA": str(tmp_path),
                "ZOOKEEPER_PORT": str(zookeeper),
                "BROKER_PORTS": f"{one},{two},{three}",
                "CONSOLE_PORT": str(console),
                "BOOTSTRAP_SERVERS": "127.0.0.1:1",
            }
        )
        found = running.look(system)
    assert (found.way, found.servers) == (Way.COMPOSE, ("127.0.0.1:1",))
    assert found.revive("broker-1") == "docker-compose restart broker-1"
    assert services.judge_way(found).level == "ok"


@pytest.mark.parametrize(("published", "way"), [(3, Way.COMPOSE), (1, Way.NOWHERE)])
def test_without_its_page_docker_must_have_the_ports_of_all_brokers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, published: int, way: Way
) -> None:
    console, *brokers = free_ports(4)
    system = installed(
        {
            "WORKSHOP_DATA": str(tmp_path),
            "CONSOLE_PORT": str(console),
            "BROKER_PORTS": ",".join(map(str, brokers)),
            "BOOTSTRAP_SERVERS": "127.0.0.1:1",
        }
    )
    # Docker's own process, which there is none of where tests run.
    its_own = brokers[:published]
    monkeypatch.setattr(ports, "owner", lambda port: "docker-proxy" if port in its_own else None)
    assert running.look(system).way is way


def test_a_zookeeper_that_does_not_answer_is_found_where_there_is_to_be_one(
    tmp_path: Path,
) -> None:
    (port,) = free_ports(1)
    found = services.check_zookeeper(ZooKeeperAnswers("127.0.0.1", port), COMPOSE)
    assert found.level == "problem"
    assert found.mend == "docker-compose restart zookeeper"
    system = installed({"WORKSHOP_DATA": str(tmp_path), "ZOOKEEPER_PORT": str(port)})
    checks = [f.check for f in examination.examine_services(system, NATIVE)]
    assert services.ZOOKEEPER in checks
