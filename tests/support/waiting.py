"""The one way in which tests wait."""

import time
from collections.abc import Callable
from typing import TypeVar

from kafka_workshop.clock import Deadline

T = TypeVar("T")


def wait_until(condition: Callable[[], T], seconds: float, what: str) -> T:
    """Return the first truthy value of `condition`; fail with `what` and the last value."""
    deadline = Deadline(seconds)
    while True:
        value = condition()
        if value:
            return value
        if deadline.expired:
            raise AssertionError(f"not within {seconds:.0f} s: {what}; last seen: {value!r}")
        time.sleep(0.05)
