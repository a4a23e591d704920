"""So many a second: no drift, no burst, awake at once."""

import os
import signal
import threading

import pytest

from kafka_workshop.clock import Deadline
from kafka_workshop.pace import Pacer
from kafka_workshop.shutdown import Stop


class Clock:
    """A clock that a test turns by hand, in seconds."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("rate", [0.1, 3, 50, 10_000])
def test_turns_fall_due_without_drift(rate: float) -> None:
    clock = Clock()
    pacer = Pacer(rate, clock)
    for turn in range(1_000):
        clock.now = 100.0 + turn / rate
        assert pacer.due_in() == pytest.approx(0, abs=1e-6), turn
        pacer.take()
        assert pacer.due_in() == pytest.approx(1 / rate, abs=1e-6)


def test_being_a_little_late_is_made_up_for() -> None:
    clock = Clock()
    pacer = Pacer(10, clock)
    clock.now += 0.5
    taken = 0
    while pacer.due_in() <= 0:
        pacer.take()
        taken += 1
    assert taken == 6


def test_after_a_long_pause_there_is_no_burst() -> None:
    clock = Clock()
    pacer = Pacer(1_000, clock)
    pacer.take()
    clock.now += 60
    taken = 0
    while pacer.due_in() <= 0:
        pacer.take()
        taken += 1
    assert taken == 1


@pytest.mark.parametrize("rate", [200, 10_000])
def test_the_real_clock_keeps_the_rate(rate: int) -> None:
    with Stop() as stop:
        pacer, started = Pacer(rate), Deadline(60)
        for _ in range(rate // 2):
            assert pacer.wait(stop, lambda: None)
        assert 0.45 < started.elapsed < 1.5


def test_waiting_serves_who_is_idle_and_ends_at_once_on_a_signal() -> None:
    served = []
    with Stop() as stop:
        pacer, started = Pacer(0.1), Deadline(60)
        assert pacer.wait(stop, lambda: None), "the first turn is due at once"
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM)).start()
        assert not pacer.wait(stop, lambda: served.append(1))
        assert started.elapsed < 5
    assert len(served) > 2
