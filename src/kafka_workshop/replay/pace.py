"""Event time divided by wall time: when each transaction of a data set is due."""

import re
import time
from collections.abc import Callable

from kafka_workshop.errors import UserError
from kafka_workshop.language import tr
from kafka_workshop.shutdown import Stop

AS_FAST_AS_CAN_BE = "max"
_SPEED = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
# While waiting, `idle` is called so often: deliveries are taken in as they come.
_IDLE_EVERY_S = 0.05


class InvalidSpeed(UserError):
    """The speed is no positive number and not `max`."""


def speed_of(text: str) -> float | None:
    """Return the speed that a text says, None for as fast as can be.

    Raises:
        InvalidSpeed: it says none.
    """
    if text == AS_FAST_AS_CAN_BE:
        return None
    if not _SPEED.fullmatch(text) or float(text) == 0:
        raise InvalidSpeed(
            tr(
                "--speed {text!r} is not allowed: max, or a number over 0, such as 3600 for an "
                "hour of the file in each second",
                "--speed {text!r} não é permitido: max, ou um número acima de 0, como 3600 para "
                "uma hora do arquivo a cada segundo",
                text=text,
            )
        )
    return float(text)


class EventPace:
    """Lets each transaction wait for its turn, counted from the first one's event time.

    One that is late, in event time or because brokers were slow, has its turn at once.
    """

    def __init__(self, speed: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._speed, self._clock = speed, clock
        self._first: tuple[int, float] | None = None

    def due_in(self, occurred_at: int) -> float:
        """Return the seconds until what occurs then, milliseconds UTC, is due; 0 or less: now."""
        if self._speed is None:
            return 0.0
        if self._first is None:
            self._first = occurred_at, self._clock()
        first, began = self._first
        return began + (occurred_at - first) / 1000 / self._speed - self._clock()

    def wait(self, occurred_at: int, stop: Stop, idle: Callable[[], None]) -> bool:
        """Wait for the turn, calling `idle`; return False at once if the end is asked for."""
        while not stop.requested and (due_in := self.due_in(occurred_at)) > 0:
            idle()
            stop.wait(min(due_in, _IDLE_EVERY_S))
        return not stop.requested
