"""One question to the brokers through kafka-python, which `messaging.one_broker` gives reasons for.

It runs in a thread of its own: the library is not believed to answer in time.
"""

import contextvars
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from confluent_kafka import KafkaError as ClientError
from kafka.errors import (
    BrokerResponseError,
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    GroupIdNotFoundError,
    KafkaError,
    NonEmptyGroupError,
    NotCoordinatorError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)

from kafka_workshop.clock import Deadline
from kafka_workshop.console.diagnosis import Refused, refusal, unread
from kafka_workshop.language import tr
from kafka_workshop.messaging.one_broker import BrokerConnection, connect, silence_library

T = TypeVar("T")
Question = Callable[[Any], T]
ANSWER_SECONDS = 8.0
_CLIENT_ID = "kafka-ui"
_PAUSE_SECONDS = 0.2
# The coordinator is moving: what was asked was not done, and another broker will soon do it.
_MOVING = (NotCoordinatorError, CoordinatorNotAvailableError, CoordinatorLoadInProgressError)


def ask(
    servers: tuple[str, ...],
    question: Question[T],
    *,
    writing: bool = False,
    seconds: float = ANSWER_SECONDS,
) -> T:
    """Return what `question` gets from an admin client; it blocks for `seconds` at most.

    Asked anew while a group's coordinator moves, so the question may be put more than once. With
    `writing`, silence is told as what it is then: nobody knows whether it was done.

    Raises:
        Refused: the brokers refused, or did not answer in time.
    """
    silence_library()
    answer: Future[T] = Future()
    # It takes the context along: what `question` refuses is in the language of whoever asks.
    run = contextvars.copy_context().run
    # Half the time for asking anew: what is wrong is told while somebody still waits for it.
    job = (_answer, servers, question, answer, Deadline(seconds / 2))
    threading.Thread(target=run, args=job, name="question", daemon=True).start()
    try:
        return answer.result(seconds)
    except KafkaError as error:
        raise told(type(error), str(error), writing=writing) from None
    except TimeoutError:
        raise _silence(writing) from None


def _answer(
    servers: tuple[str, ...], question: Question[T], answer: "Future[T]", deadline: Deadline
) -> None:
    while True:
        connection: BrokerConnection | None = None
        try:
            connection = connect(servers, _CLIENT_ID)
            answer.set_result(question(connection.admin))
        except _MOVING as error:
            if deadline.expired:
                answer.set_exception(error)
        except BaseException as error:  # noqa: BLE001 - whatever it was, the one who waits is told
            answer.set_exception(error)
        if connection is not None:  # after the answer, for nobody promises that this comes back
            connection.close()
        if answer.done():
            return
        time.sleep(_PAUSE_SECONDS)


def told(kind: type[KafkaError], words: str = "", *, writing: bool = False) -> Refused:
    """Return a broker's refusal as a sentence for a person; Kafka's own words where we know none.

    >>> str(told(NonEmptyGroupError))
    'The group has members; stop them first.'
    """
    if issubclass(kind, NonEmptyGroupError | UnknownMemberIdError | RebalanceInProgressError):
        return has_members()
    if issubclass(kind, GroupIdNotFoundError):
        return Refused(tr("There is no such group.", "Este grupo não existe."))
    if issubclass(kind, _MOVING):
        return Refused(
            tr(
                "The group's coordinator is moving to another broker; nothing was done. Try again.",
                "O coordenador do grupo está mudando de broker; nada foi feito. Tente de novo.",
            )
        )
    if not issubclass(kind, BrokerResponseError):  # the library's own: no connection, no answer
        return _silence(writing)
    reason = words or kind.__name__
    return Refused(tr("Kafka refused: {reason}", "O Kafka recusou: {reason}", reason=reason))


def _silence(writing: bool) -> Refused:
    error = ClientError(ClientError._TIMED_OUT)
    return refusal(error) if writing else unread(error)


def has_members() -> Refused:
    """Return the refusal to change what a working group has."""
    return Refused(
        tr("The group has members; stop them first.", "O grupo tem membros; pare-os antes.")
    )
