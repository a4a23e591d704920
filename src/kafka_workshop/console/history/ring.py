"""A ring of the newest values at a fixed step: as many bytes after a year as after an hour."""

import math
import sys
from array import array

# Single precision: a figure that a person reads in a chart, in half the bytes.
_TYPE, _BYTES = "f", 4
_UNKNOWN = math.nan


class Ring:
    """The newest `size` values, one for each `step_ms`; a value that nobody knew is `None`.

    >>> ring = Ring(5_000, 3)
    >>> ring.put(10, 1.0); ring.put(12, 3.0)
    >>> [ring.at(slot) for slot in range(9, 14)]
    [None, 1.0, None, 3.0, None]
    >>> ring.put(13, 4.0); ring.at(10) is None
    True
    """

    def __init__(self, step_ms: int, size: int) -> None:
        self.step_ms, self.size = step_ms, size
        self.newest = -1
        self._values = array(_TYPE, [_UNKNOWN]) * size

    def put(self, slot: int, value: float) -> None:
        """Keep the value of a slot, which is the number of the step since the epoch.

        What stood `size` slots before is forgotten. A slot older than that means that the clock was
        set back: the ring begins anew.
        """
        if slot <= self.newest - self.size:
            self.newest = slot - self.size
        for between in range(max(self.newest + 1, slot - self.size + 1), slot + 1):
            self._values[between % self.size] = _UNKNOWN
        self.newest = max(self.newest, slot)
        self._values[slot % self.size] = value

    def at(self, slot: int) -> float | None:
        """Return the value of a slot."""
        if not self.newest - self.size < slot <= self.newest:
            return None
        value = self._values[slot % self.size]
        return None if math.isnan(value) else value

    def dump(self) -> bytes:
        """Return its values as bytes, the same on every machine."""
        return _portable(self._values).tobytes()

    @classmethod
    def load(cls, step_ms: int, size: int, newest: int, values: bytes) -> "Ring":
        """Return the ring that was dumped.

        Raises:
            ValueError: these are no values of such a ring.
        """
        if len(values) != size * _BYTES or not -1 <= newest <= 2**53 // step_ms:
            raise ValueError(f"{len(values)} bytes, newest {newest}")
        ring = cls(step_ms, size)
        ring.newest = newest
        ring._values = _portable(array(_TYPE, values))
        return ring


def _portable(values: "array[float]") -> "array[float]":
    if sys.byteorder == "little":
        return values
    swapped = array(_TYPE, values)
    swapped.byteswap()
    return swapped
