"""How far apart two places are, and how fast somebody must have been.

Source: [1] R. W. Sinnott, Virtues of the Haversine, Sky and Telescope 68 (2), 1984.
"""

from collections.abc import Sequence
from math import asin, cos, radians, sin, sqrt

_EARTH_KM = 6371.0
_KM_PER_MILLIDEGREE = 0.1112  # of latitude; of longitude at most


def travelled(
    before: Sequence[int], here: Sequence[int], minimum_km: int
) -> tuple[int, int] | None:
    """Return kilometres and km/h from one place to another; None if they are less apart.

    A place is latitude and longitude in thousandths of a degree, and when: seconds.

    >>> travelled((-23_551, -46_633, 0), (-3_119, -60_022, 3_600), 100)
    (2690, 2690)
    """
    apart = abs(here[0] - before[0]) + abs(here[1] - before[1])
    if apart * _KM_PER_MILLIDEGREE < minimum_km:
        return None
    distance = round(_kilometres(before, here))
    if distance < minimum_km:
        return None
    return distance, distance * 3600 // max(here[2] - before[2], 1)


def _kilometres(one: Sequence[int], other: Sequence[int]) -> float:
    lat1, lon1, lat2, lon2 = (radians(value / 1000) for value in (*one[:2], *other[:2]))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))
