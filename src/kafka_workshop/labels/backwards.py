"""Reads a topic from its end backwards, a chunk of all its partitions at a time."""

from collections.abc import Callable
from typing import Protocol

from kafka_workshop.clock import Deadline
from kafka_workshop.ledger.reader import Place, Reader
from kafka_workshop.messaging.client import Message

# Records of each partition that are read first, and how many times as many each further time.
FIRST_CHUNK, GROWTH, LARGEST_CHUNK = 4_096, 4, 65_536
ASK_S, CHUNK_S = 10.0, 60.0


class Gathering(Protocol):
    """What takes the records: ascending within a chunk, each chunk older than the one before."""

    def take(self, message: Message) -> None:
        """Look at a record."""

    def enough(self, partitions: frozenset[int]) -> bool:
        """Return whether nothing older is wanted of any of the partitions."""


def partitions_of(reader: Reader, topic: str) -> frozenset[int]:
    """Return the partitions of a topic, none if it does not exist.

    Raises:
        BrokersUnavailable: no broker answered.
    """
    return frozenset(p for _, p in reader.places([topic], Deadline(ASK_S)))


def read_backwards(
    reader: Reader, topic: str, gathering: Gathering, check: Callable[[], None]
) -> None:
    """Hand the records to `gathering` until it has enough, or until the topic's beginning.

    `check` is called for each record and raises to end this.

    Raises:
        Unavailable: a partition can't be read now.
    """
    deadline = Deadline(ASK_S)
    places = reader.places([topic], deadline)
    partitions = frozenset(p for _, p in places)
    starts, ends = reader.starts(places, deadline), reader.ends(places, deadline)

    def take(message: Message) -> None:
        check()
        gathering.take(message)

    chunk = FIRST_CHUNK
    while not gathering.enough(partitions) and any(ends[p] > starts[p] for p in places):
        begin = {place: max(starts[place], ends[place] - chunk) for place in places}
        positions: dict[Place, int] = dict(begin)
        reader.read(positions, ends, take, Deadline(CHUNK_S))
        ends, chunk = begin, min(chunk * GROWTH, LARGEST_CHUNK)
