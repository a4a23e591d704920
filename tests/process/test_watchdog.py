"""A process whose client library does not come back ends; one that was suspended does not."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from kafka_workshop.clock import Deadline
from kafka_workshop.settings import PROJECT_FOLDER
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
