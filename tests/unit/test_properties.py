"""Server properties as text."""

from pathlib import Path

from kafka_workshop.cluster import properties


def parsed(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


def broker_properties(storage: int = 2_000_000_000) -> dict[str, str]:
    text = properties.broker(2, "127.0.0.1", 9092, "127.0.0.1:2181", Path("/data/b2"), storage)
    return parsed(text)


def test_properties_are_sorted_one_setting_a_line() -> None:
    assert properties.render({"b": True, "a": 1}) == "a=1\nb=true\n"


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
