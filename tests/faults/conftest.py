"""One cluster for all faults, apart from the one that the other tests share.

Everything that a fault needs is there from the start: each broker behind a wire, one of them on a
small disk of its own.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.nodes import ZOOKEEPER
from kafka_workshop.settings import ClusterSettings
from tests.faults.disk import DISK_BYTES, ON_THE_SMALL_DISK, SmallDisk
from tests.faults.results import Results
from tests.faults.scene import BROKERS, Scene
from tests.faults.wires import Wires
from tests.support.cluster import Overrides, RealCluster, test_settings


@pytest.fixture(scope="session")
def results(pytestconfig: pytest.Config) -> Iterator[Results]:
    """What the faults of this run measure; written to `results/` at the end."""
    collected = Results("long" if pytestconfig.getoption("--long") else "short")
    yield collected
    collected.write()


@pytest.fixture(scope="package")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The cluster, of the coordination that `WORKSHOP_TEST_COORDINATION` names."""
    settings = test_settings(tmp_path_factory.mktemp("faults"))
    disk = SmallDisk(RunFolders(settings.data).data_of(ON_THE_SMALL_DISK), DISK_BYTES)
    wires = Wires()
    with ExitStack() as stack:
        disk.mount()
        stack.callback(disk.unmount)
        cluster = RealCluster(settings, wired(wires, settings))
        stack.enter_context(wires)
        stack.callback(cluster.stop)
        cluster.start()
        yield Scene(cluster, wires, disk)


def wired(wires: Wires, settings: ClusterSettings) -> Overrides:
    """Lay a wire to each broker and to ZooKeeper; return the properties that lead through them.

    KRaft's controllers speak past the wires, so there only the broker in a node is cut off.
    """
    ports = dict(zip(BROKERS, settings.broker_ports, strict=True))
    laid = {name: f"PLAINTEXT://127.0.0.1:{wires.lay(name, port)}" for name, port in ports.items()}
    if settings.kraft:
        return {name: {"advertised.listeners": wire} for name, wire in laid.items()}
    keeper = f"127.0.0.1:{wires.lay(ZOOKEEPER, settings.zookeeper_port)}"
    return {
        name: {"advertised.listeners": wire, "zookeeper.connect": keeper}
        for name, wire in laid.items()
    }
