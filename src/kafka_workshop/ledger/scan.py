"""The ledger of one topic and one group, taken again and again, reading only what is new.

What is asked in which order is what keeps a healthy system, which goes on meanwhile, from ever
looking as if it had lost or doubled something:

1. The producers' book. Whatever it says is acknowledged was stored before.
2. The group's committed offsets, each with its count in the same record.
3. The ends of the topic and of its dead letters, and then the records up to there. So every id
   of 1 and every offset of 2 lies before these ends, and so does every letter that 2 counts: a
   letter is acknowledged before the offset of its message is committed.
4. Where the log begins now, so that what retention has removed meanwhile counts as removed.

Numbers of messages come from records that were read, never from differences of offsets.
"""

import time
from collections import defaultdict
from collections.abc import Callable

import msgspec

from kafka_workshop.clock import Deadline, now_ms
from kafka_workshop.errors import Unavailable
from kafka_workshop.language import tr
from kafka_workshop.ledger.balance import (
    Balance,
    PartitionBalance,
    balance,
    partition_balance,
)
from kafka_workshop.ledger.extent import Extent
from kafka_workshop.ledger.ids import StoredIds
from kafka_workshop.ledger.numbers import Numbers
from kafka_workshop.ledger.reader import Committed, Moving, Place, Reader
from kafka_workshop.ledger.runs import Run, run_of
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.tally import Tally, tally_of
from kafka_workshop.messaging.topics import dead_letter_topic, ledger_topic

Progress = Callable[[int, int], None]
TIMEOUT_S = 60.0
# A leader or a coordinator that moves is waited for so long.
_PATIENCE_S, _PAUSE_S = 5.0, 0.2


def _silent(_read: int, _all: int) -> None:
    """Show no progress."""


class _Known:
    """Everything that was read so far."""

    def __init__(self) -> None:
        self.positions: dict[Place, int] = {}
        self.extents: dict[int, Extent] = {}
        self.ids = StoredIds()
        self.letters: defaultdict[int, Numbers] = defaultdict(Numbers)
        self.letters_complete = True
        self.runs: dict[str, Run] = {}
        self.read = 0


class Ledger:
    """Takes the balance; not from two threads at once."""

    def __init__(self, servers: tuple[str, ...], topic: str, group: str) -> None:
        self._topic, self._group = topic, group
        self._letters, self._book = dead_letter_topic(topic), ledger_topic(topic)
        self._reader = Reader(servers, group)
        self._known = _Known()
        self._progress: Progress = _silent
        self._all = 0

    def take(self, deadline: Deadline | None = None, progress: Progress = _silent) -> Balance:
        """Read what is new and return the balance.

        Raises:
            BrokersUnavailable: no broker answered.
            Unavailable: the topic does not exist, a partition has no leader now, or the time was
                up; what was read is kept for the next time.
        """
        deadline = deadline or Deadline(TIMEOUT_S)
        self._progress = progress
        patience = Deadline(min(_PATIENCE_S, deadline.remaining))
        while True:
            try:
                taken = self._take(deadline)
            except Moving:
                if patience.expired:
                    raise
                time.sleep(_PAUSE_S)
                continue
            if taken is not None:
                return taken
            self._known = _Known()  # the log was made anew, or cut before it was read

    def _take(self, deadline: Deadline) -> Balance | None:
        places = self._places(deadline)
        topic = [p for p in places if p[0] == self._topic]
        log = [p for p in places if p[0] != self._book]
        self._begin(places, deadline)
        if not self._read([p for p in places if p[0] == self._book], deadline):
            return None
        runs = tuple(self._known.runs.values())
        committed = self._reader.committed(topic, deadline)
        before = {place: self._known.positions[place] for place in log}
        if not self._read(log, deadline):
            return None
        starts = self._reader.starts(log, deadline)
        if any(starts[place] > before[place] < self._known.positions[place] for place in log):
            return None  # retention was faster than we were
        for _, partition in topic:
            self._known.extents[partition].forget_before(starts[self._topic, partition])
        partitions = tuple(self._partition(place, committed.get(place)) for place in topic)
        ids = self._known.ids.compared(runs)
        return balance(self._topic, self._group, now_ms(), partitions, ids)

    def _places(self, deadline: Deadline) -> list[Place]:
        places = self._reader.places((self._topic, self._letters, self._book), deadline)
        if not any(topic == self._topic for topic, _ in places):
            raise Unavailable(
                tr(
                    "there is no topic {topic} yet",
                    "ainda não há tópico {topic}",
                    topic=self._topic,
                )
            )
        return sorted(places)

    def _begin(self, places: list[Place], deadline: Deadline) -> None:
        """Begin to read partitions that are new to us, at the first record that is left."""
        known = self._known
        starts = self._reader.starts([p for p in places if p not in known.positions], deadline)
        known.positions.update(starts)
        for (topic, partition), start in starts.items():
            if topic == self._topic:
                known.extents[partition] = Extent(start)
                if start > 0:
                    known.ids.begins_late(partition)
            elif topic == self._letters and start > 0:
                known.letters_complete = False

    def _read(self, places: list[Place], deadline: Deadline) -> bool:
        """Read to the ends of now; return whether the log is still the one we know."""
        positions, ends = self._known.positions, self._reader.ends(places, deadline)
        if any(end < positions[place] for place, end in ends.items()):
            return False
        self._all = self._known.read + sum(end - positions[place] for place, end in ends.items())
        self._reader.read(positions, ends, self._take_in, deadline)
        for (topic, partition), end in ends.items():
            if topic == self._topic:
                self._known.extents[partition].pass_to(end)
        return True

    def _take_in(self, message: Message) -> None:
        known = self._known
        known.read += 1
        if message.topic == self._topic:
            known.extents[message.partition].take(message.offset)
            known.ids.take(message)
        elif message.topic == self._letters:
            self._take_letter(message)
        elif (run := run_of(message)) is not None:
            known.runs[run.run] = run
        if known.read % 1_000 == 0:
            self._progress(known.read, self._all)

    def _take_letter(self, message: Message) -> None:
        context = dict(message.headers)  # ours come last and win
        try:
            topic = (context["dlq.topic"] or b"").decode()
            partition, offset = (int(context[f"dlq.{n}"] or b"") for n in ("partition", "offset"))
        except (KeyError, ValueError):
            return  # not one of ours
        if topic == self._topic and offset >= 0:
            self._known.letters[partition].add(offset)

    def _partition(self, place: Place, committed: Committed | None) -> PartitionBalance:
        offset, metadata = committed or (None, "")
        partition, tally = place[1], tally_of(metadata)
        end = self._known.positions[place]
        found = partition_balance(partition, self._known.extents[partition], end, offset, tally)
        if offset is None or tally is None:
            return found
        return msgspec.structs.replace(
            found, letters_missing=self._letters_missing(partition, offset, tally)
        )

    def _letters_missing(self, partition: int, committed: int, tally: Tally) -> int:
        if not self._known.letters_complete:
            return 0  # retention has removed letters: nobody can tell
        return max(0, tally.dead - self._known.letters[partition].count(tally.since, committed))

    def close(self) -> None:
        """Let go of the connections; what was read is kept."""
        self._reader.close()
