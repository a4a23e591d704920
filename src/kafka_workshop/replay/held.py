"""Labels that nobody knows yet: each until event time has reached its `available_at`."""

from collections.abc import Iterator
from heapq import heappop, heappush

from kafka_workshop.domain.label import Label
from kafka_workshop.errors import UserError
from kafka_workshop.language import tr

# Some 150 MB. What is public has a few hundred at once; a file that is all fraud would be held
# whole, and no bound of memory would hold.
MOST = 250_000


class TooMuchFraud(UserError):
    """More labels wait than are held in memory."""


class Held:
    """The labels of what was sent, in the order in which they become available."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._labels: list[tuple[int, int, Label]] = []
        self._number = 0

    def __len__(self) -> int:
        return len(self._labels)

    def hold(self, label: Label) -> None:
        """Take a label.

        Raises:
            TooMuchFraud: there are too many.
        """
        if len(self._labels) == self._most:
            raise TooMuchFraud(
                tr(
                    "{n} frauds wait for their labels at once, more than are held: is the column "
                    "of fraud the right one? A smaller labels.delay_days holds fewer.",
                    "{n} fraudes esperam seus rótulos ao mesmo tempo, mais do que cabe: a coluna "
                    "de fraude é a certa? Um labels.delay_days menor guarda menos.",
                    n=self._most,
                )
            )
        self._number += 1
        heappush(self._labels, (label.available_at, self._number, label))

    def until(self, instant: int | None = None) -> Iterator[Label]:
        """Yield, and let go of, what is available at an event time; everything without one."""
        while self._labels and (instant is None or self._labels[0][0] <= instant):
            yield heappop(self._labels)[2]
