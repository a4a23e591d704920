"""Calls that may block for ever are waited for only so long, and never overtake one another."""

import threading

from kafka_workshop.clock import Deadline
from kafka_workshop.messaging.bounded import OneAtATime


def test_a_call_that_ends_is_waited_for() -> None:
    done: list[int] = []
    assert OneAtATime().run(lambda: done.append(1), 5.0)
    assert done == [1]


def test_a_call_that_is_stuck_is_left_behind_and_no_other_starts_before_it_ends() -> None:
    calls, release, order = OneAtATime(), threading.Event(), list[str]()
    started = Deadline(60)

    def stuck() -> None:
        release.wait(20)
        order.append("first")

    assert not calls.run(stuck, 0.05)
    assert not calls.run(lambda: order.append("never"), 0.05)
    assert not calls.idle(0.05)
    assert started.elapsed < 5
    release.set()
    assert calls.idle(10.0)
    assert calls.run(lambda: order.append("second"), 10.0)
    assert order == ["first", "second"]
