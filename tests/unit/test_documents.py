"""The documents say what is true: of the settings, the commands, the files, and of each other."""

import re
import subprocess
import urllib.parse
from pathlib import Path
from typing import Any

import pytest
import typer.core
import typer.main

from kafka_workshop.cli import app
from kafka_workshop.cli.plan import JAR_LOCKS
from kafka_workshop.cluster.artefacts import read_lock
from kafka_workshop.domain.risk import DESCRIBED
from kafka_workshop.domain.risk.model import RULES_1
from kafka_workshop.messaging.topics import TRANSACTIONS, monitor_topics, workshop_topics
from kafka_workshop.settings import (
    CONSUMER_GROUP,
    KRAFT,
    PROJECT_FOLDER,
    STORAGE,
    VARIABLES,
    ZOOKEEPER,
)
from tests.unit.repository import README, README_PT, ROOT, Code, Document, text, tracked_files

MARKDOWN = [ROOT / name for name in ("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md")]
PAGES = [
    ROOT / "docs" / name
    for topic in ("faults", "break-it", "filter", "replay", "score", "access", "comparison")
    for name in (f"{topic}.md", f"{topic}.pt-BR.md")
]
DOCUMENTS = [README, README_PT, *MARKDOWN, *PAGES]
ENGLISH, PORTUGUESE = (Document(path.read_text(encoding="utf-8")) for path in (README, README_PT))


