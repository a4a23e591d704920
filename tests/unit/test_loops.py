"""`produce.py` and `consume.py` hold the loops of the workshop's flow charts themselves."""

import ast
import re

import pytest

from kafka_workshop.settings import PROJECT_FOLDER

# The nodes of each chart, in its order: the comment's words, and the calls that stand below it.
CHARTS = {
    "produce.py": [
        ("Start / Início", ["Backoff"]),
        (
            "Read the environment variables / Configurar variáveis de ambiente",
            ["producer_settings"],
        ),
        ("Configure the producer / Configurar o produtor", ["open_producer"]),
        ("Brokers not there: wait, try again / Aguardar brokers disponíveis", ["wait_and_retry"]),
        ("Generate a transaction / Gerar mensagem de transação", ["next", "encode"]),
        ("Send it to Kafka / Enviar a mensagem para o Kafka", ["send"]),
        ("Log what was acknowledged / Imprimir log das mensagens confirmadas", ["show"]),
        ("Go on producing? / Continuar produzindo?", ["wait"]),
        ("Close the producer / Fechar o produtor", ["flush", "close"]),
        ("End / Fim", ["summary"]),
    ],
    "consume.py": [
        ("Start / Início", ["Backoff"]),
        (
            "Read the environment variables / Configurar variáveis de ambiente",
            ["consumer_settings"],
        ),
        ("Configure the consumer / Configurar o consumidor", ["open_stage"]),
        ("Brokers not there: wait, try again / Aguardar brokers disponíveis", ["wait_and_retry"]),
        ("Consume messages from Kafka / Consumir mensagens do Kafka", ["fetch"]),
        ("Process the message / Processar a mensagem", ["decode", "process", "dead_letter"]),
        ("Log the message / Imprimir log da mensagem consumida", ["processed"]),
        ("Go on consuming? / Continuar consumindo?", []),
        ("Close the consumer / Fechar o consumidor", ["commit", "close"]),
        ("End / Fim", ["summary"]),
    ],
}
LOOP = {
    "produce.py": ["next", "send", "show", "wait"],
    "consume.py": ["fetch", "decode", "process", "processed", "commit"],
}
PROGRAMS = pytest.mark.parametrize("name", CHARTS)


def text_of(name: str) -> str:
    return (PROJECT_FOLDER / name).read_text()


def calls_in(node: ast.AST) -> list[tuple[int, str]]:
    """Return (line, called name) of every call, in the order of lines."""
    found = []
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            function = call.func
            called = function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)
            found.append((call.lineno, called))
    return sorted(found)


@PROGRAMS
def test_the_whole_file_has_40_to_90_lines(name: str) -> None:
    assert 40 <= len(text_of(name).splitlines()) <= 90


@PROGRAMS
def test_there_is_one_commented_block_for_each_node_in_the_order_of_the_chart(name: str) -> None:
    comments = re.findall(r"^ +# (\d+)\. (.+)$", text_of(name), re.MULTILINE)
    assert comments == [(str(n), words) for n, (words, _) in enumerate(CHARTS[name], start=1)]


@PROGRAMS
def test_each_block_does_what_its_comment_says(name: str) -> None:
    lines = text_of(name).splitlines()
    starts = [n for n, line in enumerate(lines, 1) if re.match(r" +# \d+\. ", line)]
    calls = calls_in(ast.parse(text_of(name)))
    for (words, wanted), start, end in zip(
        CHARTS[name], starts, [*starts[1:], len(lines)], strict=True
    ):
        below = [called for line, called in calls if start < line < end]
        assert [called for called in wanted if called not in below] == [], words


@PROGRAMS
def test_the_loop_itself_stands_in_the_file_and_goes_on_by_its_last_statement(name: str) -> None:
    loops = [node for node in ast.walk(ast.parse(text_of(name))) if isinstance(node, ast.While)]
    (loop,) = (node for node in loops if ast.unparse(node.test) == "go_on")
    order = [called for _, called in calls_in(loop)]
    positions = [order.index(called) for called in LOOP[name]]
    assert positions == sorted(positions)
    last = loop.body[-1]
    assert isinstance(last, ast.Assign)
    assert ast.unparse(last.targets[0]) == "go_on"


def test_a_transaction_is_committed_after_processing_and_after_dead_letters() -> None:
    order = [called for _, called in calls_in(ast.parse(text_of("consume.py")))]
    assert order.index("process") < order.index("dead_letter") < order.index("commit")


@PROGRAMS
def test_configuring_stands_in_a_loop_that_waits_for_brokers_and_can_be_stopped(name: str) -> None:
    loops = [node for node in ast.walk(ast.parse(text_of(name))) if isinstance(node, ast.While)]
    (loop,) = (node for node in loops if "is None" in ast.unparse(node.test))
    assert "not stop.requested" in ast.unparse(loop.test)
    (attempt,) = (node for node in loop.body if isinstance(node, ast.Try))
    assert [ast.unparse(handler.type) for handler in attempt.handlers if handler.type] == [
        "Unavailable"
    ]
