"""One cluster for all faults, apart from the one that the other tests share.

Everything that a fault needs is there from the start: each broker behind a wire, one of them on a
small disk of its own.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.nodes import ZOOKEEPER
from kafka_workshop.settings import KRAFT, ClusterSettings
from tests.faults.disk import DISK_BYTES, ON_THE_SMALL_DISK, SmallDisk
from tests.faults.results import Results
from tests.faults.scene import BROKERS, Scene
from tests.faults.wires import Wires
from tests.support.cluster import Overrides, RealCluster, chosen_coordination, test_settings


@pytest.fixture(scope="session")
def results(pytestconfig: pytest.Config) -> Iterator[Results]:
    """What the faults of this run measure; written to `results/` at the end."""
    collected = Results("long" if pytestconfig.getoption("--long") else "short")
    yield collected
    collected.write()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With KRaft there is no ZooKeeper to lose, and a node's folder can't be a mount point."""
    if chosen_coordination() != KRAFT:
        return
    others = [item for item in items if item.get_closest_marker("zookeeper")]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


@pytest.fixture(scope="package")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The cluster, of the coordination that `WORKSHOP_TEST_COORDINATION` names."""
    settings = test_settings(tmp_path_factory.mktemp("faults"))
    disk = SmallDisk(RunFolders(settings.data).data_of(ON_THE_SMALL_DISK), DISK_BYTES)
    wires = Wires()
    with ExitStack() as stack:
        if not settings.kraft:
            disk.mount()
            stack.callback(disk.unmount)
        cluster = RealCluster(settings, wired(wires, settings))
        stack.enter_context(wires)
        stack.callback(cluster.stop)
        cluster.start()
        yield Scene(cluster, wires, disk)


def wired(wires: Wires, settings: ClusterSettings) -> Overrides:
    """Lay a wire to each server; return the properties that lead through them."""
    coordination = _voters(wires, settings) if settings.kraft else _keeper(wires, settings)
    ports = dict(zip(BROKERS, settings.broker_ports, strict=True))
    return {
        name: {
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{wires.lay(name, port)}",
            **coordination,
        }
        for name, port in ports.items()
    }


def _keeper(wires: Wires, settings: ClusterSettings) -> dict[str, str]:
    return {"zookeeper.connect": f"127.0.0.1:{wires.lay(ZOOKEEPER, settings.zookeeper_port)}"}


def _voters(wires: Wires, settings: ClusterSettings) -> dict[str, str]:
    laid = [wires.lay(name, p) for name, p in zip(BROKERS, settings.controller_ports, strict=True)]
    voters = ",".join(f"{voter}@127.0.0.1:{port}" for voter, port in enumerate(laid, 1))
    return {"controller.quorum.voters": voters}