def document(path: Path) -> Document:
    return Document(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


# The twins


def untranslated(code: Code) -> str:
    """Return a block without what a translation changes: comments, labels of a diagram."""
    if code.language != "mermaid":
        return re.sub(r"(?m)\s*# .*$", "", code.text)
    text = re.sub(r'"[^"]*"', '""', code.text)
    return re.sub(r"(?m)( as | *: ).*$", r"\1", text)


def test_the_twins_have_the_same_headings() -> None:
    levels = [[level for level, _ in twin.headings] for twin in (ENGLISH, PORTUGUESE)]
    assert levels[0] == levels[1]
    assert levels[0].count(1) == 1


def test_the_twins_have_the_same_code_in_the_same_order() -> None:
    pairs = list(zip(ENGLISH.code, PORTUGUESE.code, strict=True))
    assert [one.language for one, _ in pairs] == [other.language for _, other in pairs]
    assert [untranslated(one) for one, _ in pairs] == [untranslated(other) for _, other in pairs]


def test_the_twins_have_the_same_images() -> None:
    assert ENGLISH.images == PORTUGUESE.images


def test_the_twins_have_the_same_links_but_to_each_other_and_to_their_own_headings() -> None:
    other = {
        "README.md": "README.pt-BR.md",
        "docs/faults.pt-BR.md": "docs/faults.md",
        "docs/break-it.pt-BR.md": "docs/break-it.md",
        "docs/filter.pt-BR.md": "docs/filter.md",
        "docs/replay.pt-BR.md": "docs/replay.md",
        "docs/score.pt-BR.md": "docs/score.md",
        "docs/access.pt-BR.md": "docs/access.md",
        "docs/comparison.pt-BR.md": "docs/comparison.md",
    }
    links = [re.sub("^#.*", "#", link) for link in ENGLISH.links]
    twins = [other.get(link, link) for link in [re.sub("^#.*", "#", x) for x in PORTUGUESE.links]]
    assert links == twins


def test_the_twins_have_the_same_tables() -> None:
    for one, other in zip(ENGLISH.tables, PORTUGUESE.tables, strict=True):
        assert [len(row) for row in one] == [len(row) for row in other]
        codes = [[[re.findall("`[^`]*`", c) for c in row[:2]] for row in t] for t in (one, other)]
        assert codes[0] == codes[1]


def test_the_twins_have_the_same_lists() -> None:
    marks = [re.findall(r"(?m)^ *(?:\d+\.|-) ", twin.prose) for twin in (ENGLISH, PORTUGUESE)]
    assert marks[0] == marks[1]


def test_the_twins_await_the_same_figures() -> None:
    marks = [re.findall(r"<!-- bench:\w+ -->", twin.source) for twin in (ENGLISH, PORTUGUESE)]
    assert marks[0] == marks[1]


def verdicts(name: str) -> list[list[list[str]]]:
    """Return what each cell of the comparison's tables begins with, without its remark."""
    tables = document(ROOT / "docs" / name).tables[1:]
    return [[[cell.split(":")[0] for cell in row[1:]] for row in table[1:]] for table in tables]


def test_the_twins_of_the_comparison_say_the_same_of_each_row() -> None:
    english = {"sim": "yes", "em parte": "in part", "não": "no", "ainda não": "not yet"}
    said = verdicts("comparison.md")
    theirs = [[[english[cell] for cell in r] for r in t] for t in verdicts("comparison.pt-BR.md")]
    assert theirs == said
    cells = {cell for table in said for row in table for cell in row}
    assert cells == {*english.values()}
    sources = [document(ROOT / "docs" / f"comparison{x}.md").links[1:] for x in ("", ".pt-BR")]
    assert sources[0] == sources[1]


@pytest.mark.parametrize("twin", [ENGLISH, PORTUGUESE], ids=["en", "pt-BR"])
def test_a_readme_opens_with_a_screenshot_and_two_commands(twin: Document) -> None:
    opening = Document(re.split(r"(?m)^## ", twin.source)[0])
    assert opening.images == ["docs/images/kafka-ui.png"]
    commands = [untranslated(block) for block in opening.code]
    assert commands == ["./workshop up\n./workshop test"]


def test_the_portuguese_one_is_written_in_portuguese() -> None:
    words = re.findall(r"\b(?:the|and|with|which)\b", PORTUGUESE.prose)
    assert words == []


# Links, tables, commands


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_relative_link_and_image_leads_somewhere(path: Path) -> None:
    found = document(path)
    targets = [urllib.parse.unquote(target) for target in found.links + found.images]
    files = {target.split("#")[0] for target in targets if "://" not in target} - {""}
    assert {name for name in files if not (path.parent / name).exists()} == set()
    anchors = {target[1:] for target in targets if target.startswith("#")}
    assert anchors <= {slug(title) for _, title in found.headings}


@pytest.mark.parametrize(
    ("twin", "section", "meaning"),
    [(ENGLISH, "Settings", "en"), (PORTUGUESE, "Configurações", "pt")],
    ids=["en", "pt-BR"],
)
def test_the_table_of_settings_is_that_of_the_code(
    twin: Document, section: str, meaning: str
) -> None:
    (_heading, *rows), *_ = twin.section(section).tables
    here = f"{PROJECT_FOLDER}/"
    defaults = [variable.default.replace(here, "") for variable in VARIABLES]
    assert rows == [
        [f"`{variable.name}`", f"`{default}`" if default else "—", getattr(variable, meaning)]
        for variable, default in zip(VARIABLES, defaults, strict=True)
    ]


@pytest.mark.parametrize(("name", "spoken"), [("score.md", "en"), ("score.pt-BR.md", "pt")])
def test_the_tables_of_features_and_weights_are_those_of_the_code(name: str, spoken: str) -> None:
    (_, *features), (_, *weights), *_ = document(ROOT / "docs" / name).tables
    sides = {"account": "conta", "place": "local"} if spoken == "pt" else {}
    assert features == [
        [f"`{f.name}`", f.unit or "—", sides.get(f.side, f.side), getattr(f.meaning, spoken)]
        for f in DESCRIBED
    ]
    said = {row[0].strip("`"): float(row[1].replace(",", ".")) for row in weights}
    assert said == RULES_1.weights
    assert f"{RULES_1.bias} + " in text(f"docs/{name}")


def said_commands(found: Document) -> set[str]:
    """Return every `./workshop …` of a document, in blocks or in a line."""
    lines = [line for block in found.code for line in block.lines if block.language == "sh"]
    spans = re.findall(r"`([^`\n]+)`", found.prose)
    said = (re.search(r"\./workshop( [^#]*)?", text) for text in [*lines, *spans])
    return {match[0].strip() for match in said if match}


SAID = sorted({command for path in DOCUMENTS for command in said_commands(document(path))})


def commands() -> dict[str, Any]:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    return dict(group.commands)


@pytest.mark.parametrize("said", [said for said in SAID if said != "./workshop"])
def test_every_command_of_the_documents_exists(said: str) -> None:
    _, verb, *rest = said.split()
    command = commands()[verb]
    if isinstance(command, typer.core.TyperGroup) and rest:
        verb, *rest = rest
        command = command.commands[verb]
    options = {option for parameter in command.params for option in parameter.opts}
    if verb == "bench":  # what stands behind the benchmark's name goes to the benchmark
        package = (ROOT / "benchmarks" / rest[0]).is_dir()
        source = text(f"benchmarks/{rest[0]}{'/__main__' if package else ''}.py")
        options |= set(re.findall(r'add_argument\(\s*"(--[a-z-]+)"', source))
    assert {word for word in rest if word.startswith("-")} <= options
    # The context parses the words as a call would, refusing what a choice does not have.
    command.make_context(verb, list(rest))


@pytest.mark.parametrize("twin", [ENGLISH, PORTUGUESE], ids=["en", "pt-BR"])
def test_every_verb_is_in_the_table_of_commands(twin: Document) -> None:
    table = next(t for t in twin.tables if t[1][0] == "`./workshop up`")
    assert {row[0].strip("`").split()[1] for row in table[1:]} == set(commands())


def test_the_check_would_notice_a_verb_that_does_not_exist() -> None:
    assert "fly" not in commands()
    with pytest.raises(typer.TyperException):
        commands()["bench"].make_context("bench", ["flight"])


@pytest.mark.parametrize("twin", [ENGLISH, PORTUGUESE], ids=["en", "pt-BR"])
def test_every_figure_names_the_command_that_measured_it(twin: Document) -> None:
    for line in twin.source.splitlines():
        for mark in re.findall(r"<!-- bench:(\w+) -->", line):
            assert f"`./workshop bench {mark}`" in line


# The repository

REGISTRIES = [
    *("pypi." + "org", "files.python" + "hosted", "registry." + "npmjs", "repo." + "maven"),
    *("repo1." + "maven", "ghcr." + "io", "quay." + "io", "docker." + "io/", "deb." + "debian"),
    *("--" + "index-url", "--" + "extra-index", "proxy." + "golang"),
]
TEXTS = [path for path in tracked_files() if path.suffix not in {".png", ".ico", ".woff2"}]


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_no_file_has_an_address_of_a_registry_or_a_path_of_a_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8").lower()
    assert [address for address in REGISTRIES if address in text] == []
    personal = re.findall(r"(?<![\w.])/(?:root|work|home/\w+|users/\w+)/[\w.-]+", text)
    assert personal == []
    assert str(ROOT) + "/" not in text


def test_every_text_has_lines_that_a_shell_in_a_container_can_read_wherever_it_is_cloned() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--eol", "--cached"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    binary = [line.split("\t")[1] for line in listed if "attr/-text" in line]
    assert {Path(name).suffix for name in binary} == {".png"}
    others = [line for line in listed if "attr/-text" not in line]
    assert [line for line in others if "eol=lf" not in line] == []
    assert {line.split()[0] for line in others} <= {"i/lf", "i/none"}


def test_the_changelog_keeps_its_form() -> None:
    headings = document(ROOT / "CHANGELOG.md").headings
    assert headings[:2] == [(1, "Changelog"), (2, "[Unreleased]")]
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert {title for level, title in headings if level == 3} <= kinds


def test_the_map_of_folders_is_that_of_the_package() -> None:
    drawn = next(c.text for c in document(ROOT / "ARCHITECTURE.md").code if "run.sh" in c.text)
    package = ROOT / "src" / "kafka_workshop"
    folders = {path.name for path in package.iterdir() if (path / "__init__.py").exists()}
    assert set(re.findall(r"(?m)^  (\w+)/", drawn)) == folders
    modules = {path.name for path in package.glob("*.py")} - {"__init__.py", "__main__.py"}
    assert modules <= set(re.findall(r"\w+\.py", drawn))


def test_the_first_diagram_names_topics_that_exist_each_once() -> None:
    drawn = document(ROOT / "ARCHITECTURE.md").code[0].text
    inside = " ".join(re.findall(r"│(.*)│", drawn))
    named = re.findall(r"(?<![\w.])(?:transactions|alerts|kpis|monitor\.)[\w.-]*", inside)
    storage = STORAGE.read({})
    monitor = monitor_topics(storage, TRANSACTIONS, CONSUMER_GROUP.default)
    made = {topic.name for topic in (*workshop_topics(storage), *monitor)}
    assert sorted(named) == sorted(set(named)), "each once"
    assert {"transactions", "alerts", "kpis"} <= set(named) <= made


# The servers' versions

# Said of another version than ours, for what it could not do yet.
OTHER_VERSIONS = {("Kafka", "3.3")}
SPEAKING = [*DOCUMENTS, *sorted((ROOT / "src" / "kafka_workshop").rglob("*.py"))]


def locked(artefact: str) -> dict[str, str]:
    """Return coordination -> the version of an artefact in its jar lock, where it is in it."""
    return {
        coordination: jar.version
        for coordination, path in JAR_LOCKS.items()
        for jar in read_lock(path)
        if jar.artifact == artefact
    }


KAFKA, KEEPER = locked("kafka_2.13"), locked("zookeeper")


@pytest.mark.parametrize("path", SPEAKING, ids=name_of)
def test_each_version_of_a_server_that_is_named_is_one_of_a_lock(path: Path) -> None:
    said = re.findall(
        r"\b(Kafka|ZooKeeper)\s+(\d+\.\d+(?:\.\d+)?)\b", path.read_text(encoding="utf-8")
    )
    ours = {"Kafka": KAFKA.values(), "ZooKeeper": KEEPER.values()}
    for server, version in set(said) - OTHER_VERSIONS:
        assert any(f"{each}.".startswith(f"{version}.") for each in ours[server]), (server, version)


@pytest.mark.parametrize("twin", [ENGLISH, PORTUGUESE], ids=["en", "pt-BR"])
def test_the_readmes_say_of_kraft_what_its_lock_holds(twin: Document) -> None:
    (title,) = (title for _, title in twin.headings if "KRaft" in title)
    said = " ".join(twin.section(title).source.split())
    size = sum(jar.size for jar in read_lock(JAR_LOCKS[KRAFT])) / 1e6
    assert f"Kafka {KAFKA[KRAFT]}:" in said
    assert re.findall(r"(\d+) MB", said) == [f"{size:.0f}"]


def test_the_architecture_names_both_versions_of_kafka() -> None:
    said = " ".join(text("ARCHITECTURE.md").split())
    assert f"Kafka {KAFKA[ZOOKEEPER]} and {KAFKA[KRAFT]}." in said


def test_the_licence_is_the_one_that_the_package_declares() -> None:
    assert 'license = "MIT"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License\n")


def test_every_verb_that_the_programs_advise_exists() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")]
    advised = {verb for source in sources for verb in re.findall(r"\./workshop ([a-z]+)\b", source)}
    assert {"up", "down", "start"} <= advised
    assert advised <= set(commands())
