"""What the tests of the repository's files share: where they are, and how to take them apart."""

import itertools
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
README_PT = ROOT / "README.pt-BR.md"


def text(name: str) -> str:
    """Return the text of a file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def compose() -> dict[str, Any]:
    """Return docker-compose.yml, its merges resolved, its variables not."""
    loaded: dict[str, Any] = yaml.safe_load(text("docker-compose.yml"))
    return loaded


def services() -> dict[str, dict[str, Any]]:
    """Return the services of docker-compose.yml."""
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def with_defaults(value: object) -> str:
    """Return a value of docker-compose.yml as it is with no variable set."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value))


@dataclass(frozen=True)
class Code:
    """A fenced block: its language and its lines, unindented."""

    language: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The block as text."""
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Document:
    """A Markdown document, taken apart."""

    source: str

    @property
    def prose(self) -> str:
        """The text without its fenced blocks."""
        return re.sub(r"(?ms)^( *)```.*?^\1```$", "", self.source)

    @property
    def headings(self) -> list[tuple[int, str]]:
        """Level and text of each heading."""
        found = re.findall(r"(?m)^(#+) (.+)$", self.prose)
        return [(len(marks), title) for marks, title in found]

    @property
    def code(self) -> list[Code]:
        """The fenced blocks."""
        blocks = re.findall(r"(?ms)^( *)```(\w*)\n(.*?)^\1```$", self.source)
        return [
            Code(language, tuple(line.removeprefix(indent) for line in body.splitlines()))
            for indent, language, body in blocks
        ]

    @property
    def images(self) -> list[str]:
        """Where the images are."""
        return re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", self.prose)

    @property
    def links(self) -> list[str]:
        """Where the links go, images not among them."""
        return re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", self.prose)

    @property
    def tables(self) -> list[list[list[str]]]:
        """The tables: rows of cells, the heading row first, the rule left out."""
        found = re.findall(r"(?m)(?:^\|.*\|$\n?)+", self.prose)
        return [_cells(table) for table in found]

    def section(self, title: str) -> "Document":
        """Return what stands under the heading `title`, up to the next of its level or above."""
        level = next(level for level, found in self.headings if found == title)
        pattern = rf"(?ms)^#{{{level}}} {re.escape(title)}$(.*?)(?=^#{{1,{level}}} |\Z)"
        match = re.search(pattern, self.source)
        assert match, title
        return Document(match[1])


def _cells(table: str) -> list[list[str]]:
    rows = [
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in table.splitlines()
    ]
    return [row for row in rows if not all(re.fullmatch(r":?-+:?", cell) for cell in row)]


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return the files that git tracks, or would once everything is added."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file())


Edge = tuple[str, str]


def edges(diagram: str) -> set[Edge]:
    """Return the arrows of a Mermaid flow chart, by the nodes' names."""
    bare = re.sub(r'(?:\(\[|\[\[|\[\(|\[|\{|\()"[^"]*"(?:\]\)|\]\]|\)\]|\]|\}|\))', "", diagram)
    found: set[Edge] = set()
    for line in bare.splitlines():
        steps = re.split(r'\s*(?:-- "[^"]*" -->|-\. "[^"]*" \.->|-->)\s*', line.strip())
        for left, right in itertools.pairwise(steps):
            found |= set(itertools.product(re.split(r"\s*&\s*", left), re.split(r"\s*&\s*", right)))
    return found


def subgraphs(diagram: str) -> dict[str, str]:
    """Return name -> inside of the subgraphs of a Mermaid flow chart."""
    return dict(re.findall(r"(?ms)^ *subgraph (\w+)[^\n]*\n(.*?)^ *end$", diagram))


def labels(diagram: str) -> dict[str, str]:
    """Return node name -> text, in the order of their first appearance."""
    return dict(re.findall(r'(\w+)(?:\(\[|\[|\{)"([^"]+)"', re.sub("subgraph .*", "", diagram)))
