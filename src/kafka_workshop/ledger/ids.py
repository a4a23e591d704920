"""What the ids say: of all that is stored, and of what the producers' book says is stored."""

from collections import defaultdict
from collections.abc import Iterable

from kafka_workshop.clock import now_ms
from kafka_workshop.domain.numbering import identifier, numbered
from kafka_workshop.errors import Undecodable
from kafka_workshop.ledger.balance import Ids
from kafka_workshop.ledger.numbers import Numbers, Range, Some, without
from kafka_workshop.ledger.runs import Run, failed_of
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.codec import decode

# Set on what was sent again from the dead letters. Such a copy does not open its partition.
REDRIVEN = "dlq.redrive.of"
# A run that has not ended and has not written for so long is no longer called alive.
ALIVE_MS = 10_000
_NOTHING_JUDGED = 2**62


class StoredIds:
    """The ids of a topic's records, as they are read in.

    Only what can be decoded has an id. So a message that was sent again from the dead letters
    repeats nothing, and one that had been processed before does.
    """

    def __init__(self) -> None:
        self.without_id = 0
        self.repeated = Some()
        self._numbers: defaultdict[int, Numbers] = defaultdict(Numbers)
        # Of partitions whose beginning retention has removed: the first number of each stream.
        self._first: dict[int, dict[int, int]] = {}

    def begins_late(self, partition: int) -> None:
        """Note that reading a partition begins where retention has left its first record."""
        self._first[partition] = {}

    def take(self, message: Message) -> None:
        """Take in one record of the topic."""
        try:
            found = numbered(decode(message.value).transaction_id)
        except Undecodable:
            found = None
        if found is None:
            self.without_id += 1
            return
        stream, number = found
        if not self._numbers[stream].add(number):
            self.repeated = self.repeated.plus(1, [identifier(stream, number)])
        firsts = self._first.get(message.partition)
        if firsts is not None and stream not in firsts and REDRIVEN not in dict(message.headers):
            firsts[stream] = number

    def compared(self, runs: Iterable[Run]) -> Ids:
        """Return what is missing of what `runs` say is stored, and what else the ids say."""
        missing, known = Some(), tuple(runs)
        for stream, ranges in _said(known).items():
            for first, until in ranges:
                missing = self._missing(stream, first, until, missing)
        recent = now_ms() - ALIVE_MS
        alive = sum(not run.ended and run.at_ms > recent for run in known)
        return Ids(missing, self.repeated, self.without_id, len(known), alive)

    def _missing(self, stream: int, first: int, until: int, so_far: Some) -> Some:
        first = max(first, self._judged_from(stream))
        numbers = self._numbers[stream]
        count = max(0, until - first) - numbers.count(first, until) if first < until else 0
        if not count:
            return so_far
        return so_far.plus(count, (identifier(stream, n) for n in numbers.missing(first, until)))

    def _judged_from(self, stream: int) -> int:
        """Return the number from which on every id of the stream must be there."""
        return max((f.get(stream, _NOTHING_JUDGED) for f in self._first.values()), default=0)


def _said(runs: tuple[Run, ...]) -> dict[int, list[Range]]:
    """Return by stream what the runs say is stored, no number twice."""
    said: dict[int, list[Range]] = {}
    ends: dict[int, int] = {}
    for run in sorted(runs, key=lambda run: (run.first, run.until)):
        first = max(run.first, ends.get(run.stream, 0))
        said.setdefault(run.stream, []).extend(without(first, run.until, failed_of(run)))
        ends[run.stream] = max(run.until, first)
    return said
