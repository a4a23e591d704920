"""The workshop's two flow charts: in the programs, block by block, and in the READMEs."""

import ast
import itertools
import re
import tokenize

import pytest

from tests.unit.repository import (
    README,
    README_PT,
    ROOT,
    Document,
    edges,
    labels,
    subgraphs,
    text,
)

ENGLISH, PORTUGUESE = (Document(path.read_text(encoding="utf-8")) for path in (README, README_PT))
TWINS = pytest.mark.parametrize("twin", [ENGLISH, PORTUGUESE], ids=["en", "pt-BR"])

CHART = [
    ("start", "environment"),
    ("environment", "configure"),
    ("configure", "wait"),
    ("wait", "configure"),
    ("more", "close"),
    ("close", "finish"),
]
LOOPS = {
    "produce.py": ["generate", "send", "log", "more"],
    "consume.py": ["fetch", "process", "log", "more"],
}
# What the document's nodes are about, in its order, in both languages.
NODES = {
    "produce.py": [
        (r"Start", r"Início"),
        (r"environment", r"variáveis de ambiente"),
        (r"Configure the producer", r"Configurar o produtor"),
        (r"[Bb]rokers.*wait", r"Aguardar brokers"),
        (r"Generate", r"Gerar .*transação"),
        (r"Send", r"Enviar .*Kafka"),
        (r"Log", r"Imprimir log"),
        (r"Go on producing\?", r"Continuar produzindo\?"),
        (r"Close the producer", r"Fechar o produtor"),
        (r"End", r"Fim"),
    ],
    "consume.py": [
        (r"Start", r"Início"),
        (r"environment", r"variáveis de ambiente"),
        (r"Configure the consumer", r"Configurar o consumidor"),
        (r"[Bb]rokers.*wait", r"Aguardar brokers"),
        (r"Consume", r"Consumir mensage.* Kafka"),
        (r"Process", r"Processar .*mensagem"),
        (r"Log", r"Imprimir log"),
        (r"Go on consuming\?", r"Continuar consumindo\?"),
        (r"Close the consumer", r"Fechar o consumidor"),
        (r"End", r"Fim"),
    ],
}
PROGRAMS = pytest.mark.parametrize("program", sorted(LOOPS))


def numbered_comments(program: str) -> list[tuple[str, str]]:
    """Return English and Portuguese of each `# N. English / Português` comment, in order."""
    with (ROOT / program).open("rb") as file:
        comments = [
            t.string for t in tokenize.tokenize(file.readline) if t.type == tokenize.COMMENT
        ]
    found = [re.fullmatch(r"# (\d+)\. (.+) / (.+)", comment) for comment in comments]
    blocks = [(int(match[1]), match[2], match[3]) for match in found if match]
    assert [number for number, _, _ in blocks] == list(range(1, len(blocks) + 1))
    return [(english, portuguese) for _, english, portuguese in blocks]


@PROGRAMS
def test_the_program_has_a_commented_block_for_each_node_in_order(program: str) -> None:
    blocks = numbered_comments(program)
    assert len(blocks) == len(NODES[program])
    for (english, portuguese), wanted in zip(blocks, NODES[program], strict=True):
        assert re.search(wanted[0], english)
        assert re.search(wanted[1], portuguese)


@PROGRAMS
def test_the_program_holds_the_loop_itself_and_is_short(program: str) -> None:
    source = text(program)
    lines = source.splitlines()
    assert 40 <= len(lines) <= 90
    loops = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.While)]
    loop = max(loops, key=lambda node: (node.end_lineno or 0) - node.lineno)
    inside = "\n".join(lines[loop.lineno - 1 : loop.end_lineno])
    assert re.findall(r"# (\d+)\.", inside) == ["5", "6", "7", "8"]


@TWINS
@PROGRAMS
def test_the_readme_draws_the_chart_with_the_programs_own_words(
    twin: Document, program: str
) -> None:
    (diagram,) = twin.section(f"`{program}`").code
    steps = LOOPS[program]
    loop = set(itertools.pairwise([*steps, steps[0]]))
    assert edges(diagram.text) == {*CHART, ("configure", steps[0]), *loop}
    assert edges(subgraphs(diagram.text)["loop"]) == loop
    words = [block[twin is PORTUGUESE] for block in numbered_comments(program)]
    drawn = labels(diagram.text)
    order = ["start", "environment", "configure", "wait", *steps, "close", "finish"]
    assert [drawn[node] for node in order] == words


@TWINS
@PROGRAMS
def test_the_readme_explains_each_node_of_the_chart(twin: Document, program: str) -> None:
    prose = twin.section(f"`{program}`").prose
    words = [block[twin is PORTUGUESE] for block in numbered_comments(program)]
    explained = re.findall(r"(?m)^(\d+)\. \*\*(.+?)\*\*", prose)
    assert explained == [(str(number), word) for number, word in enumerate(words, 1)]
