"""The supervisor with small real processes in the place of servers."""

import asyncio
import os
import signal
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest

from kafka_workshop.cluster import budget, logfiles
from kafka_workshop.cluster.budget import RESTARTS, RestartBudget
from kafka_workshop.cluster.control import ControlClient, ControlServer
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.orders import carry_out
from kafka_workshop.cluster.service import LastWord, Plan, Stage
from kafka_workshop.cluster.sole import AlreadyRunning, is_running, sole_supervisor
from kafka_workshop.cluster.states import EXITED, FAILED, READY, RESTARTING, STOPPED, Event
from kafka_workshop.cluster.stopping import StopTime
from kafka_workshop.cluster.supervisor import Supervisor
from tests.support.bench import DYING, FINISHING, SERVER, STUBBORN, Bench, until

# Every write to it finds a disk that is full.
FULL = Path("/dev/full")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_stages_start_in_order_and_ranks_stop_in_order(bench: Bench) -> None:
    keeper, broker, client = (
        bench.service("keeper", rank=3),
        bench.service("broker", rank=2),
        bench.service("client", rank=0),
    )
    code = bench.run(Stage("a", (keeper,)), Stage("b", (broker,)), Stage("c", (client,)))
    assert code == 0
    assert bench.lines() == [
        *("keeper started", "broker started", "client started"),
        *("client ended", "broker ended", "keeper ended"),
    ]


def test_what_comes_after_a_stage_runs_once_all_of_it_is_ready(bench: Bench) -> None:
    seen: list[list[str]] = []

    async def after() -> None:
        seen.append(bench.lines())

    bench.run(Stage("a", (bench.service("one"), bench.service("two")), after))
    assert [sorted(lines) for lines in seen] == [["one started", "two started"]]


def test_what_comes_afterwards_runs_beside_the_services_until_they_stop(bench: Bench) -> None:
    seen: list[str] = []

    async def afterwards() -> None:
        seen.extend([*bench.states("one"), "begun"])
        try:
            await asyncio.Event().wait()
        finally:
            seen.extend([*bench.lines(), "given up"])

    async def then(_: Supervisor) -> None:
        await until(lambda: "begun" in seen, "it to begin")

    stage = Stage("a", (bench.service("one"),))
    assert bench.run(stage, then=then, afterwards=afterwards) == 0
    assert seen == ["starting", READY, "begun", "one started", "given up"]


def test_a_failure_of_what_comes_afterwards_is_none_of_the_services(bench: Bench) -> None:
    async def afterwards() -> None:
        raise OSError("disk full")

    assert bench.run(Stage("a", (bench.service("one"),)), afterwards=afterwards) == 0
    assert bench.lines() == ["one started", "one ended"]


def test_a_service_that_cannot_start_stops_the_rest_and_shows_its_last_lines(
    bench: Bench,
) -> None:
    code = bench.run(
        Stage("a", (bench.service("good"),)), Stage("b", (bench.service("bad", DYING),))
    )
    assert code == 1
    (failure,) = [event for event in bench.events if event.state == FAILED]
    assert "bad ended with code 3" in failure.detail
    assert "out of cheese" in failure.detail
    assert bench.lines() == ["good started", "good ended"]


def test_the_last_word_is_asked_for_before_its_rank_stops_and_said_at_the_end(
    bench: Bench,
) -> None:
    async def ask() -> str:
        return " and ".join(bench.lines()[2:])

    early, late = bench.service("early", rank=0), bench.service("late", rank=1)
    bench.run(Stage("a", (early,)), Stage("b", (late,)), last_word=LastWord(1, ask))
    assert bench.events[-1].state == STOPPED
    assert bench.events[-1].detail == "early ended"


def test_a_start_that_failed_has_no_last_word(bench: Bench) -> None:
    async def ask() -> str:
        raise AssertionError("asked for")

    assert bench.run(Stage("a", (bench.service("bad", DYING),)), last_word=LastWord(0, ask)) == 1


def test_a_killed_service_is_restarted(bench: Bench) -> None:
    async def kill(supervisor: Supervisor) -> None:
        (status,) = supervisor.status()
        assert status.pid
        os.kill(status.pid, signal.SIGKILL)
        await until(lambda: supervisor.status()[0].restarts == 1, "a restart")
        await until(lambda: supervisor.status()[0].state == READY, "ready again")
        assert supervisor.status()[0].pid != status.pid

    bench.run(Stage("a", (bench.service("one"),)), then=kill)
    assert RESTARTING in bench.states("one")


def test_one_that_keeps_dying_is_given_up_and_said_once(bench: Bench) -> None:
    once = "import os,sys\nif os.path.exists(sys.argv[2]): sys.exit(4)\n" + SERVER

    async def kill(supervisor: Supervisor) -> None:
        pid = supervisor.status()[0].pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        await until(lambda: supervisor.status()[0].state == FAILED, "it is given up")

    bench.run(Stage("a", (bench.service("one", once),)), then=kill)
    assert bench.states("one").count(RESTARTING) == RESTARTS
    assert bench.states("one").count(FAILED) == 1


