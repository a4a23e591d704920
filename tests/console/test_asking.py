"""A question to a broker that is never answered holds up none of those after it."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from kafka_workshop.clock import Deadline
from kafka_workshop.console import coordination
from kafka_workshop.console.coordination import Line


class Connections:
    """Connections whose first question is never answered, and which count how they end."""

    def __init__(self) -> None:
        self.made = self.closed = 0
        self.released = threading.Event()

    def connect(self, *_: object) -> Any:
        self.made += 1
        return SimpleNamespace(admin=self.made, close=self._close)

    def _close(self) -> None:
        self.closed += 1

    def ask(self, admin: int) -> int:
        if admin == 1:
            assert self.released.wait(20), "nobody released it"
        return admin


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Connections:
    made = Connections()
    monkeypatch.setattr(coordination, "connect", made.connect)
    return made


def test_an_answer_that_never_comes_is_given_up(connections: Connections) -> None:
    line = Line("test", ["nowhere:1"], connections.ask, patience_s=0.2)
    line.ask()
    assert line.answer(Deadline(0.3)) is None
    line.ask()
    assert line.answer(Deadline(10)) == 2
    stale = [t for t in threading.enumerate() if t.name == "test"]
    connections.released.set()
    for thread in stale:
        thread.join(10)
    line.ask()
    assert line.answer(Deadline(10)) == 2, "the connection that works is kept"
    assert (connections.made, connections.closed) == (2, 1)


def test_within_its_patience_an_answer_is_awaited_and_not_asked_for_twice(
    connections: Connections,
) -> None:
    line = Line("test", ["nowhere:1"], connections.ask)
    line.ask()
    assert line.answer(Deadline(0.05)) is None
    line.ask()
    connections.released.set()
    assert line.answer(Deadline(10)) == 1
    assert (connections.made, connections.closed) == (1, 0)
