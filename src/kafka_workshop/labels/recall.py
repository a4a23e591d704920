"""What a producer that goes on has to know: which labels are told, and which are still held back.

What bounds the reading: a `CompleteUntil` of ours says that every label of what occurred before is
stored. So only the labels of later transactions can be missing, and such a label stands in its
partition behind any `CompleteUntil` that is more than the longest delay older.
"""

from collections.abc import Callable

import msgspec

from kafka_workshop.domain.label import CompleteUntil, Label
from kafka_workshop.domain.numbering import STREAM_WIDTH, base32
from kafka_workshop.errors import Unavailable, Undecodable
from kafka_workshop.labels.backwards import partitions_of, read_backwards
from kafka_workshop.language import tr
from kafka_workshop.ledger.reader import Reader
from kafka_workshop.messaging.client import Headers, Message
from kafka_workshop.messaging.codec import decode
from kafka_workshop.messaging.dlq.letter import was_redriven
from kafka_workshop.messaging.label_codec import decode_label
from kafka_workshop.messaging.topics import labels_topic
from kafka_workshop.simulator.fraud.release import MAX_DELAY_DAYS
from kafka_workshop.simulator.fraud.scenario import DAY_MS
from kafka_workshop.simulator.stream import Simulator, sequence_of

# A day more than the longest delay, for what is told a while after it was available.
_BEFORE_MS = (MAX_DELAY_DAYS + 1) * DAY_MS
_STREAM = "stream"


class Recalled(msgspec.Struct, frozen=True):
    """What was found.

    Attributes:
        partitions: of the labels' topic.
        complete: until when labels are told in every partition, milliseconds UTC; None: nowhere.
        untold: the labels, of transactions that are stored, that are not told.
    """

    partitions: frozenset[int]
    complete: int | None = None
    untold: tuple[Label, ...] = ()


class _Head(msgspec.Struct):
    transaction_id: str
    occurred_at: int


_head = msgspec.json.Decoder(_Head)


def header_of(stream: int) -> Headers:
    """Return the headers of a `CompleteUntil`: it speaks of this stream's labels only."""
    return ((_STREAM, base32(stream, STREAM_WIDTH).encode()),)


def recall(
    reader: Reader,
    topic: str,
    stream: int,
    simulator: Simulator,
    first_sequence: int,
    check: Callable[[], None],
) -> Recalled:
    """Return what is told and what is not of the stream's transactions before `first_sequence`.

    `check` is called for each record that is read, and raises to end this.

    Raises:
        Unavailable: the topics can't be read now.
    """
    labels = labels_topic(topic)
    partitions = partitions_of(reader, labels)
    if not partitions:
        raise Unavailable(
            tr("there is no topic {topic} yet", "ainda não há tópico {topic}", topic=labels)
        )
    if first_sequence == 0:
        return Recalled(partitions)
    told = Told(stream, partitions)
    read_backwards(reader, labels, told, check)
    held = Held(stream, simulator, first_sequence, told.complete)
    read_backwards(reader, topic, held, check)
    untold = (label for label in held.labels.values() if label.transaction_id not in told.ids)
    ordered = sorted(untold, key=lambda label: (label.available_at, label.transaction_id))
    return Recalled(partitions, told.complete, tuple(ordered))


class Told:
    """Gathers which labels of a stream stand in the labels' topic, and up to when all do."""

    def __init__(self, stream: int, partitions: frozenset[int]) -> None:
        self.ids: set[str] = set()
        self._stream, self._partitions = stream, partitions
        self._newest: dict[int, tuple[int, int]] = {}  # offset and instant
        self._oldest: dict[int, int] = {}

    def take(self, message: Message) -> None:
        """See `Gathering`."""
        try:
            record = decode_label(message.value)
        except Undecodable:
            return
        if isinstance(record, Label):
            if sequence_of(record.transaction_id, self._stream) is not None:
                self.ids.add(record.transaction_id)
        elif message.headers == header_of(self._stream):
            self._take_complete(message, record)

    def _take_complete(self, message: Message, record: CompleteUntil) -> None:
        partition, found = message.partition, (message.offset, record.until)
        self._newest[partition] = max(self._newest.get(partition, found), found)
        self._oldest[partition] = min(self._oldest.get(partition, record.until), record.until)

    @property
    def complete(self) -> int | None:
        """Until when every label stands in the topic, as far as it was read."""
        if self._newest.keys() != self._partitions:
            return None
        return min(until for _, until in self._newest.values())

    def enough(self, partitions: frozenset[int]) -> bool:
        """See `Gathering`."""
        complete = self.complete
        return complete is not None and all(
            self._oldest[p] <= complete - _BEFORE_MS for p in partitions
        )


class Held:
    """Gathers the labels of stored transactions that occurred after an instant; None: of all."""

    def __init__(
        self, stream: int, simulator: Simulator, first_sequence: int, after: int | None
    ) -> None:
        self.labels: dict[str, Label] = {}
        self._stream, self._simulator = stream, simulator
        self._first_sequence, self._after = first_sequence, after
        self._oldest: dict[int, int] = {}

    def take(self, message: Message) -> None:
        """See `Gathering`."""
        head = _head_of(message)
        number = sequence_of(head.transaction_id, self._stream) if head else None
        if head is None or number is None or was_redriven(message):
            return
        at = head.occurred_at
        self._oldest[message.partition] = min(self._oldest.get(message.partition, at), at)
        if number < self._first_sequence and (self._after is None or at > self._after):
            self._hold(message, number)

    def _hold(self, message: Message, number: int) -> None:
        if not self._simulator.is_fraud(number):
            return
        try:
            label = self._simulator.label_of_stored(decode(message.value), number)
        except Undecodable:
            return
        if label is not None:
            self.labels[label.transaction_id] = label

    def enough(self, partitions: frozenset[int]) -> bool:
        """See `Gathering`."""
        after = self._after
        return after is not None and all(
            self._oldest.get(p, after + 1) <= after for p in partitions
        )


def _head_of(message: Message) -> _Head | None:
    try:
        return _head.decode(message.value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
