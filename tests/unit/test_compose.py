"""docker-compose.yml says all that the workshop promises, checked without a container engine."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kafka_workshop import settings
from kafka_workshop.cluster import properties
from tests.unit.repository import ROOT, compose, services, text, with_defaults

BROKERS = ("broker-1", "broker-2", "broker-3")
CONSUMERS = ("consumer", "consumer-merchant", "consumer-scale")
CORE = ("zookeeper", *BROKERS, "kafka-ui", "producer", *CONSUMERS[:2])
OURS = ("kafka-ui", "producer", *CONSUMERS)
PROFILES = {"kafbat": ["kafbat"], "consumer-scale": ["scale"]}
VARIABLES = {variable.name: variable for variable in settings.VARIABLES}


def environment(service: str) -> dict[str, str]:
    given = services()[service]["environment"]
    return {name: with_defaults(value) for name, value in given.items()}


def check_against_schema(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    return subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)


def test_the_file_obeys_the_compose_specification() -> None:
    checked = check_against_schema(ROOT / "docker-compose.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_schema_check_would_notice_a_mistake(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(text("docker-compose.yml").replace("    restart:", "    restarts:", 1))
    assert check_against_schema(wrong).returncode == 1


def test_nothing_stands_at_the_top_that_only_one_generation_of_compose_knows() -> None:
    # docker-compose 1.29 refuses `name`, and `version` makes later ones complain.
    top = {key for key in compose() if not key.startswith("x-")}
    assert top == {"services", "networks", "volumes"}


def test_the_services_are_those_of_the_workshop_and_two_profiles() -> None:
    assert set(services()) == {*CORE, *PROFILES}


@pytest.mark.parametrize("service", CORE)
def test_a_core_service_starts_without_a_profile(service: str) -> None:
    assert "profiles" not in services()[service]


@pytest.mark.parametrize(("service", "profiles"), PROFILES.items())
def test_what_is_beyond_the_core_needs_its_profile(service: str, profiles: list[str]) -> None:
    assert services()[service]["profiles"] == profiles


@pytest.mark.parametrize("service", [*CORE, "kafbat"])
def test_a_container_is_called_as_its_service(service: str) -> None:
    assert services()[service]["container_name"] == service


def test_further_consumers_have_no_container_name_so_that_there_can_be_several() -> None:
    further, consumer = services()["consumer-scale"], services()["consumer"]
    assert "container_name" not in further
    same = set(consumer) - {"container_name", "environment"}
    assert {key: further[key] for key in same} == {key: consumer[key] for key in same}
    name = {"INSTANCE": "consumer"}  # that only one may have
    assert further["environment"] | name == consumer["environment"]
    assert "INSTANCE" not in further["environment"]


PUBLISHED = {
    "zookeeper": "127.0.0.1:2181:2181",
    "broker-1": "127.0.0.1:9091:9091",
    "broker-2": "127.0.0.1:9092:9092",
    "broker-3": "127.0.0.1:9093:9093",
    "kafka-ui": "127.0.0.1:8087:8087",
    "kafbat": "127.0.0.1:8088:8080",
}


@pytest.mark.parametrize("service", sorted({*CORE, *PROFILES}))
def test_ports_are_published_on_the_loopback_address_only(service: str) -> None:
    expected = [PUBLISHED[service]] if service in PUBLISHED else []
    assert services()[service].get("ports", []) == expected
    assert "network_mode" not in services()[service]


@pytest.mark.parametrize("service", sorted({*CORE, *PROFILES}))
def test_every_image_has_a_pinned_version(service: str) -> None:
    image = with_defaults(services()[service]["image"])
    expected = {
        "zookeeper": "confluentinc/cp-zookeeper:7.9.8",
        **dict.fromkeys(BROKERS, "confluentinc/cp-kafka:7.9.8"),
        **dict.fromkeys(OURS, "kafka-workshop:local"),
        "kafbat": "kafbat/kafka-ui:v1.5.0",
    }
    assert image == expected[service]


def test_confluents_tag_can_be_changed_for_all_at_once() -> None:
    images = re.findall(r"image: (confluentinc/.*)", text("docker-compose.yml"))
    assert len(images) == 2
    assert all(image.endswith(":${CONFLUENT_TAG:-7.9.8}") for image in images)


def test_our_image_is_built_once_and_never_pulled() -> None:
    # docker-compose 1.29 makes sure of images in the file's order: the builder must come first.
    users = [name for name in services() if services()[name]["image"] == "kafka-workshop:local"]
    assert sorted(users) == sorted(OURS)
    assert [name for name in users if "build" in services()[name]] == [users[0]]
    assert services()[users[0]]["build"] == "."
    assert {services()[name]["pull_policy"] for name in users} == {"never"}


RESTARTS = dict.fromkeys(("producer", *CONSUMERS), "on-failure")


@pytest.mark.parametrize("service", sorted({*CORE, *PROFILES}))
def test_every_service_restarts_is_on_the_network_stops_gently_and_rotates_its_log(
    service: str,
) -> None:
    definition = services()[service]
    assert definition["restart"] == RESTARTS.get(service, "unless-stopped")
    assert definition["networks"] == ["workshop"]
    assert definition["logging"]["options"] == {"max-size": "10m", "max-file": "3"}


def test_a_broker_gets_longer_to_stop_than_anything_that_uses_it() -> None:
    seconds = {name: int(services()[name]["stop_grace_period"][:-1]) for name in CORE}
    assert min(seconds[broker] for broker in BROKERS) > max(seconds[name] for name in OURS[:4])


def healthy(*names: str) -> dict[str, dict[str, str]]:
    return {name: {"condition": "service_healthy"} for name in names}


ON_BROKERS = healthy(*BROKERS)
ON_PRODUCER = {**ON_BROKERS, "producer": {"condition": "service_started"}}
DEPENDENCIES = {
    "zookeeper": {},
    **{broker: healthy("zookeeper") for broker in BROKERS},
    **dict.fromkeys(("kafka-ui", "producer", "kafbat"), ON_BROKERS),
    **dict.fromkeys(CONSUMERS, ON_PRODUCER),
}


@pytest.mark.parametrize("service", sorted({*CORE, *PROFILES}))
def test_a_service_waits_for_what_it_needs(service: str) -> None:
    assert services()[service].get("depends_on", {}) == DEPENDENCIES[service]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_broker_has_a_listener_for_containers_and_one_for_this_machine(number: int) -> None:
    found = environment(f"broker-{number}")
    assert found["KAFKA_BROKER_ID"] == str(number)
    assert found["KAFKA_LISTENERS"] == f"INSIDE://0.0.0.0:29092,OUTSIDE://0.0.0.0:909{number}"
    assert found["KAFKA_ADVERTISED_LISTENERS"] == (
        f"INSIDE://broker-{number}:29092,OUTSIDE://127.0.0.1:909{number}"
    )
    assert found["KAFKA_INTER_BROKER_LISTENER_NAME"] == "INSIDE"


def test_a_program_on_this_machine_finds_the_brokers_by_default() -> None:
    outside = [
        environment(broker)["KAFKA_ADVERTISED_LISTENERS"].split("OUTSIDE://")[1]
        for broker in BROKERS
    ]
    assert VARIABLES["BOOTSTRAP_SERVERS"].default == ",".join(outside)


@pytest.mark.parametrize("service", OURS)
def test_our_programs_reach_every_broker_from_inside(service: str) -> None:
    expected = "broker-1:29092,broker-2:29092,broker-3:29092"
    assert environment(service)["BOOTSTRAP_SERVERS"] == expected


@pytest.mark.parametrize("broker", BROKERS)
def test_a_broker_keeps_three_copies_and_never_loses_what_it_acknowledged(broker: str) -> None:
    expected = {
        "KAFKA_DEFAULT_REPLICATION_FACTOR": "3",
        "KAFKA_MIN_INSYNC_REPLICAS": "2",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "3",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "3",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "2",
        "KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE": "false",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_ZOOKEEPER_CONNECT": "zookeeper:2181",
        "KAFKA_ZOOKEEPER_SESSION_TIMEOUT_MS": "6000",
        "KAFKA_TRANSACTION_ABORT_TIMED_OUT_TRANSACTION_CLEANUP_INTERVAL_MS": "2000",
        "KAFKA_HEAP_OPTS": "-Xms512m -Xmx512m",
    }
    assert expected.items() <= environment(broker).items()


def as_variable(prefix: str, name: str) -> str:
    return prefix + name.replace(".", "_").upper()


ONLY_HERE = {
    # Two listeners where the native brokers have one, and the heap, which is Java's option there.
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
    "KAFKA_INTER_BROKER_LISTENER_NAME",
    "KAFKA_HEAP_OPTS",
}
DIFFERENT = {"KAFKA_LISTENERS", "KAFKA_ADVERTISED_LISTENERS"}


def test_the_brokers_are_set_as_the_native_ones() -> None:
    storage = settings.STORAGE.read({})
    rendered = properties.broker(
        1, "127.0.0.1", 9091, "zookeeper:2181", Path("/var/lib/kafka/data"), storage
    )
    native = {
        as_variable("KAFKA_", name): value
        for name, value in (line.split("=", 1) for line in rendered.splitlines())
    }
    native.pop("KAFKA_LOG_DIRS")  # the image's default, where the volume is
    found = environment("broker-1")
    assert set(found) - set(native) == ONLY_HERE
    assert {name: found.get(name) for name in native if name not in DIFFERENT} == {
        name: value for name, value in native.items() if name not in DIFFERENT
    }


def test_data_outlives_the_containers_in_named_volumes() -> None:
    mounted = {
        name: [tuple(volume.split(":")) for volume in definition["volumes"]]
        for name, definition in services().items()
        if "volumes" in definition and name not in CONSUMERS
    }
    assert mounted == {
        "zookeeper": [
            ("zookeeper-data", "/var/lib/zookeeper/data"),
            ("zookeeper-log", "/var/lib/zookeeper/log"),
        ],
        **{broker: [(f"{broker}-data", "/var/lib/kafka/data")] for broker in BROKERS},
        "kafka-ui": [("kafka-ui-data", environment("kafka-ui")["WORKSHOP_DATA"])],
    }
    assert set(compose()["volumes"]) == {name for pairs in mounted.values() for name, _ in pairs}


@pytest.mark.parametrize("service", CONSUMERS)
def test_a_stage_reads_files_for_rules_and_model_at_the_same_path_as_outside(service: str) -> None:
    folder = re.findall(r"WORKDIR (.*)", text("Dockerfile"))[-1]
    assert services()[service]["volumes"] == [f"./conf:{folder}/conf:ro"]
    assert (ROOT / "conf").is_dir(), "otherwise the engine makes it, and root owns it"
    found = settings.consumer_settings(environment(service))
    assert (found.rules, found.model) == (None, None)


@pytest.mark.parametrize("action", ["producer", "consumer"])
def test_producer_and_consumer_start_as_everywhere_with_run_sh(action: str) -> None:
    assert services()[action]["command"] == ["./run.sh"]
    assert environment(action)["ACTION"] == action


def test_the_second_stage_is_a_consumer_with_another_stage() -> None:
    first, second = environment("consumer"), environment("consumer-merchant")
    assert settings.consumer_settings(first).stage == "account"
    assert second == first | {"STAGE": "merchant", "INSTANCE": "consumer-merchant"}
    assert services()["consumer-merchant"]["command"] == ["./run.sh"]


def test_kafka_ui_listens_on_every_address_only_inside_its_container() -> None:
    assert services()["kafka-ui"]["command"] == ["python", "-m", "kafka_workshop.console"]
    found = settings.console_settings(environment("kafka-ui"))
    assert (found.host, found.port, found.run) == ("0.0.0.0", 8087, "compose")
    open_ones = [name for name in services() if "CONSOLE_ALLOW_OPEN" in str(services()[name])]
    assert open_ones == ["kafka-ui"]


@pytest.mark.parametrize("service", OURS)
def test_a_setting_passed_on_has_the_programs_own_default(service: str) -> None:
    for name, value in services()[service]["environment"].items():
        passed = re.fullmatch(r"\$\{(\w+):-(.*)\}", str(value))
        if passed and name != "LANG":
            assert (passed[1], passed[2]) == (name, VARIABLES[name].default)


@pytest.mark.parametrize("service", OURS)
def test_our_services_get_only_variables_that_are_settings(service: str) -> None:
    assert set(environment(service)) <= {*VARIABLES, "ACTION", "LANG"}


def test_every_setting_of_the_programs_can_be_given_from_outside() -> None:
    passed = {
        "TOPIC",
        "STORAGE",
        "KAFKA_CLIENT",
        "LOG_LEVEL",
        "LOG_FORMAT",
        "LOG_LINES",
        "WORKSHOP_LANG",
    }
    wanted = {
        "producer": passed
        | {"RATE", "MAX_MESSAGES", "SEED", "ACCOUNTS", "HISTORY_DAYS", "HISTORY_TRANSACTIONS"}
        | {"FRAUD_RATE"},
        "consumer": passed
        | {"CONSUMER_GROUP", "MAX_MESSAGES", "PROCESSING", "MONITOR_RULES", "MONITOR_MODEL"},
    }
    for service, names in wanted.items():
        given = services()[service]["environment"]
        assert names == {name for name in given if f"${{{name}:-" in str(given[name])} - {"LANG"}


@pytest.mark.parametrize("service", OURS)
def test_our_containers_have_no_privileges_and_an_init_that_passes_signals_on(service: str) -> None:
    definition = services()[service]
    assert definition["init"] is True
    assert definition["cap_drop"] == ["ALL"]
    assert definition["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in definition
