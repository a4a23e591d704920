"""The verbs stop, start, restart, kill, pause, unpause and scale, on small real processes."""

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from kafka_workshop.clock import Deadline
from kafka_workshop.cluster.control import ControlClient, ControlServer, Refused
from kafka_workshop.cluster.orders import NotNow, carry_out, scale, set_rate
from kafka_workshop.cluster.service import Plan, Service, Stage
from kafka_workshop.cluster.states import (
    FAILED,
    KILLED,
    PAUSED,
    READY,
    RESTARTING,
    STOPPED,
    Event,
    Status,
)
from kafka_workshop.cluster.supervisor import NotPaced, NotScalable, Supervisor, UnknownService
from kafka_workshop.errors import InvalidSetting, ServiceFailed
from tests.support.bench import DYING, SERVER, Bench, until


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def status(supervisor: Supervisor, name: str = "one") -> Status:
    return next(each for each in supervisor.status() if each.service == name)


def pid_of(supervisor: Supervisor, name: str = "one") -> int:
    pid = status(supervisor, name).pid
    assert pid
    return pid


@pytest.mark.parametrize(("verb", "state"), [("stop", STOPPED), ("kill", KILLED)])
def test_what_is_stopped_or_killed_stays_down_until_it_is_started(
    bench: Bench, verb: str, state: str
) -> None:
    async def scenario(supervisor: Supervisor) -> None:
        before = pid_of(supervisor)
        await carry_out(supervisor, verb, ["one"])
        assert status(supervisor).state == state
        assert not psutil.pid_exists(before)
        await carry_out(supervisor, "start", ["one"])
        assert status(supervisor).state == READY
        assert pid_of(supervisor) != before

    bench.run(Stage("a", (bench.service("one"),)), then=scenario)
    assert RESTARTING not in bench.states("one")


def test_a_pause_stands_still_and_an_unpause_goes_on(bench: Bench) -> None:
    async def scenario(supervisor: Supervisor) -> None:
        process = psutil.Process(pid_of(supervisor))
        await carry_out(supervisor, "pause", ["one"])
        await until(lambda: process.status() == psutil.STATUS_STOPPED, "SIGSTOP to arrive")
        assert status(supervisor).state == PAUSED
        await carry_out(supervisor, "unpause", [])
        await until(lambda: process.status() != psutil.STATUS_STOPPED, "SIGCONT to arrive")
        assert status(supervisor).state == READY

    bench.run(Stage("a", (bench.service("one"),)), then=scenario)


def test_a_paused_service_can_be_stopped_and_still_ends_by_itself(bench: Bench) -> None:
    async def scenario(supervisor: Supervisor) -> None:
        await carry_out(supervisor, "pause", ["one"])
        await carry_out(supervisor, "stop", ["one"])
        assert status(supervisor).exit_code == 0

    bench.run(Stage("a", (bench.service("one"),)), then=scenario)
    assert bench.lines() == ["one started", "one ended"]


def test_a_restart_of_all_stops_and_starts_in_order(bench: Bench) -> None:
    async def scenario(supervisor: Supervisor) -> None:
        await carry_out(supervisor, "restart", [])

    keeper, client = bench.service("keeper", rank=3), bench.service("client", rank=0)
    bench.run(Stage("a", (keeper,)), Stage("b", (client,)), then=scenario)
    assert bench.lines()[2:6] == [
        *("client ended", "keeper ended"),
        *("keeper started", "client started"),
    ]


def test_an_unknown_name_is_refused_before_anything_is_done(bench: Bench) -> None:
    async def scenario(supervisor: Supervisor) -> None:
        with pytest.raises(UnknownService, match=r"No service 'two'. There are: one"):
            await carry_out(supervisor, "kill", ["one", "two"])
        assert status(supervisor).state == READY

    bench.run(Stage("a", (bench.service("one"),)), then=scenario)


def test_a_start_that_fails_says_why_and_the_system_goes_on(bench: Bench) -> None:
    # It starts once; from then on it dies.
    once = "import os,sys\nif os.path.exists(sys.argv[2]):\n print('out of cheese')\n sys.exit(4)\n"

    async def scenario(supervisor: Supervisor) -> None:
        await carry_out(supervisor, "stop", ["one"])
        with pytest.raises(ServiceFailed, match=r"one ended with code 4[\s\S]*out of cheese"):
            await carry_out(supervisor, "start", ["one"])
        assert status(supervisor).state == FAILED
        assert status(supervisor, "two").state == READY

    stage = Stage("a", (bench.service("one", once + SERVER),))
    assert bench.run(stage, Stage("b", (bench.service("two"),)), then=scenario) == 0


def test_a_stop_ends_a_start_that_has_not_come_to_its_end(bench: Bench) -> None:
    slow = SERVER.replace("pathlib.Path(ready).touch()", "")
    once = "import os,sys\nif not os.path.exists(sys.argv[2]):\n" + "".join(
        f" {line}\n" for line in SERVER.splitlines()
    )

    async def scenario(supervisor: Supervisor) -> None:
        await carry_out(supervisor, "stop", ["one"])
        starting = asyncio.create_task(carry_out(supervisor, "start", ["one"]))
        await until(lambda: bench.lines().count("one started") == 2, "the second start")
        deadline = Deadline(5)
        await carry_out(supervisor, "stop", ["one"])
        with pytest.raises(ServiceFailed, match="was stopped while it was starting"):
            await starting
        assert not deadline.expired
        assert status(supervisor).state == STOPPED

    bench.run(Stage("a", (bench.service("one", once + slow),)), then=scenario)