def test_one_whose_waits_and_starts_are_longer_than_the_window_is_given_up_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "WINDOW_S", 0.3)
    monkeypatch.setattr(budget, "LONGEST_DELAY_S", 0.2)
    ready_and_gone = "import os,pathlib,sys\nif os.path.exists(sys.argv[2]):\n"
    ready_and_gone += " pathlib.Path(sys.argv[1]).touch(); sys.exit(4)\n"

    async def kill(supervisor: Supervisor) -> None:
        pid = supervisor.status()[0].pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        await until(lambda: supervisor.status()[0].state == FAILED, "it is given up")

    one = replace(bench.service("one", ready_and_gone + SERVER), restart_delay=0.2)
    bench.run(Stage("a", (one,)), then=kill)
    assert bench.states("one").count(RESTARTING) == RESTARTS


def test_one_that_cannot_be_executed_is_told_in_words_and_the_rest_stops(bench: Bench) -> None:
    one = bench.service("one")
    absent = replace(one, command=replace(one.command, arguments=["/there/is/no/java"]))
    assert bench.run(Stage("a", (bench.service("good"),)), Stage("b", (absent,))) == 1
    (failure,) = [event for event in bench.events if event.state == FAILED]
    assert "one could not be started" in failure.detail
    assert "/there/is/no/java" in failure.detail
    assert bench.lines() == ["good started", "good ended"]


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_disk_that_is_full_when_it_is_restarted_is_told_once_with_what_to_do(
    bench: Bench,
) -> None:
    config = bench.folders.root / "one.properties"
    one = replace(bench.service("one"), files={config: "key=value"})

    async def fill_and_kill(supervisor: Supervisor) -> None:
        config.unlink()
        config.symlink_to(FULL)
        pid = supervisor.status()[0].pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        await until(lambda: supervisor.status()[0].state == FAILED, "it is given up")
        config.unlink()
        await carry_out(supervisor, "start", ["one"])
        assert supervisor.status()[0].state == READY

    assert bench.run(Stage("a", (one,)), then=fill_and_kill) == 0
    (failure,) = [event for event in bench.events if event.state == FAILED]
    assert "one could not be started" in failure.detail
    assert "The disk is full" in failure.detail


def test_a_failed_start_that_passes_by_itself_is_tried_again(bench: Bench) -> None:
    once = (
        "import os,sys\nif not os.path.exists(sys.argv[2]):\n"
        " open(sys.argv[2],'w').close(); print('NodeExists'); sys.exit(1)\n" + SERVER
    )
    code = bench.run(Stage("a", (replace(bench.service("one", once), passing="NodeExists"),)))
    assert code == 0
    assert bench.states("one").count(RESTARTING) == 1
    assert READY in bench.states("one")


def test_a_program_that_finishes_by_itself_is_not_restarted(bench: Bench) -> None:
    async def finished(supervisor: Supervisor) -> None:
        await until(lambda: supervisor.status()[0].state == EXITED, "its end")

    bench.run(Stage("a", (bench.service("one", FINISHING),)), then=finished)
    assert RESTARTING not in bench.states("one")


def test_one_that_refuses_is_told_once_and_the_others_stay(bench: Bench) -> None:
    refusing = "import sys; print('first decide'); sys.exit(2)"

    async def refused(supervisor: Supervisor) -> None:
        await until(lambda: supervisor.status()[1].state == FAILED, "it has refused")
        assert supervisor.status()[0].state == READY

    one = replace(bench.service("one", refusing), may_refuse=True)
    assert bench.run(Stage("a", (bench.service("good"), one)), then=refused) == 0
    assert [state for state in bench.states("one") if state in (READY, RESTARTING)] == []
    (failure,) = [event for event in bench.events if event.state == FAILED]
    assert "first decide" in failure.detail


def test_one_that_ignores_sigterm_is_killed_after_its_time(bench: Bench) -> None:
    pids: list[int | None] = []

    async def note(supervisor: Supervisor) -> None:
        pids.append(supervisor.status()[0].pid)

    bench.run(Stage("a", (bench.service("one", STUBBORN),)), then=note)
    assert bench.states("one")[-1] == STOPPED
    assert pids[0]
    assert not psutil.pid_exists(pids[0])


