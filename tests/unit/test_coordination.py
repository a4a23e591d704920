"""The choice between ZooKeeper and KRaft, and what later verbs know of it."""

import os
from pathlib import Path

import pytest

from kafka_workshop.cli import coordination, plan
from kafka_workshop.cli.coordination import CoordinatedOtherwise, Coordination
from kafka_workshop.cli.doctor import installed
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.identity import identify
from kafka_workshop.cluster.roll import Entry, Roll
from kafka_workshop.cluster.sole import sole_supervisor
from kafka_workshop.settings import ClusterSettings, cluster_settings


def settings_of(folder: Path, chosen: str) -> ClusterSettings:
    settings = cluster_settings({"WORKSHOP_DATA": str(folder), "COORDINATION": chosen})
    RunFolders(settings.data).make()
    return settings


def test_the_option_is_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    environment: dict[str, str] = {"COORDINATION": "zookeeper"}
    monkeypatch.setattr("os.environ", environment)
    coordination.choose(None)
    assert not cluster_settings(environment).kraft
    coordination.choose(Coordination.KRAFT)
    assert cluster_settings(environment).kraft


def test_later_verbs_know_which_services_the_run_has(tmp_path: Path) -> None:
    folders = RunFolders(tmp_path)
    names = ["zookeeper", "broker-1"]
    assert coordination.services_of(folders, names) == names
    coordination.note(settings_of(tmp_path, "kraft"))
    assert coordination.services_of(folders, names) == ["broker-1"]
    coordination.note(settings_of(tmp_path, "zookeeper"))
    assert coordination.services_of(folders, names) == names


def test_a_running_system_is_not_taken_for_the_other(tmp_path: Path) -> None:
    coordination.note(settings_of(tmp_path, "kraft"))
    coordination.require_same(settings_of(tmp_path, "kraft"))
    with pytest.raises(CoordinatedOtherwise, match=r"COORDINATION='zookeeper'.*has kraft"):
        coordination.require_same(settings_of(tmp_path, "zookeeper"))


def test_the_doctor_looks_at_what_runs_whatever_the_setting_says(tmp_path: Path) -> None:
    given = {"WORKSHOP_DATA": str(tmp_path)}
    kraft = settings_of(tmp_path, "kraft")
    coordination.note(kraft)
    assert "zookeeper" in installed(given).ports, "nothing runs: the next `up` has ZooKeeper"
    with sole_supervisor(RunFolders(tmp_path)):
        seen = installed(given)
    assert seen.ports == plan.ports_of(kraft)
    assert seen.jars == plan.locked_jars(kraft) != installed(given).jars
    Roll(RunFolders(tmp_path)).enter(Entry("broker-1", identify(os.getpid()), 0.0, (), 0, 1.0))
    assert installed(given).settings.kraft, "what a killed supervisor left is looked at, too"


@pytest.mark.parametrize(
    ("used", "other", "folder"),
    [("zookeeper", "kraft", "data/kraft"), ("kraft", "zookeeper", "data/zookeeper")],
)
def test_the_others_data_is_mentioned(tmp_path: Path, used: str, other: str, folder: str) -> None:
    settings = settings_of(tmp_path, used)
    assert coordination.other_data(settings) == ""
    (tmp_path / folder).mkdir(parents=True)
    assert f"--coordination {other}" in coordination.other_data(settings)


def test_each_port_that_is_checked_names_its_setting(tmp_path: Path) -> None:
    names = plan.port_settings()
    with_kraft = plan.ports_of(settings_of(tmp_path, "kraft"))
    assert {names[name] for name in with_kraft} == {
        "BROKER_PORTS",
        "CONTROLLER_PORTS",
        "CONSOLE_PORT",
    }
    assert with_kraft["the controller in broker-2"] == 9192
    with_zookeeper = plan.ports_of(settings_of(tmp_path, "zookeeper"))
    assert names["zookeeper"] == "ZOOKEEPER_PORT"
    assert len(with_kraft) == 7
    assert len(with_zookeeper) == 5
