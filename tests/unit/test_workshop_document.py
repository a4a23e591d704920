"""The workshop's document, fact by fact: files, services, variables, ports, commands, charts."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kafka_workshop import settings
from tests.unit.repository import (
    README,
    README_PT,
    ROOT,
    Document,
    edges,
    labels,
    services,
    subgraphs,
    text,
)

ENGLISH, PORTUGUESE = (Document(path.read_text(encoding="utf-8")) for path in (README, README_PT))
TWINS = pytest.mark.parametrize("twin", [ENGLISH, PORTUGUESE], ids=["en", "pt-BR"])
BROKERS = ("broker-1", "broker-2", "broker-3")
SERVICES = ("zookeeper", "kafka-ui", *BROKERS, "producer", "consumer")
FILES = ("docker-compose.yml", "Dockerfile", "produce.py", "consume.py", "run.sh")


def section(title: tuple[str, str], twin: Document) -> Document:
    return twin.section(title[twin is PORTUGUESE])


# About

ABOUT = ("About the workshop", "Sobre o workshop")
FACTS = {
    "the school": ("Escola Jornada de Dados", "Escola Jornada de Dados"),
    "the day": ("Saturday, 13 July", "sábado, 13 de julho"),
    "the time": ("9:00 in the morning", "9:00 da manhã"),
    "the length": ("4 hours", "4 horas"),
    "the audience": ("students of the Jornada de Dados only", "exclusivo para alunos"),
}


@TWINS
@pytest.mark.parametrize("fact", FACTS)
def test_the_readme_tells_about_the_workshop(twin: Document, fact: str) -> None:
    assert FACTS[fact][twin is PORTUGUESE] in section(ABOUT, twin).source


# Order

ORDER = [
    ABOUT,
    ("Overview of Kafka", "Visão geral do Kafka"),
    ("What this project does", "O que este projeto faz"),
    ("Architecture", "Arquitetura"),
    ("The diagram explained", "O diagrama explicado"),
    ("Data flow", "Fluxo de dados"),
    ("Files", "Arquivos"),
    ("What each container does", "O que cada contêiner faz"),
    ("Starting", "Iniciar"),
    ("Quick start", "Início rápido"),
    ("`produce.py`", "`produce.py`"),
    ("`consume.py`", "`consume.py`"),
]
OVERVIEW = [
    ("Kafka in one picture", "O Kafka em uma figura"),
    ("Topics and partitions", "Tópicos e partições"),
    ("Brokers and replication", "Brokers e replicação"),
    ("Keys, partitions and consumer groups", "Chaves, partições e grupos de consumers"),
    ("Producers", "Producers"),
    ("Kafka Connect", "Kafka Connect"),
    ("Schema Registry", "Schema Registry"),
]


@TWINS
def test_the_readme_is_in_the_order_of_the_document(twin: Document) -> None:
    wanted = [title[twin is PORTUGUESE] for title in ORDER]
    assert [title for _, title in twin.headings if title in wanted] == wanted


@TWINS
def test_each_part_of_the_overview_has_its_text_and_its_diagram(twin: Document) -> None:
    overview = section(ORDER[1], twin)
    assert [title for _, title in overview.headings] == [t[twin is PORTUGUESE] for t in OVERVIEW]
    for _, title in overview.headings:
        part = overview.section(title)
        assert [block.language for block in part.code] == ["mermaid"]
        assert len(part.prose.split()) > 30


@TWINS
def test_what_is_not_built_yet_is_said_to_be_so(twin: Document) -> None:
    said = re.sub(r"\s+", " ", section(ORDER[1], twin).prose)
    assert ("not yet part of the system", "ainda não fazem parte do sistema")[
        twin is PORTUGUESE
    ] in said
    assert not {"connect", "schema-registry", "postgres"} & set(services())


# Architecture


@TWINS
def test_the_architecture_has_its_diagram(twin: Document) -> None:
    (diagram,) = section(("Architecture", "Arquitetura"), twin).code
    drawn = edges(diagram.text)
    nodes = ("b1", "b2", "b3")
    assert {("producer", node) for node in nodes} <= drawn
    assert {(node, "consumer") for node in nodes} <= drawn
    assert {("zookeeper", node) for node in nodes} <= drawn
    assert set(labels(diagram.text).values()) == set(SERVICES)
    inside = labels(subgraphs(diagram.text)["cluster"])
    assert set(inside.values()) == {"zookeeper", *BROKERS}
    assert next(iter(inside)) == "zookeeper", "ZooKeeper stands above the brokers"
    assert diagram.lines[0] == "flowchart LR"


@TWINS
@pytest.mark.parametrize("title", [ORDER[4], ORDER[5]])
def test_the_diagram_and_the_flow_are_explained(twin: Document, title: tuple[str, str]) -> None:
    said = section(title, twin).source.lower()
    assert all(word in said for word in ("producer", "zookeeper", "broker", "consumer"))


# Files and containers


@pytest.mark.parametrize("name", FILES)
def test_each_file_of_the_document_exists(name: str) -> None:
    assert (ROOT / name).is_file()


@TWINS
@pytest.mark.parametrize("name", FILES)
def test_each_file_is_explained(twin: Document, name: str) -> None:
    assert f"| [`{name}`]({name}) |" in section(("Files", "Arquivos"), twin).source


@TWINS
@pytest.mark.parametrize("service", SERVICES)
def test_what_each_container_does_is_told(twin: Document, service: str) -> None:
    told = section(("What each container does", "O que cada contêiner faz"), twin).source
    assert f"**{service}**" in told


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_is_in_the_compose_file_and_restarts_by_itself(service: str) -> None:
    assert services()[service]["container_name"] == service
    assert services()[service]["restart"] in {"unless-stopped", "on-failure"}


def test_kafka_ui_depends_on_the_brokers_and_the_consumer_on_the_producer_too() -> None:
    assert set(services()["kafka-ui"]["depends_on"]) == set(BROKERS)
    assert set(services()["producer"]["depends_on"]) == set(BROKERS)
    assert set(services()["consumer"]["depends_on"]) == {*BROKERS, "producer"}


def test_each_broker_has_an_id_and_a_port_of_its_own() -> None:
    ids = [services()[broker]["environment"]["KAFKA_BROKER_ID"] for broker in BROKERS]
    ports = [services()[broker]["ports"] for broker in BROKERS]
    assert ids == [1, 2, 3]
    assert len({str(port) for port in ports}) == 3


@pytest.mark.parametrize("library", ["kafka-python", "faker", "confluent-kafka"])
def test_the_image_has_the_libraries_of_the_workshop(library: str) -> None:
    assert re.search(rf"(?m)^{library}==", text("requirements.lock"))
    assert "-r requirements.lock" in text("Dockerfile")


# Commands

COMMANDS = {
    ("Starting", "Iniciar"): ["docker-compose up --build"],
    ("Quick start", "Início rápido"): [
        "docker-compose up --build -d",
        "docker logs -f producer",
        "docker logs -f consumer",
    ],
}


@TWINS
@pytest.mark.parametrize("title", COMMANDS)
def test_the_commands_are_in_the_documents_wording(twin: Document, title: tuple[str, str]) -> None:
    blocks = [block.text for block in section(title, twin).code]
    assert [block for block in blocks if block in COMMANDS[title]] == COMMANDS[title]


@TWINS
def test_kafka_ui_is_at_its_address(twin: Document) -> None:
    assert "<http://localhost:8087>" in section(("Starting", "Iniciar"), twin).source
    assert settings.CONSOLE_PORT.read({}) == 8087
    assert services()["kafka-ui"]["ports"] == ["127.0.0.1:8087:8087"]


# Variables


def test_produce_reads_its_variables_through_the_settings() -> None:
    found = settings.producer_settings({"TOPIC": "t", "BOOTSTRAP_SERVERS": "a:1,b:2"})
    assert (found.kafka.topic, found.kafka.bootstrap_servers) == ("t", ("a:1", "b:2"))
    assert "producer_settings(" in text("produce.py")


def test_consume_reads_its_variables_through_the_settings() -> None:
    given = {"TOPIC": "t", "BOOTSTRAP_SERVERS": "a:1", "CONSUMER_GROUP": "g"}
    found = settings.consumer_settings(given)
    assert (found.kafka.topic, found.kafka.bootstrap_servers, found.group) == ("t", ("a:1",), "g")
    assert "consumer_settings(" in text("consume.py")


@pytest.mark.parametrize("program", ["produce.py", "consume.py"])
def test_the_programs_read_the_environment_nowhere_else(program: str) -> None:
    assert not re.search(r"environ\b|getenv", text(program))


@pytest.fixture
def run_sh(tmp_path: Path) -> Path:
    """run.sh beside two programs that only say their name."""
    for name in ("produce.py", "consume.py"):
        (tmp_path / name).write_text(f"print('{name}')\n")
    shutil.copy(ROOT / "run.sh", tmp_path)
    return tmp_path / "run.sh"


def act(script: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin:/bin"
    return subprocess.run(
        [str(script)],
        env={"PATH": path, **variables},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("action", "program"), [("producer", "produce.py"), ("consumer", "consume.py")]
)
def test_run_sh_executes_what_action_says(run_sh: Path, action: str, program: str) -> None:
    done = act(run_sh, ACTION=action)
    assert (done.returncode, done.stdout.strip()) == (0, program)


@pytest.mark.parametrize("action", [None, "", "Producer", "monitor", "producer "])
@pytest.mark.parametrize(
    ("lang", "sentence"), [("en", "is not allowed"), ("pt-BR", "não é permitido")]
)
def test_run_sh_refuses_any_other_action(
    run_sh: Path, action: str | None, lang: str, sentence: str
) -> None:
    given = {} if action is None else {"ACTION": action}
    done = act(run_sh, WORKSHOP_LANG=lang, **given)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert f"ACTION='{action or ''}'" in done.stderr
    assert "producer" in done.stderr
    assert "consumer" in done.stderr
