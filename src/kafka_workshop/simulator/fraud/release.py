"""Labels are held back until they are available; between them stands how far they are complete.

A producer that goes on gives a fresh `Release` the labels of what it had sent in the last
`MAX_DELAY_DAYS` of event time, and the instant that it had told last: what was released is not
released again, what was held back is.
"""

from collections.abc import Iterator
from heapq import heappop, heappush

from kafka_workshop.domain.label import LABEL_VERSION, CompleteUntil, Label, LabelRecord
from kafka_workshop.simulator.fraud.scenario import DAY_MS

MAX_DELAY_DAYS = 7
COMPLETE_EVERY_MS = 3_600_000


class Release:
    """Labels in the order in which they become available, from an instant on.

    `since`, milliseconds UTC: what was available at or before it has been released.
    """

    def __init__(self, since: int = 0) -> None:
        self._now = since
        self._held: list[tuple[int, str, Label]] = []

    def hold(self, label: Label) -> None:
        """Take a label, to be released when it is available."""
        if label.available_at > self._now:
            heappush(self._held, (label.available_at, label.transaction_id, label))

    def until(self, instant: int) -> Iterator[LabelRecord]:
        """Yield what is available at an event time, milliseconds UTC, and was not before.

        The last is a `CompleteUntil`, if an hour of event time has begun since the call before. Of
        what occurred `MAX_DELAY_DAYS` ago every label is out, whatever is still held.
        """
        while self._held and self._held[0][0] <= instant:
            yield heappop(self._held)[2]
        hour = instant // COMPLETE_EVERY_MS
        complete = hour * COMPLETE_EVERY_MS - MAX_DELAY_DAYS * DAY_MS
        if hour > self._now // COMPLETE_EVERY_MS and complete >= 0:
            yield CompleteUntil(LABEL_VERSION, complete)
        self._now = max(self._now, instant)
