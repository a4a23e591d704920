"""The page that breaks the cluster: its commands, and what it says of each."""

import re
import shlex
from collections.abc import Callable
from typing import Any

import pytest

from kafka_workshop.settings import PROJECT_FOLDER, ZOOKEEPER
from tests.support.checkout import Checkout, left_processes, listening
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(400)]

PAGE, TWIN = "docs/break-it.md", "docs/break-it.pt-BR.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(page: str) -> list[str]:
    text = (PROJECT_FOLDER / page).read_text(encoding="utf-8")
    return [line for block in BLOCK.findall(text) for line in block.splitlines()]


def test_both_languages_say_the_same_commands() -> None:
    assert commands(PAGE) == commands(TWIN)
    assert "./workshop kill broker-2" in commands(PAGE)


@pytest.mark.parametrize(
    ("page", "lang"), [(PAGE, "en"), pytest.param(TWIN, "pt-BR", marks=pytest.mark.long)]
)
def test_every_command_of_the_page_does_what_the_page_says(
    page: str, lang: str, checkout: Checkout
) -> None:
    after: dict[str, Callable[[Checkout], None]] = {
        "./workshop kill broker-2": leadership_moves,
        "./workshop start broker-2": leadership_returns,
        "./workshop kill consumer": consumption_stops,
        "./workshop scale consumer=3": three_share_the_partitions,
        "./workshop kill zookeeper": producing_goes_on,
    }
    run = [c for c in commands(page) if checkout.coordination == ZOOKEEPER or ZOOKEEPER not in c]
    seen = set()
    try:
        for command in run:
            carry_out(checkout, command, lang)
            if command in after:
                after[command](checkout)
                seen.add(command)
    finally:
        checkout.run("down")
    assert seen == {command for command in after if command in run}
    assert len(seen) >= 4
    assert left_processes(checkout) == []
    assert listening(checkout) == []


def carry_out(checkout: Checkout, command: str, lang: str) -> None:
    words, _, comment = command.partition("#")
    expected = re.search(r"exit code (\d)", comment)
    spoken = {"WORKSHOP_LANG": lang}
    done = checkout.run(*shlex.split(words)[1:], seconds=120, settings=spoken)
    assert done.returncode == int(expected[1] if expected else 0), (
        f"{command}\n{done.stdout}{done.stderr}"
    )
    assert "Traceback" not in done.stdout + done.stderr


def service(checkout: Checkout, name: str) -> dict[str, Any]:
    return next(status for status in checkout.ps() if status["service"] == name)


def leads(checkout: Checkout) -> dict[str, list[int]]:
    return {s["service"]: s["leads"] for s in checkout.ps() if "leads" in s}


def leadership_moves(checkout: Checkout) -> None:
    assert service(checkout, "broker-2")["state"] == "killed"

    def moved() -> bool:
        led = leads(checkout)
        return not led.get("broker-2", [0]) and len(led["broker-1"] + led["broker-3"]) == 6

    wait_until(moved, 30, "the other two lead all six partitions")
    producing_goes_on(checkout)


def leadership_returns(checkout: Checkout) -> None:
    wait_until(lambda: len(leads(checkout)["broker-2"]) == 2, 40, "broker-2 leads two partitions")


def consumption_stops(checkout: Checkout) -> None:
    assert service(checkout, "consumer")["state"] == "killed"
    producing_goes_on(checkout)


def three_share_the_partitions(checkout: Checkout) -> None:
    def shares() -> list[str]:
        logs = [checkout.log(name) for name in ("consumer", "consumer-2", "consumer-3")]
        found = [
            re.findall(r"(?:partitions assigned|partições atribuídas) partitions=(\[.*?\])", log)
            for log in logs
        ]
        return [mine[-1] for mine in found if mine]

    def shared() -> bool:
        numbers = [int(n) for share in shares() for n in re.findall(r"\d+", share)]
        return len(shares()) == 3 and sorted(numbers) == list(range(6))

    wait_until(shared, 60, "each consumer has two partitions")


def producing_goes_on(checkout: Checkout) -> None:
    def acknowledged() -> int:
        return checkout.log("producer").count("partition=")

    before = acknowledged()
    wait_until(lambda: acknowledged() > before + 5, 60, "the producer's records are acknowledged")