def test_however_many_ignore_sigterm_the_time_is_that_of_all_together(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kafka_workshop.cluster.supervisor.StopTime", partial(StopTime, seconds=1))
    stubborn = [
        replace(bench.service(f"rank-{rank}", STUBBORN, rank), stop_seconds=30.0)
        for rank in range(3)
    ]
    bench.run(Stage("a", tuple(stubborn)))
    (stopped,) = [event for event in bench.events if not event.service and event.state == STOPPED]
    assert stopped.seconds < 15
    assert all(bench.states(service.name)[-1] == STOPPED for service in stubborn)


@pytest.mark.parametrize("name", ["one", "supervisor"])
def test_the_logs_of_services_and_its_own_are_kept_small(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("kafka_workshop.cluster.supervisor.ROTATE_EVERY_S", 0.01)
    log = bench.folders.log_of(name)
    log.touch()
    os.truncate(log, logfiles.MAX_BYTES)

    async def turned(_: Supervisor) -> None:
        await until(lambda: log.stat().st_size == 0, f"{log.name} is empty again")

    bench.run(Stage("a", (bench.service("one"),)), then=turned)
    assert logfiles.previous(log).stat().st_size == logfiles.MAX_BYTES


def test_a_child_is_in_a_session_of_its_own(bench: Bench) -> None:
    sessions: list[int] = []

    async def look(supervisor: Supervisor) -> None:
        pid = supervisor.status()[0].pid
        assert pid
        sessions.append(os.getsid(pid))

    bench.run(Stage("a", (bench.service("one"),)), then=look)
    assert sessions[0] != os.getsid(0)


def test_a_stop_while_starting_leaves_nothing_behind(bench: Bench) -> None:
    never = bench.service("never", SERVER.replace("pathlib.Path(ready).touch()", ""))

    async def scenario() -> int:
        supervisor = Supervisor(Plan((Stage("a", (never,)),)), bench.folders, bench.events.append)
        running = asyncio.create_task(supervisor.run())
        await until(lambda: bench.lines() == ["never started"], "the program to run")
        supervisor.request_stop()
        return await running

    assert asyncio.run(scenario()) == 0
    assert bench.lines() == ["never started", "never ended"]


def test_the_budget_grows_its_delay_and_runs_out() -> None:
    taken = RestartBudget(first_delay=1.0)
    delays = [taken.take(worked=0.0) for _ in range(RESTARTS + 1)]
    assert delays[:3] == [1.0, 2.0, 4.0]
    assert delays[-1] is None


def test_the_budget_comes_back_with_work() -> None:
    taken = RestartBudget(first_delay=1.0)
    for _ in range(RESTARTS):
        taken.take(worked=0.0)
    assert taken.take(worked=1_000.0) == 1.0


def test_the_socket_answers_ps_and_down_and_is_the_owners_alone(bench: Bench) -> None:
    async def scenario() -> tuple[int, list[str], list[Event], list[Event], int]:
        plan = Plan((Stage("a", (bench.service("one"),)),))
        with sole_supervisor(bench.folders):
            supervisor = Supervisor(plan, bench.folders, bench.events.append)
            control, client = ControlServer(supervisor, bench.folders), ControlClient(bench.folders)
            await control.start()
            mode = Path(client.presence().socket).stat().st_mode & 0o777
            running = asyncio.create_task(supervisor.run())
            waited = await asyncio.to_thread(lambda: list(client.wait()))
            names = [status.service for status in await asyncio.to_thread(client.ps)]
            down = await asyncio.to_thread(lambda: list(client.down()))
            code = await running
            await control.close()
            return mode, names, waited, [waited[-1], down[-1]], code

    mode, names, waited, last, code = asyncio.run(scenario())
    assert mode == 0o600
    assert names == ["one"]
    assert [event.state for event in last] == [READY, STOPPED]
    assert waited[0] == Event("", "stage", 0.0, "a"), "who comes late is told the start"
    assert code == 0


def test_a_second_supervisor_on_one_folder_is_refused(bench: Bench) -> None:
    with sole_supervisor(bench.folders):
        assert is_running(bench.folders)
        with pytest.raises(AlreadyRunning, match="already running"), sole_supervisor(bench.folders):
            pass
    assert not is_running(bench.folders)


def test_nobody_there_means_no_services(bench: Bench) -> None:
    assert ControlClient(bench.folders).ps() == []


def test_a_long_folder_still_has_a_socket(tmp_path: Path) -> None:
    deep = Bench(tmp_path / ("x" * 120))

    async def scenario() -> str:
        supervisor = Supervisor(Plan(()), deep.folders, deep.events.append)
        control = ControlServer(supervisor, deep.folders)
        await control.start()
        path = ControlClient(deep.folders).presence().socket
        await control.close()
        return path

    assert len(asyncio.run(scenario())) < 100


def test_removing_a_runs_folders_leaves_what_is_not_ours(tmp_path: Path) -> None:
    folders = RunFolders(tmp_path)
    folders.make()
    folders.console.mkdir()  # the Kafka UI makes it
    (tmp_path / "mine.txt").write_text("keep")
    folders.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
