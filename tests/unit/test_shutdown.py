"""A signal ends waiting at once, and the handlers that were there come back."""

import os
import signal
import threading

import pytest

from kafka_workshop.clock import Deadline
from kafka_workshop.shutdown import SIGNALS, Stop


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_wakes_who_waits_at_once(number: signal.Signals) -> None:
    with Stop() as stop:
        threading.Timer(0.1, os.kill, (os.getpid(), number)).start()
        started = Deadline(60)
        assert stop.wait(30)
        assert started.elapsed < 5
        assert stop.requested


def test_waiting_after_the_request_returns_at_once_every_time() -> None:
    with Stop() as stop:
        stop.request()
        stop.request()
        started = Deadline(60)
        assert [stop.wait(30), stop.wait(30)] == [True, True]
        assert started.elapsed < 5


def test_without_a_signal_it_waits_the_time_out() -> None:
    with Stop() as stop:
        started = Deadline(60)
        assert not stop.wait(0.1)
        assert started.elapsed >= 0.1
        assert not stop.wait(-1)


def test_the_former_handlers_come_back() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with Stop():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before
