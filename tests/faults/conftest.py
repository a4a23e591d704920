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


@pytest.fixture(scope="package", params=["zookeeper"])
def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """The cluster; `params` names the ways of coordination that the faults are tried with."""
    settings = test_settings(tmp_path_factory.mktemp(f"faults-{request.param}"))
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
    """Lay a wire to each broker and to ZooKeeper; return the properties that lead through them."""
    keeper = wires.lay(ZOOKEEPER, settings.zookeeper_port)
    ports = dict(zip(BROKERS, settings.broker_ports, strict=True))
    return {
        name: {
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{wires.lay(name, port)}",
            "zookeeper.connect": f"127.0.0.1:{keeper}",
        }
        for name, port in ports.items()
    }
