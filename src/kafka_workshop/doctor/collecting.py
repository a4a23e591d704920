"""Questions asked at the same time, and the answers that come before a deadline."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TypeVar

from confluent_kafka import KafkaException

from kafka_workshop.clock import Deadline

T = TypeVar("T")
K = TypeVar("K")


class Unanswered(Exception):
    """A question ended in an error, whichever."""


def in_thread(call: Callable[[], T]) -> "Future[T]":
    """Make a blocking call on a thread of its own; an error, whichever, becomes `Unanswered`."""
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except Exception as error:  # noqa: BLE001 - whatever it was, who asked is told
            answer.set_exception(Unanswered(str(error)))

    # A daemon, because a silent broker must not keep the doctor from ending.
    threading.Thread(target=run, name="doctor", daemon=True).start()
    return answer


def collected(asked: Mapping[K, "Future[T]"], deadline: Deadline) -> dict[K, T]:
    """Return the answers that came before the deadline; the others are left out."""
    answers: dict[K, T] = {}
    for key, future in asked.items():
        try:
            answers[key] = future.result(deadline.remaining)
        except (KafkaException, FutureTimeout, Unanswered):
            continue
    return answers
