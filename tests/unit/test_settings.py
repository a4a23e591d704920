"""Settings: a wrong value is refused with its name, the value and what is allowed."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from kafka_workshop import language, settings
from kafka_workshop.errors import InvalidSetting
from kafka_workshop.settings import VARIABLES

BY_NAME = {variable.name: variable for variable in VARIABLES}
LONG = "x" * 250

WHOLE = ("a whole number from", "um número inteiro de")
NUMBER = ("a number from", "um número de")
SHARE = ("a share from 0 to 0.005; 0.003 is 0.3 %", "uma fração de 0 a 0.005; 0.003 é 0,3 %")
ONE_OF = ("one of", "um de")
NAME = ("1 to 249 letters", "de 1 a 249 letras")
SERVERS = ("host:port", "host:porta")
ROLES = ("field=role", "campo=papel")
HOSTS = ("host or host:port", "host ou host:porta")
PORTS = ("three different ports", "três portas diferentes")
BYTES = ("MB or GB", "MB ou GB")
LANGUAGE = ("pt-BR or en", "pt-BR ou en")

# name -> wrong values, and what the refusal says is allowed, in English and in Portuguese
WRONG: dict[str, tuple[list[str], tuple[str, str]]] = {
    "TOPIC": (["a b", "ação", "a/b", ".", "..", LONG], NAME),
    "BOOTSTRAP_SERVERS": (
        ["localhost", "localhost:", ":9092", "localhost:0", "localhost:65536", ",", "a b:9092"],
        SERVERS,
    ),
    "CONSUMER_GROUP": (["my group", LONG, ".."], NAME),
    "KAFKA_CLIENT": (["confluent", "kafka_python", "KAFKA-PYTHON"], ONE_OF),
    "INSTANCE": (["my instance", LONG, ".."], NAME),
    "STAGE": (["Account", "terminal", "both"], ONE_OF),
    "PROCESSING": (["exactly-once", "EXACTLY_ONCE", "at_most_once"], ONE_OF),
    "FAILPOINT": (["after_lunch", "after_commit:0", "after_commit:", "before_produce:x"], ONE_OF),
    "RATE": (["0", "-1", "fast", "nan", "inf", "1e3", "1,5", "1000001"], NUMBER),
    "MAX_MESSAGES": (["-1", "1.5", "ten", "1_000", "١٢", "1000000000001"], WHOLE),
    "SEED": (["-1", "4294967296", "x"], WHOLE),
    "ACCOUNTS": (["9", "0", "1000001", "many"], WHOLE),
    "HISTORY_DAYS": (["-1", "366", "a"], WHOLE),
    "HISTORY_TRANSACTIONS": (["-1", "300001", "a"], WHOLE),
    "FRAUD_RATE": (["-0.001", "0.0051", "0.3", "0.3%", "nan", "1e-3", "0,003"], SHARE),
    "LOG_LEVEL": (["LOUD", "TRACE", "1"], ONE_OF),
    "LOG_FORMAT": (["xml", "JSON"], ONE_OF),
    "LOG_LINES": (["-1", "1000001", "all"], WHOLE),
    "CONSOLE_HOST": (["192.168.0.7", "::", "example.com"], ONE_OF),
    "CONSOLE_PORT": (["0", "65536", "http", "80.5"], WHOLE),
    "CONSOLE_ALLOW_OPEN": (["yes", "true", "2"], ONE_OF),
    "CONSOLE_NAMES": (["http://ui", "a b", "-x", "ui:port", "ui/x"], HOSTS),
    "CONSOLE_HIDDEN_FIELDS": (["ip", "=viewer", "ip=boss", "ip=analyst,holder"], ROLES),
    "CONSOLE_READ_ONLY": (["yes", "true", "2"], ONE_OF),
    "WORKSHOP_RUN": (["docker", "Native"], ONE_OF),
    "WORKSHOP_LANG": (["de", "fr_FR", "klingon"], LANGUAGE),
    "ZOOKEEPER_PORT": (["0", "65536", "zk"], WHOLE),
    "ZOOKEEPER_CONNECT": (["zookeeper", "h:0", "h:70000", "a b:2181", ","], SERVERS),
    "BROKER_PORTS": (["9091", "9091,9092", "9091,9092,9092", "9091,9092,9093,9094"], PORTS),
    "COORDINATION": (["zk", "raft", "both"], ONE_OF),
    "CONTROLLER_PORTS": (["9191", "9191,9192,9192"], PORTS),
    "BROKER_HEAP": (["1MB", "255MB", "512XB", "-1", "half", "1000TB"], BYTES),
    "STORAGE": (["499MB", "10", "2 gigabytes", "-2GB"], BYTES),
}
# Any text is a path.
ANYTHING_GOES = {
    "CONSOLE_USERS",
    "READY_FILE",
    "MONITOR_RULES",
    "MONITOR_MODEL",
    "WORKSHOP_DATA",
    "WORKSHOP_CACHE",
}
CASES = [(name, value) for name, (values, _) in WRONG.items() for value in values]


@pytest.fixture(autouse=True)
def _language_stays() -> Iterator[None]:
    before = language.current()
    language.use("en")
    yield
    language.use(before)


def test_every_variable_has_its_wrong_values_here() -> None:
    assert {*WRONG} | ANYTHING_GOES == set(BY_NAME)


@pytest.mark.parametrize(("spoken", "index"), [("en", 0), ("pt-BR", 1)])
@pytest.mark.parametrize(("name", "value"), CASES)
def test_a_wrong_value_is_refused_with_name_value_and_what_is_allowed(
    name: str, value: str, spoken: language.Language, index: int
) -> None:
    language.use(spoken)
    with pytest.raises(InvalidSetting) as refused:
        BY_NAME[name].read({name: value})
    message = str(refused.value)
    assert message.startswith(f"{name}={value.strip()!r}")
    assert WRONG[name][1][index] in message
    assert ("is not allowed", "não é permitido")[index] in message
    assert "\n" not in message
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_every_default_is_allowed_and_an_empty_value_is_the_default(
    variable: settings.Variable[object],
) -> None:
    assert variable.read({variable.name: "  "}) == variable.read({})


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_every_variable_says_what_it_means_in_both_languages(
    variable: settings.Variable[object],
) -> None:
    assert variable.en
    assert variable.pt
    assert variable.en != variable.pt
    assert "|" not in variable.en + variable.pt, "it stands in a Markdown table"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("TOPIC", "payments.v2", "payments.v2"),
        ("BOOTSTRAP_SERVERS", "a:1, [::1]:2", ("a:1", "[::1]:2")),
        ("RATE", "0.5", 0.5),
        ("RATE", " 200 ", 200.0),
        ("MAX_MESSAGES", "+7", 7),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("BROKER_PORTS", "1, 2 ,3", (1, 2, 3)),
        ("STORAGE", "3 GB", 3_000_000_000),
        ("STORAGE", "700m", 700_000_000),
        ("STORAGE", "500000000", 500_000_000),
        ("BROKER_HEAP", "1G", 1_000_000_000),
        ("WORKSHOP_LANG", "pt_BR.UTF-8", "pt_BR.UTF-8"),
        ("READY_FILE", "", None),
        ("READY_FILE", "/tmp/ready", Path("/tmp/ready")),  # noqa: S108 - only a name here
    ],
)
def test_a_right_value_is_read(name: str, value: str, expected: object) -> None:
    assert BY_NAME[name].read({name: value}) == expected


def test_a_folder_may_start_at_home() -> None:
    assert settings.WORKSHOP_DATA.read({"WORKSHOP_DATA": "~/kafka"}) == Path.home() / "kafka"


def test_the_producers_defaults_are_the_workshops() -> None:
    found = settings.producer_settings({})
    assert found.kafka.topic == "transactions"
    assert found.kafka.bootstrap_servers == ("127.0.0.1:9091", "127.0.0.1:9092", "127.0.0.1:9093")
    assert found.kafka.client == "confluent-kafka"
    assert (found.rate, found.max_messages, found.history_days) == (50.0, 0, 120)
    assert (found.log.level, found.log.format, found.ready_file) == ("INFO", "console", None)


def test_fraud_that_was_asked_for_among_too_few_accounts_is_refused() -> None:
    with pytest.raises(InvalidSetting) as refused:
        settings.producer_settings({"FRAUD_RATE": "0.001", "ACCOUNTS": "49"})
    assert str(refused.value) == (
        "ACCOUNTS='49' is not allowed: at least 50 with FRAUD_RATE=0.001, or FRAUD_RATE=0"
    )
    for few in ({"ACCOUNTS": "10"}, {"ACCOUNTS": "10", "FRAUD_RATE": "0"}):
        assert settings.producer_settings(few).accounts == 10
    assert settings.producer_settings({"FRAUD_RATE": "0.001", "ACCOUNTS": "50"}).fraud_rate == 0.001


def test_the_consumers_defaults_are_the_workshops() -> None:
    found = settings.consumer_settings({})
    assert found.kafka == settings.producer_settings({}).kafka
    assert (found.group, found.max_messages) == ("transaction-monitor", 0)


def test_the_clusters_defaults_are_the_workshops_ports_on_loopback() -> None:
    found = settings.cluster_settings({})
    assert (found.zookeeper_port, found.broker_ports) == (2181, (9091, 9092, 9093))
    assert (found.console_port, found.host) == (8087, "127.0.0.1")
    assert found.bootstrap_servers == settings.producer_settings({}).kafka.bootstrap_servers
    assert (found.broker_heap, found.storage) == (512_000_000, 2_000_000_000)
    assert found.data == settings.PROJECT_FOLDER / ".workshop"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"XDG_CACHE_HOME": "/var/caches"}, Path("/var/caches/kafka-workshop")),
        ({"XDG_CACHE_HOME": "relative"}, Path.home() / ".cache/kafka-workshop"),
        ({"WORKSHOP_CACHE": "/jars", "XDG_CACHE_HOME": "/var/caches"}, Path("/jars")),
        ({}, Path.home() / ".cache/kafka-workshop"),
    ],
)
def test_the_jars_are_cached_where_the_user_keeps_caches(
    environment: dict[str, str], expected: Path
) -> None:
    assert settings.cluster_settings(environment).cache == expected


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"CONSOLE_PORT": "9092"}, "CONSOLE_PORT='9092'"),
        ({"CONSOLE_PORT": "2181"}, "CONSOLE_PORT='2181'"),
        ({"ZOOKEEPER_PORT": "9093"}, "ZOOKEEPER_PORT='9093'"),
        ({"BROKER_PORTS": "9091,9092,8087"}, "CONSOLE_PORT='8087'"),
        ({"BROKER_PORTS": "2181,9092,9093"}, "ZOOKEEPER_PORT='2181'"),
        (
            {"COORDINATION": "kraft", "CONTROLLER_PORTS": "9191,9092,9193"},
            "CONTROLLER_PORTS='9092'",
        ),
        ({"COORDINATION": "kraft", "CONSOLE_PORT": "9193"}, "CONSOLE_PORT='9193'"),
    ],
)
def test_two_services_cannot_share_a_port(environment: dict[str, str], named: str) -> None:
    with pytest.raises(InvalidSetting, match="a port that no other service has") as refused:
        settings.cluster_settings(environment)
    assert named in str(refused.value)


@pytest.mark.parametrize(
    ("name", "folder", "sign"),
    [
        ("WORKSHOP_DATA", "/data/a, b/.workshop", ","),
        ("WORKSHOP_CACHE", "/data/16:00/cache", ":"),
    ],
)
def test_a_folder_that_java_would_take_for_two_is_refused(
    name: str, folder: str, sign: str
) -> None:
    with pytest.raises(InvalidSetting) as refused:
        settings.cluster_settings({name: folder})
    assert f"{name}={folder!r} is not allowed: a folder with no {sign!r}" in str(refused.value)


@pytest.mark.parametrize(
    "environment",
    [{"CONSOLE_PORT": "9193"}, {"COORDINATION": "kraft", "BROKER_PORTS": "2181,9092,9093"}],
)
def test_ports_of_the_coordination_that_is_not_chosen_are_free(
    environment: dict[str, str],
) -> None:
    settings.cluster_settings(environment)


def test_coordination_is_zookeepers_unless_kraft_is_chosen() -> None:
    assert not settings.cluster_settings({}).kraft
    chosen = settings.cluster_settings({"COORDINATION": "KRaft"})
    assert chosen.kraft
    assert chosen.controller_ports == (9191, 9192, 9193)


@pytest.mark.parametrize("allow", [{}, {"CONSOLE_ALLOW_OPEN": "0"}])
def test_the_console_opens_to_other_machines_only_when_allowed(allow: Mapping[str, str]) -> None:
    with pytest.raises(InvalidSetting, match=r"CONSOLE_HOST='0\.0\.0\.0'.*loopback"):
        settings.console_settings({"CONSOLE_HOST": "0.0.0.0", **allow})


def test_the_console_may_open_with_a_login() -> None:
    asked = {
        "CONSOLE_HOST": "0.0.0.0",
        "CONSOLE_USERS": "users",
        "CONSOLE_NAMES": "UI.example, b:80",
    }
    found = settings.console_settings(asked)
    assert (found.users, found.names) == (Path("users").absolute(), ("ui.example", "b:80"))


def test_the_console_may_open_inside_a_container() -> None:
    found = settings.console_settings({"CONSOLE_HOST": "0.0.0.0", "CONSOLE_ALLOW_OPEN": "1"})
    assert found.host == "0.0.0.0"


@pytest.mark.parametrize(
    "read",
    [
        settings.producer_settings,
        settings.consumer_settings,
        settings.console_settings,
        settings.cluster_settings,
    ],
)
def test_a_refusal_speaks_the_language_of_the_same_environment(read: Any) -> None:
    with pytest.raises(InvalidSetting, match="não é permitido"):
        read({"WORKSHOP_LANG": "pt-BR", "CONSOLE_PORT": "0", "TOPIC": "?"})
