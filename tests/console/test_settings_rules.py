"""Settings as brokers describe them, and what one may be changed to: no Kafka, no page."""

from typing import Any

import pytest

from kafka_workshop.console.managing.monitors import why_not_set
from kafka_workshop.console.managing.rules import check, editable
from kafka_workshop.console.managing.settings import Setting, inherit, settings_of
from kafka_workshop.console.outgoing import NotAllowed


def described(source: str, value: str | None, *synonyms: tuple[str, str], **more: Any) -> Any:
    """A setting in the words of kafka-python's admin client."""
    told = [{"name": "any", "source": s, "value": v} for s, v in synonyms]
    return {"config_source": source, "value": value, "synonyms": told, **more}


OWN, FILE, DEFAULT = "DYNAMIC_TOPIC_CONFIG", "STATIC_BROKER_CONFIG", "DEFAULT_CONFIG"


def of_topic(told: Any, name: str = "min.insync.replicas") -> Setting:
    (setting,) = settings_of("topic", {name: told})
    return setting


def test_a_topics_own_value_stands_beside_that_of_the_broker_and_not_of_kafka() -> None:
    values = ((OWN, "3"), (FILE, "2"), (DEFAULT, "1"))
    setting = of_topic(described(OWN, "3", *values, config_type="INT"))
    assert (setting.value, setting.source, setting.own) == ("3", "topic", True)
    assert (setting.otherwise, setting.otherwise_from) == ("2", "file")
    assert setting.type == "INT"


def test_a_brokers_value_stands_beside_kafkas_default() -> None:
    values = (("DYNAMIC_BROKER_CONFIG", "3"), (FILE, "2"), (DEFAULT, "1"))
    told = {"min.insync.replicas": described("DYNAMIC_BROKER_CONFIG", "3", *values)}
    (setting,) = settings_of("broker", told)
    assert (setting.source, setting.own) == ("broker", True)
    assert (setting.otherwise, setting.otherwise_from) == ("1", "default")


def test_what_nobody_set_is_its_own_default() -> None:
    setting = of_topic(described(DEFAULT, "1"))
    assert (setting.own, setting.otherwise, setting.otherwise_from) == (False, "1", "default")


def test_a_secret_has_no_value_and_no_synonym_that_tells_it() -> None:
    told = described(FILE, "hunter2", (FILE, "hunter2"), (DEFAULT, "x"), is_sensitive=True)
    setting = of_topic(told, "ssl.key.password")
    assert (setting.value, setting.otherwise) == (None, None)
    assert not editable("topic", setting)


@pytest.mark.parametrize(
    ("brokers", "value", "source"),
    [
        ({"log.retention.hours": "168"}, "604800000", "file"),
        ({"log.retention.hours": "168", "log.retention.minutes": "2"}, "120000", "file"),
        ({"log.retention.ms": "5", "log.retention.minutes": "2"}, "5", "file"),
        ({"log.retention.hours": "-1"}, "-1", "file"),
    ],
)
def test_retention_is_inherited_from_the_finest_name_that_the_broker_sets(
    brokers: dict[str, str], value: str, source: str
) -> None:
    known = settings_of("broker", {name: described(FILE, v) for name, v in brokers.items()})
    own = of_topic(described(OWN, "1000", (OWN, "1000")), "retention.ms")
    plain = of_topic(described(DEFAULT, "604800000"), "retention.ms")
    (changed, inherited) = inherit((own, plain), known)
    assert (changed.value, changed.source, changed.otherwise) == ("1000", "topic", value)
    assert changed.otherwise_from == source
    assert (inherited.source, inherited.own) == (source, False)


def test_without_a_broker_to_ask_the_default_stays_unknown() -> None:
    own = of_topic(described(OWN, "1000", (OWN, "1000")), "retention.ms")
    (same,) = inherit((own,), ())
    assert (same.otherwise, same.otherwise_from) == (None, "")


@pytest.mark.parametrize(
    ("name", "kind", "value", "said"),
    [
        ("retention.ms", "LONG", "a week", "retention.ms=a week"),
        ("retention.ms", "LONG", "-2", r"from -1 to 9223372036854775807 \(-1: no limit\)"),
        ("retention.ms", "LONG", "1" * 20, "whole number"),
        ("retention.ms", "LONG", "", "whole number"),
        ("retention.ms", "LONG", "٣", "whole number"),
        ("segment.bytes", "INT", "1000", "from 1048576 to 2147483647"),
        ("min.insync.replicas", "INT", "4", "from 1 to 3"),
        ("min.insync.replicas", "INT", "0", "from 1 to 3"),
        ("cleanup.policy", "LIST", "compact,remove", "Allowed: delete, compact"),
        ("cleanup.policy", "LIST", "", "Allowed: delete, compact"),
        ("compression.type", "STRING", "rar", "zstd"),
        ("preallocate", "BOOLEAN", "yes", "true, false"),
        ("min.cleanable.dirty.ratio", "DOUBLE", "1.5", "from 0 to 1"),
        ("min.cleanable.dirty.ratio", "DOUBLE", "nan", "a number"),
        ("follower.replication.throttled.replicas", "LIST", "x" * 1001, "1000 characters"),
        ("follower.replication.throttled.replicas", "LIST", "0:1\n", "invisible"),
    ],
)
def test_a_value_out_of_range_is_refused_with_what_is_allowed(
    name: str, kind: str, value: str, said: str
) -> None:
    with pytest.raises(NotAllowed, match=said):
        check(Setting(name, "1", "topic", type=kind), value, replicas=3)


@pytest.mark.parametrize(
    ("name", "kind", "value"),
    [
        ("retention.ms", "LONG", "-1"),
        ("segment.bytes", "INT", str(2**20)),
        ("min.insync.replicas", "INT", "3"),
        ("cleanup.policy", "LIST", "compact, delete"),
        ("min.cleanable.dirty.ratio", "DOUBLE", "0.5"),
        ("unclean.leader.election.enable", "BOOLEAN", "false"),
        ("log.cleaner.threads", "INT", "-3"),  # unknown here: Kafka has the last word
    ],
)
def test_what_is_allowed_is_let_through(name: str, kind: str, value: str) -> None:
    check(Setting(name, "1", "topic", type=kind), value, replicas=3)


@pytest.mark.parametrize(
    ("name", "read_only", "allowed"),
    [
        ("log.cleaner.threads", False, True),
        ("log.dirs", True, False),
        ("advertised.listeners", False, False),
        ("listener.name.x.ssl.keystore.location", False, False),
        ("ssl.truststore.location", False, False),
    ],
)
def test_what_would_cut_a_broker_off_is_not_changed_here(
    name: str, read_only: bool, allowed: bool
) -> None:
    assert editable("broker", Setting(name, "1", "file", read_only=read_only)) is allowed


@pytest.mark.parametrize(
    ("topic", "setting", "value", "refused"),
    [
        ("monitor.state.account", "cleanup.policy", "delete", True),
        ("monitor.state.account", "cleanup.policy", None, True),
        ("monitor.state.account", "cleanup.policy", "compact", False),
        ("pay.night.monitor.state.merchant", "cleanup.policy", "compact,delete", True),
        ("monitor.state.account", "segment.ms", "1000", False),
        ("orders", "cleanup.policy", "delete", False),
    ],
)
def test_the_state_of_a_stage_stays_compacted(
    topic: str, setting: str, value: str | None, refused: bool
) -> None:
    assert bool(why_not_set(topic, setting, value)) is refused
