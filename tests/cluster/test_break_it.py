"""The page that breaks the cluster: its commands, and what it says of each; killed supervisors."""

import os
import re
import shlex
import signal
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from kafka_workshop.clock import Deadline
from kafka_workshop.settings import PROJECT_FOLDER, ZOOKEEPER
from tests.support.checkout import Checkout, left_processes, listening
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(400)]

PAGE, TWIN = "docs/break-it.md", "docs/break-it.pt-BR.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# ZooKeeper's is 6 s, a consumer's 10 s.
LONGER_THAN_ANY_SESSION_S = 14.0


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


def pids(checkout: Checkout) -> dict[str, int]:
    return {status["service"]: status["pid"] for status in checkout.ps()}


def states(checkout: Checkout) -> set[str]:
    return {status["state"] for status in checkout.ps()}


def supervisor_of(checkout: Checkout) -> psutil.Process:
    return psutil.Process(pids(checkout)["broker-1"]).parent() or psutil.Process()


def consumed(checkout: Checkout) -> int:
    return checkout.log("consumer").count("partition=")


def test_what_a_killed_supervisor_leaves_is_recognised_and_the_next_up_is_clean(
    checkout: Checkout,
) -> None:
    started = checkout.run("up", "-d")
    assert started.returncode == 0, started.stderr
    children = pids(checkout)
    kill(supervisor_of(checkout))

    orphans = checkout.ps()
    assert {s["service"]: s["pid"] for s in orphans} == children
    assert {s["state"] for s in orphans} == {"orphaned"}
    assert "./workshop up starts anew" in checkout.run("ps").stdout
    refused = checkout.run("kill", "broker-1")
    assert refused.returncode == 2

    again = checkout.run("up", "-d")
    assert again.returncode == 0, again.stdout + again.stderr
    assert not any(psutil.pid_exists(pid) for pid in children.values())
    assert states(checkout) == {"ready"}
    before = consumed(checkout)
    wait_until(lambda: consumed(checkout) > before, 30, "the consumer works")
    ledger = checkout.run("ledger")
    assert ledger.returncode == 0, ledger.stdout + ledger.stderr


def test_what_a_killed_supervisor_leaves_is_ended_by_down(checkout: Checkout) -> None:
    assert checkout.run("up", "-d").returncode == 0
    kill(supervisor_of(checkout))
    ended = checkout.run("down")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Its supervisor was killed" in ended.stdout
    assert (left_processes(checkout), listening(checkout), checkout.ps()) == ([], [], [])
    assert "Nothing was running" in checkout.run("down").stdout


def test_up_starts_what_was_stopped(checkout: Checkout) -> None:
    assert checkout.run("up", "-d").returncode == 0
    assert checkout.run("stop", "consumer").returncode == 0
    again = checkout.run("up", "-d")
    assert again.returncode == 0
    assert "consumer ready" in again.stdout
    assert "already running" in checkout.run("up", "-d").stdout


def test_a_machine_that_slept_goes_on_where_it_was(checkout: Checkout) -> None:
    assert checkout.run("up", "-d").returncode == 0
    producing_goes_on(checkout)
    everything = [supervisor_of(checkout), *map(psutil.Process, pids(checkout).values())]
    asleep = Deadline(LONGER_THAN_ANY_SESSION_S)
    try:
        for process in everything:
            process.suspend()
        wait_until(lambda: asleep.expired, asleep.seconds + 5, "every session is over")
    finally:
        for process in everything:
            process.resume()

    wait_until(lambda: sorted(map(len, leads(checkout).values())) == [2, 2, 2], 60, "all lead")
    producing_goes_on(checkout)
    before = consumed(checkout)
    wait_until(lambda: consumed(checkout) > before + 5, 60, "the consumer works")
    # A consumer whose transaction or place ran out in its sleep ends and is started again: it may
    # be on its way back just now.
    wait_until(lambda: states(checkout) == {"ready"}, 60, "every service is ready again")
    assert checkout.run("ledger").returncode == 0


def test_everything_killed_at_once_starts_again_with_its_data(checkout: Checkout) -> None:
    assert checkout.run("up", "-d").returncode == 0
    before = consumed(checkout)
    wait_until(lambda: consumed(checkout) > before, 30, "the consumer works")
    supervisor, children = supervisor_of(checkout), pids(checkout)
    kill(supervisor)
    for pid in children.values():
        os.kill(pid, signal.SIGKILL)

    # At once: ZooKeeper comes back with the sessions of brokers that are dead.
    again = checkout.run("up", "-d")
    assert again.returncode == 0, again.stdout + again.stderr
    ledger = checkout.run("ledger")
    assert ledger.returncode == 0, ledger.stdout + ledger.stderr
    assert checkout.run("down").returncode == 0
    assert left_processes(checkout) == []
    assert listening(checkout) == []


def kill(process: psutil.Process) -> None:
    process.kill()
    wait_until(lambda: not process.is_running(), 10, f"{process.pid} has ended")
