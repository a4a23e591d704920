"""Supervisors that are killed, a machine that slept: what is left, and how it starts again."""

import os
import signal

import psutil
import pytest

from kafka_workshop.clock import Deadline
from tests.cluster.test_break_it import leads, producing_goes_on
from tests.support.checkout import Checkout, left_processes, listening
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(400)]

# ZooKeeper's is 6 s, a consumer's 10 s.
LONGER_THAN_ANY_SESSION_S = 14.0


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
