"""What can't be decoded goes to the dead-letter topic, unchanged, with where it was and why."""

from collections.abc import Callable, Sequence
from functools import partial

from kafka_workshop.clock import Deadline, now_ms
from kafka_workshop.errors import DeliveryFailed, TooLarge, Undecodable
from kafka_workshop.messaging.client import (
    Delivery,
    GiveUp,
    Message,
    Producer,
    delivery_failed,
)
from kafka_workshop.messaging.dlq import letter
from kafka_workshop.messaging.topics import dead_letter_topic

_GRACE_S = 2.0
_STEP_S = 0.1


class DeadLetters:
    """Sends messages to `<topic>.dlq` and waits until they are acknowledged."""

    def __init__(
        self,
        producer: Producer,
        topic: str,
        give_up: GiveUp,
        clock_ms: Callable[[], int] = now_ms,
    ) -> None:
        self.count = 0
        self._producer = producer
        self._topic = dead_letter_topic(topic)
        self._give_up = give_up
        self._clock_ms = clock_ms
        self._waiting = 0
        self._failure: DeliveryFailed | None = None

    def send(self, message: Message, reason: Undecodable) -> None:
        """Send one message on, its key, value and headers unchanged.

        A compressed record can be far larger than any limit once it is unpacked. If it is refused
        for that, its value is left out, then its key and headers too, and headers say how large
        they were: the loop goes on.
        """
        self.count += 1
        self._waiting += 1
        context = letter.context(message, reason.error_class, reason.reason, self._clock_ms())
        self._try(letter.forms(message, context))

    def _try(self, forms: Sequence[letter.Form]) -> None:
        answered = partial(self._answered, forms[1:])
        self._producer.send(self._topic, *forms[0], answered)

    def _answered(self, smaller: Sequence[letter.Form], answer: Delivery | DeliveryFailed) -> None:
        if isinstance(answer, TooLarge) and smaller:
            self._try(smaller)
            return
        self._waiting -= 1
        if isinstance(answer, DeliveryFailed):
            self._failure = answer

    def confirm(self) -> None:
        """Wait until everything sent is acknowledged; only then may input offsets be committed.

        Raises:
            DeliveryFailed: something was not, or we were told to give up: commit nothing, end.
        """
        leaving: Deadline | None = None
        while self._waiting and self._failure is None:
            self._producer.flush(Deadline(_STEP_S))
            if leaving is None and self._give_up():
                leaving = Deadline(_GRACE_S)
            if leaving is not None and leaving.expired and self._waiting:
                raise delivery_failed(f"{self._topic}: {self._waiting}")
        if self._failure is not None:
            raise self._failure
