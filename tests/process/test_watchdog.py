"""A process whose client library does not come back ends; one that was suspended does not."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from kafka_workshop.clock import Deadline
from kafka_workshop.domain.rulebook import default_rules
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.offsets import Position
from kafka_workshop.messaging.tally import Tally
from kafka_workshop.messaging.topics import MonitorTopics
from kafka_workshop.monitor.account import AccountFold
from kafka_workshop.monitor.opening import MonitorStage
from kafka_workshop.monitor.stage.partition import Partition
from kafka_workshop.monitor.stage.restore import Source
from kafka_workshop.monitor.stage.stage import Stage
from kafka_workshop.monitor.stage.watchdog import Watchdog
from kafka_workshop.settings import PROJECT_FOLDER
from tests.support.stages import history
from tests.support.waiting import wait_until

PROGRAM = """
import sys, threading
from kafka_workshop.monitor.stage.watchdog import Watchdog

watchdog = Watchdog(limit_s=1.0, tick_s=0.1)
hears = watchdog.hears(lambda: False)
released = threading.Event()
with watchdog.watching():
    pass
for _ in range(5):
    released.wait(0.3)  # outside nobody counts
with watchdog.watching():
    with watchdog.watching():
        for _ in range(5):
            released.wait(0.3)
            hears()
    print("inside", flush=True)
    {does}
print("came back", flush=True)
"""


def run(does: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(does=does)],
        env={**os.environ, "PYTHONPATH": str(Path(PROJECT_FOLDER) / "src"), "LANG": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_call_that_does_not_return_ends_the_process_in_words_and_with_the_place() -> None:
    out, errors = (process := run("released.wait()")).communicate(timeout=20)
    assert (process.returncode, out) == (1, "inside\n")
    assert "has not returned" in errors
    assert "line 18" in errors, errors


def test_who_was_suspended_for_longer_than_the_limit_goes_on() -> None:
    process = run("released.wait(0.5)")
    assert process.stdout is not None
    assert process.stdout.readline() == "inside\n"
    process.send_signal(signal.SIGSTOP)
    longer = Deadline(2.0)
    try:
        wait_until(lambda: longer.expired, 3, "the limit has passed")
        assert psutil.Process(process.pid).status() == psutil.STATUS_STOPPED
    finally:
        process.send_signal(signal.SIGCONT)
    out, errors = process.communicate(timeout=20)
    assert (process.returncode, out, errors) == (0, "came back\n", "")


class Hanging:
    """A client of which every call hangs, until the watchdog would have ended the process."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return self._hang

    def _hang(self, *_: object, **__: object) -> list[Any]:
        assert self.ended.wait(10), "nobody watches this call"
        return []


def joins(stage: MonitorStage) -> None:
    stage.join()


def fetches(stage: MonitorStage) -> None:
    list(stage.fetch(1, 0.1))


def commits(stage: MonitorStage) -> None:
    stage._partitions[0] = Partition(0, Position(0, Tally(0, 0)), {}, stage.fold)
    (event,) = history(2_000)[:1]
    stage.process(Message("t", 0, 0, event.occurred_at, None, None), event)
    stage.commit(now=True)


@pytest.mark.parametrize("call", [joins, fetches, commits])
def test_every_call_that_may_hang_is_watched(call: Callable[[MonitorStage], None]) -> None:
    client: Any = Hanging()
    fold = AccountFold(default_rules(), MonitorTopics("t", "g"))
    source = Source(("nowhere:1",), "t", "c", fold.schema, fold.rules)
    watchdog = Watchdog(0.3, 0.05, lambda _: client.ended.set())
    call(Stage(source, fold, client, client, watchdog, client))
    assert client.ended.is_set()