def test_an_accident_after_a_start_by_hand_is_restarted_again(bench: Bench) -> None:
    async def scenario(supervisor: Supervisor) -> None:
        await carry_out(supervisor, "kill", ["one"])
        await carry_out(supervisor, "start", ["one"])
        os.kill(pid_of(supervisor), signal.SIGKILL)
        await until(lambda: status(supervisor).restarts == 1, "a restart")
        await until(lambda: status(supervisor).state == READY, "ready again")

    bench.run(Stage("a", (bench.service("one"),)), then=scenario)


def test_one_that_keeps_dying_is_given_up_with_its_last_lines_and_what_to_do(
    bench: Bench,
) -> None:
    dying = DYING.replace("out of cheese", "java.io.IOException: No space left on device")
    once = f"import os,sys\nif os.path.exists(sys.argv[2]):\n {dying}\n" + SERVER

    async def scenario(supervisor: Supervisor) -> None:
        os.kill(pid_of(supervisor), signal.SIGKILL)
        await until(lambda: status(supervisor).state == FAILED, "it is given up")

    bench.run(Stage("a", (bench.service("one", once),)), then=scenario)
    details = [event.detail for event in bench.events if event.service == "one"]
    assert sum("No space left on device" in detail for detail in details) == 1
    (given_up,) = [e.detail for e in bench.events if e.service == "one" and e.state == FAILED]
    assert "The disk is full" in given_up
    assert "./workshop start one tries again" in given_up


def test_scale_adds_and_removes_instances_and_stop_means_all_of_them(bench: Bench) -> None:
    async def scenario(supervisor: Supervisor) -> None:
        await scale(supervisor, "one", 3)
        assert [each.service for each in supervisor.status()] == ["one", "one-2", "one-3"]
        assert {each.state for each in supervisor.status()} == {READY}
        await carry_out(supervisor, "stop", ["one"])
        assert {each.state for each in supervisor.status()} == {STOPPED}
        await scale(supervisor, "one", 2)
        assert [(each.service, each.state) for each in supervisor.status()] == [
            ("one", READY),
            ("one-2", READY),
        ]
        for count in (0, 13):
            with pytest.raises(NotScalable, match=f"one={count} is not allowed: one=1 to 12"):
                await scale(supervisor, "one", count)

    bench.run(
        Stage("a", (bench.service("one"),)),
        then=scenario,
        scalable={"one": lambda number: bench.service(f"one-{number}")},
    )
    assert bench.lines().count("one-2 started") == bench.lines().count("one-2 ended") == 2


def test_another_rate_starts_a_service_again_unless_it_is_at_rest(bench: Bench) -> None:
    def paced(rate: float) -> Service:
        if rate > 100:
            raise InvalidSetting("RATE", f"{rate:g}", "less")
        return replace(bench.service("one"), rate=rate)

    async def scenario(supervisor: Supervisor) -> None:
        before = pid_of(supervisor)
        await set_rate(supervisor, "one", 20.0)
        assert (status(supervisor).state, status(supervisor).rate) == (READY, 20.0)
        assert pid_of(supervisor) != before
        await carry_out(supervisor, "kill", ["one"])
        await set_rate(supervisor, "one", 30.0)
        assert (status(supervisor).state, status(supervisor).rate) == (KILLED, 30.0)
        with pytest.raises(InvalidSetting, match="RATE='200' is not allowed"):
            await set_rate(supervisor, "one", 200.0)
        with pytest.raises(NotPaced, match="two has no rate; these have: one"):
            await set_rate(supervisor, "two", 20.0)

    bench.run(Stage("a", (paced(10.0),)), then=scenario, paced={"one": paced})


def test_orders_are_refused_while_the_system_starts(bench: Bench) -> None:
    never = bench.service("never", SERVER.replace("pathlib.Path(ready).touch()", ""))

    async def scenario() -> None:
        supervisor = Supervisor(Plan((Stage("a", (never,)),)), bench.folders, bench.events.append)
        running = asyncio.create_task(supervisor.run())
        await until(lambda: bench.lines() == ["never started"], "the program to run")
        with pytest.raises(NotNow, match="starting or stopping"):
            await carry_out(supervisor, "kill", ["never"])
        supervisor.request_stop()
        await running

    asyncio.run(scenario())


def test_the_socket_carries_orders_and_refusals(bench: Bench) -> None:
    async def scenario(supervisor: Supervisor) -> None:
        control, client = ControlServer(supervisor, bench.folders), ControlClient(bench.folders)
        await control.start()

        def order(verb: str, *names: str) -> list[Event]:
            return list(client.order(verb, names))

        told = await asyncio.to_thread(order, "restart", "one")
        assert [event.state for event in told] == ["stopping", STOPPED, "starting", READY]
        with pytest.raises(Refused, match="No service 'two'") as refused:
            await asyncio.to_thread(order, "stop", "two")
        assert refused.value.exit_code == 2
        await control.close()

    bench.run(Stage("a", (bench.service("one"),)), then=scenario)


def test_a_start_by_hand_does_not_wait_for_the_restart_policy(bench: Bench) -> None:
    patient = replace(bench.service("one"), restart_delay=60.0)

    async def scenario(supervisor: Supervisor) -> None:
        os.kill(pid_of(supervisor), signal.SIGKILL)
        await until(lambda: status(supervisor).state == RESTARTING, "the wait for a restart")
        await carry_out(supervisor, "start", ["one"])
        assert status(supervisor).state == READY

    bench.run(Stage("a", (patient,)), then=scenario)
