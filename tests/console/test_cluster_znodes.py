"""The tree of a real ZooKeeper, which is only read."""

import json

import pytest

from kafka_workshop.console.zookeeper.reading import Znodes
from kafka_workshop.console.zookeeper.znodes import ROOT
from tests.support.cluster import RealCluster

pytestmark = [pytest.mark.cluster, pytest.mark.zookeeper]


def test_the_tree_of_a_real_zookeeper_is_read(cluster: RealCluster) -> None:
    znodes = Znodes((f"127.0.0.1:{cluster.settings.zookeeper_port}",))
    znodes.open()
    try:
        tree = znodes.look({"/brokers", "/brokers/ids"}, "/brokers/ids/1")
        assert tree.election.brokers == (1, 2, 3)
        assert tree.election.controller in (1, 2, 3)
        assert tree.election.epoch is not None
        assert tree.chosen is not None
        assert json.loads(tree.chosen.data)["port"] in cluster.settings.broker_ports
        ephemeral = {row.znode.path for row in tree.rows if row.znode.owner}
        assert ephemeral >= {"/controller", "/brokers/ids/1", "/brokers/ids/2", "/brokers/ids/3"}
        assert next(row for row in tree.rows if row.znode.path == "/brokers").znode.data == b""
        assert znodes.look((), "/not/there").chosen is None
        assert znodes.look((), ROOT).rows[0].open
    finally:
        znodes.release()
