"""Formatting KRaft's storage, with a stand-in for Kafka's tool: its own runs in tests/cluster."""

import asyncio
import re
import sys
from pathlib import Path

import psutil
import pytest

from kafka_workshop.clock import Deadline
from kafka_workshop.cluster import kraft
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.kraft import MajorityLost, Storage, StrayData
from kafka_workshop.errors import ServiceFailed

# As Kafka's tool: some files first, `meta.properties` last.
TOOL = """
import sys, pathlib
cluster, config = sys.argv[1:]
folder = pathlib.Path(config).read_text().strip()
pathlib.Path(folder, "bootstrap").write_text("x")
pathlib.Path(folder, "meta.properties").write_text(f"version=1\\ncluster.id={cluster}\\n")
"""
REFUSING = "import sys; print('no room', flush=True); sys.exit(3)"
NAMES = ("broker-1", "broker-2", "broker-3")


@pytest.fixture
def folders(tmp_path: Path) -> RunFolders:
    made = RunFolders(tmp_path / "run")
    made.make()
    return made


def format_nodes(folders: RunFolders, tool: str = TOOL) -> None:
    storages = [Storage(name, folders.kraft_data_of(name), str) for name in NAMES]

    def command(cluster: str, config: Path) -> list[str]:
        return [sys.executable, "-c", tool, cluster, str(config)]

    asyncio.run(kraft.format_all(storages, folders, command))


def clusters(folders: RunFolders) -> set[str]:
    texts = [(folders.kraft_data_of(n) / "meta.properties").read_text() for n in NAMES]
    return {line for text in texts for line in text.splitlines() if "cluster.id" in line}


def test_three_nodes_are_formatted_for_one_cluster(folders: RunFolders) -> None:
    format_nodes(folders)
    assert len(clusters(folders)) == 1
    assert sorted(p.name for p in folders.kraft_data_of("").iterdir()) == list(NAMES)


def test_what_is_formatted_is_left_as_it_is(folders: RunFolders) -> None:
    format_nodes(folders)
    before = clusters(folders)
    (folders.kraft_data_of("broker-2") / "segment").write_text("messages")
    format_nodes(folders, REFUSING)
    assert clusters(folders) == before
    assert (folders.kraft_data_of("broker-2") / "segment").read_text() == "messages"


def test_an_interrupted_format_is_begun_anew(folders: RunFolders) -> None:
    half = folders.kraft_data_of("broker-1.formatting")
    half.mkdir(parents=True)
    (half / "bootstrap").write_text("half")
    folders.kraft_data_of("broker-2").mkdir()
    format_nodes(folders)
    assert not half.exists()
    assert all(kraft.is_formatted(folders.kraft_data_of(name)) for name in NAMES)


def test_a_node_whose_folder_was_lost_joins_the_same_cluster(folders: RunFolders) -> None:
    format_nodes(folders)
    before = clusters(folders)
    folders.kraft_data_of("broker-1").rename(folders.root / "lost")
    format_nodes(folders)
    assert clusters(folders) == before


def test_nodes_without_memory_do_not_outvote_the_one_that_has_it(folders: RunFolders) -> None:
    format_nodes(folders)
    used = folders.kraft_data_of("broker-2") / kraft.STARTED
    used.parent.mkdir()
    used.write_text("{}")
    for name in ("broker-1", "broker-3"):
        folders.kraft_data_of(name).rename(folders.root / f"lost-{name}")
    with pytest.raises(MajorityLost, match="broker-1, broker-3 is gone"):
        format_nodes(folders)
    assert not folders.kraft_data_of("broker-1").exists()


def test_a_first_format_that_one_node_ended_is_gone_on_with(folders: RunFolders) -> None:
    format_nodes(folders)
    before = clusters(folders)
    for name in ("broker-1", "broker-3"):
        folders.kraft_data_of(name).rename(folders.root / f"lost-{name}")
    format_nodes(folders)
    assert clusters(folders) == before


def test_data_that_no_node_formatted_is_not_touched(folders: RunFolders) -> None:
    stray = folders.kraft_data_of("broker-3")
    stray.mkdir(parents=True)
    (stray / "segment").write_text("messages")
    with pytest.raises(StrayData, match=re.escape(str(stray))):
        format_nodes(folders)
    assert [p.name for p in folders.kraft_data_of("").iterdir()] == ["broker-3"]
    assert (stray / "segment").read_text() == "messages"


def test_a_refusal_says_what_the_tool_said(folders: RunFolders) -> None:
    with pytest.raises(ServiceFailed, match=r"broker-\d could not be formatted:\n    no room"):
        format_nodes(folders, REFUSING)
    assert not any(kraft.is_formatted(folders.kraft_data_of(name)) for name in NAMES)


def test_an_end_that_is_asked_for_ends_the_tool_too(folders: RunFolders) -> None:
    storage = Storage("broker-1", folders.kraft_data_of("broker-1"), str)
    pid_file = folders.run / "pid"
    waiting = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"

    async def cancelled() -> None:
        command = [sys.executable, "-c", waiting, str(pid_file)]
        task = asyncio.create_task(kraft.format_all([storage], folders, lambda *_: command))
        deadline = Deadline(20)
        while not (pid_file.exists() and pid_file.read_text()):
            assert not deadline.expired, "the tool has not started within 20 s"
            await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(cancelled())
    assert not psutil.pid_exists(int(pid_file.read_text()))
    assert not storage.folder.exists()


def test_a_cluster_id_is_as_kafkas() -> None:
    made = {kraft.new_cluster_id() for _ in range(500)}
    assert len(made) == 500
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{21}", each) for each in made)
