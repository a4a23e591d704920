"""Server properties as text."""

from pathlib import Path

import pytest

from kafka_workshop.cluster import properties


def parsed(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


def broker_properties(storage: int = 2_000_000_000) -> dict[str, str]:
    text = properties.broker(2, "127.0.0.1", 9092, "127.0.0.1:2181", Path("/data/b2"), storage)
    return parsed(text)


def test_properties_are_sorted_one_setting_a_line() -> None:
    assert properties.render({"b": True, "a": 1}) == "a=1\nb=true\n"


@pytest.mark.parametrize(
    ("folder", "written"),
    [
        ("/data/Área de Trabalho", r"/data/\u00c1rea de Trabalho"),
        ("/data/praça ☕ 𝛼", r"/data/pra\u00e7a \u2615 \ud835\udefc"),
        ("/data/a\\b", r"/data/a\\b"),
    ],
)
def test_java_reads_the_name_of_a_folder_as_it_is(folder: str, written: str) -> None:
    text = properties.broker(2, "127.0.0.1", 9092, "127.0.0.1:2181", Path(folder), 2 * 10**9)
    assert parsed(text)["log.dirs"] == written
    assert parsed(properties.zookeeper("127.0.0.1", 2181, Path(folder)))["dataDir"] == written
    assert text.isascii()


def test_a_broker_is_who_and_where_it_should_be() -> None:
    broker = broker_properties()
    assert broker["broker.id"] == "2"
    assert broker["listeners"] == broker["advertised.listeners"] == "PLAINTEXT://127.0.0.1:9092"
    assert broker["log.dirs"] == "/data/b2"
    assert broker["zookeeper.connect"] == "127.0.0.1:2181"


def test_every_topic_has_three_replicas_two_in_sync_internal_ones_too() -> None:
    broker = broker_properties()
    for name in (
        "default.replication.factor",
        "offsets.topic.replication.factor",
        "transaction.state.log.replication.factor",
    ):
        assert broker[name] == "3", name
    assert broker["min.insync.replicas"] == "2"
    assert broker["transaction.state.log.min.isr"] == "2"


def test_nothing_is_created_or_lost_behind_ones_back() -> None:
    broker = broker_properties()
    assert broker["auto.create.topics.enable"] == "false"
    assert broker["unclean.leader.election.enable"] == "false"


def test_a_topic_made_by_hand_is_bounded_in_bytes() -> None:
    broker = broker_properties(storage=1_000_000_000)
    assert 0 < int(broker["log.retention.bytes"]) <= 10_000_000
    assert 0 < int(broker["log.segment.bytes"]) <= int(broker["log.retention.bytes"])


def test_zookeeper_listens_on_the_loopback_and_answers_srvr() -> None:
    zookeeper = parsed(properties.zookeeper("127.0.0.1", 2181, Path("/data/zk")))
    assert zookeeper["clientPortAddress"] == "127.0.0.1"
    assert zookeeper["clientPort"] == "2181"
    assert zookeeper["4lw.commands.whitelist"] == "srvr"
    assert zookeeper["admin.enableServer"] == "false"


def test_java_logs_at_info_to_standard_output() -> None:
    assert parsed(properties.log4j())["log4j.rootLogger"] == "INFO, stdout"


def kraft_properties(node: int = 2, storage: int = 2_000_000_000) -> dict[str, str]:
    ports = (9191, 9192, 9193)
    folder = Path("/data/kraft/b2")
    return parsed(properties.kraft_node(node, "127.0.0.1", 9092, ports, folder, storage))


def test_a_kraft_node_is_a_broker_and_one_of_three_controllers() -> None:
    node = kraft_properties()
    assert (node["node.id"], node["process.roles"]) == ("2", "broker,controller")
    assert node["listeners"] == "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9192"
    assert node["advertised.listeners"] == "PLAINTEXT://127.0.0.1:9092"
    assert node["inter.broker.listener.name"] == "PLAINTEXT"
    assert node["controller.listener.names"] == "CONTROLLER"
    assert node["controller.quorum.voters"] == (
        "1@127.0.0.1:9191,2@127.0.0.1:9192,3@127.0.0.1:9193"
    )


def test_a_kraft_node_keeps_what_a_broker_with_zookeeper_keeps() -> None:
    broker, node = broker_properties(), kraft_properties()
    only_there = {name for name in broker if name not in node}
    assert only_there == {
        "broker.id",
        "controlled.shutdown.max.retries",
        "controlled.shutdown.retry.backoff.ms",
        "zookeeper.connect",
        "zookeeper.connection.timeout.ms",
        "zookeeper.session.timeout.ms",
    }
    same = set(broker) & set(node) - {"listeners", "log.dirs"}
    assert {name: node[name] for name in same} == {name: broker[name] for name in same}


def test_a_dead_kraft_node_is_replaced_as_soon_as_with_zookeeper() -> None:
    session = broker_properties()["zookeeper.session.timeout.ms"]
    assert kraft_properties()["broker.session.timeout.ms"] == session


def test_no_segment_is_smaller_than_kafka_4_allows() -> None:
    smallest = kraft_properties(storage=500_000_000)
    sizes = {name: int(v) for name, v in smallest.items() if name.endswith("segment.bytes")}
    assert len(sizes) == 5
    assert min(sizes.values()) >= 2**20, sizes


def test_kafka_4_logs_the_same_lines_as_3_9() -> None:
    settings = parsed(properties.log4j2())
    assert settings["rootLogger.level"] == "INFO"
    assert settings["appender.stdout.layout.pattern"].endswith(" %-5p %m (%c)%n")
