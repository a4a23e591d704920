"""A question through kafka-python: what its answer, a refusal and silence become."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from kafka import errors as kafka_errors

from kafka_workshop import language
from kafka_workshop.console.diagnosis import Refused
from kafka_workshop.console.managing import question
from kafka_workshop.console.managing.question import ask
from kafka_workshop.language import tr

SERVERS = ("nowhere:1",)


class Connections:
    """Connections that count how they end; one that is asked for may be refused."""

    def __init__(self) -> None:
        self.made = self.closed = 0
        self.all_closed = threading.Event()
        self.refuses: type[Exception] | None = None

    def connect(self, *_: object) -> Any:
        if self.refuses is not None:
            raise self.refuses
        self.made += 1
        return SimpleNamespace(admin=self.made, close=self._close)

    def _close(self) -> None:
        self.closed += 1
        if self.closed == self.made:
            self.all_closed.set()


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Connections:
    made = Connections()
    monkeypatch.setattr(question, "connect", made.connect)
    monkeypatch.setattr(question, "_PAUSE_SECONDS", 0.01)
    return made


def refusing(error: Exception) -> Callable[[Any], int]:
    def asked(_admin: Any) -> int:
        raise error

    return asked


def test_an_answer_comes_back_and_its_connection_is_closed(connections: Connections) -> None:
    assert ask(SERVERS, lambda admin: admin + 41) == 42
    assert connections.all_closed.wait(10)
    assert (connections.made, connections.closed) == (1, 1)


def test_while_the_coordinator_moves_it_is_asked_anew_on_a_new_connection(
    connections: Connections,
) -> None:
    def asked(admin: int) -> int:
        if admin < 3:
            raise kafka_errors.NotCoordinatorError
        return admin

    assert ask(SERVERS, asked) == 3
    assert connections.all_closed.wait(10)


def test_a_coordinator_that_never_settles_is_said_to_be_moving(connections: Connections) -> None:
    asked = refusing(kafka_errors.CoordinatorNotAvailableError())
    with pytest.raises(Refused, match="moving to another broker"):
        ask(SERVERS, asked, seconds=1.0)
    assert connections.made > 1


@pytest.mark.parametrize(
    ("writing", "said"), [(True, "Nothing is known about whether"), (False, "nothing was read")]
)
def test_silence_is_told_as_what_it_means(
    connections: Connections, writing: bool, said: str
) -> None:
    connections.refuses = kafka_errors.KafkaConnectionError
    with pytest.raises(Refused, match=said):
        ask(SERVERS, lambda admin: admin, writing=writing)
    connections.refuses, released = None, threading.Event()

    def asked(_admin: Any) -> None:
        released.wait(20)

    with pytest.raises(Refused, match=said):
        ask(SERVERS, asked, writing=writing, seconds=0.2)
    released.set()
    assert connections.all_closed.wait(10), "the one who was not waited for has ended too"


@pytest.mark.usefixtures("connections")
def test_a_refusal_is_in_the_language_of_whoever_asks() -> None:
    def asked(_admin: Any) -> None:
        raise Refused(tr("no", "não"))

    language.use("pt-BR")
    with pytest.raises(Refused, match="não"):
        ask(SERVERS, asked)
    with pytest.raises(Refused, match="O grupo tem membros"):
        ask(SERVERS, refusing(kafka_errors.UnknownMemberIdError()))
