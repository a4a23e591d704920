"""The commands of both READMEs, extracted and run, in the order in which they stand there."""

import re
import shlex
import subprocess
from typing import Any

import pytest
import typer.main

from kafka_workshop.cli import app
from kafka_workshop.domain.label import SCENARIOS
from kafka_workshop.domain.rulebook import RULES
from kafka_workshop.settings import PROJECT_FOLDER
from tests.support.checkout import Checkout, left_processes, listening
from tests.support.terminal import Terminal
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

READMES = [("README.md", "en"), ("README.pt-BR.md", "pt-BR")]
BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
FOLLOWS_S = 60.0


def commands(readme: str) -> list[str]:
    """Return every shell command of a README once, comments left out."""
    text = (PROJECT_FOLDER / readme).read_text(encoding="utf-8")
    lines = [line for block in BLOCK.findall(text) for line in block.splitlines()]
    stripped = [re.sub(r"\s+#.*$", "", line).strip() for line in lines]
    return list(dict.fromkeys(line for line in stripped if line))


def needs_an_engine(command: str) -> bool:
    return "docker" in command


def is_this_run(command: str) -> bool:
    return command.startswith("./workshop test")


@pytest.mark.parametrize(("readme", "lang"), READMES)
def test_every_command_works_as_it_stands(checkout: Checkout, readme: str, lang: str) -> None:
    run = [c for c in commands(readme) if not needs_an_engine(c) and not is_this_run(c)]
    assert "./workshop up -d" in run
    try:
        for command in run:
            carry_out(checkout, command, lang)
    finally:
        checkout.run("down")
    assert left_processes(checkout) == []
    assert listening(checkout) == []


def carry_out(checkout: Checkout, command: str, lang: str) -> None:
    words = shlex.split(command)
    settings = {"WORKSHOP_LANG": lang}
    while "=" in words[0]:
        name, value = words.pop(0).split("=", 1)
        settings[name] = value
    if words == ["./workshop", "up"]:
        in_the_foreground(checkout)
    elif "-f" in words:
        until_lines_come(checkout, words, settings)
    else:
        to_its_end(checkout, words, settings)


def in_the_foreground(checkout: Checkout) -> None:
    """Run `./workshop up` until all is ready, then press Ctrl-C."""
    checkout.run("down")
    with Terminal(checkout, "up") as terminal:
        terminal.shows(f"http://localhost:{checkout.console_port}", 180)
        terminal.interrupt()
        assert terminal.ended(15) == 0
        assert re.search("Stopped in|Parado em", terminal.read())


def environment(checkout: Checkout, settings: dict[str, str]) -> dict[str, str]:
    # The ports of this copy; a student has the ones that the programs know.
    return {**checkout.environment, "BOOTSTRAP_SERVERS": checkout.bootstrap_servers, **settings}


def until_lines_come(checkout: Checkout, words: list[str], settings: dict[str, str]) -> None:
    output = checkout.folder.parent / "followed"
    with (
        output.open("wb") as file,
        subprocess.Popen(
            words, cwd=checkout.folder, env=environment(checkout, settings), stdout=file
        ) as following,
    ):
        try:
            wait_until(
                lambda: output.read_text().count("partition=") > 2, FOLLOWS_S, " ".join(words)
            )
        finally:
            following.terminate()


def to_its_end(checkout: Checkout, words: list[str], settings: dict[str, str]) -> None:
    done = subprocess.run(
        words,
        cwd=checkout.folder,
        env=environment(checkout, settings),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    assert "Traceback" not in done.stdout + done.stderr


def test_each_table_of_figures_names_a_command_that_exists() -> None:
    for readme, _ in READMES:
        text = (PROJECT_FOLDER / readme).read_text(encoding="utf-8")
        named = set(re.findall(r"`\./workshop bench (\w+)[^`]*`", text))
        assert named == {"generate", "clients", "start"}
        for name in named:
            assert (PROJECT_FOLDER / "benchmarks" / f"{name}.py").exists(), name


def test_the_table_of_quality_names_the_command_that_judged_it() -> None:
    for readme, _ in READMES:
        text = (PROJECT_FOLDER / readme).read_text(encoding="utf-8")
        found = re.search(r"`\./workshop (monitor backtest) --seeds ([0-9]+)-([0-9]+)`", text)
        assert found, readme
        assert command_of(found[1]) is not None
        assert {found[2], found[3]} == {"100", "119"}
        figures = text[found.end() :].split("\n## ")[0]
        rows = re.findall(
            r"(?m)^\| `(\w+)`[^|]*\| ([0-9.,]+) \| ([0-9.,]+) \| ([0-9.,]+) \|", figures
        )
        assert {row[0] for row in rows} == {*SCENARIOS, *RULES}
        for _, whole, part, share in rows:
            counts = [int(re.sub(r"\D", "", each)) for each in (whole, part)]
            assert float(share.replace(",", ".")) == round(min(counts) / max(counts), 3)


def command_of(words: str) -> object:
    """Return the verb that the command line knows by these words."""
    found: Any = typer.main.get_command(app)
    for word in words.split():
        found = found.commands[word]
    return found
