"""Sends dead letters back to where they came from: each exactly once, whenever it is interrupted.

One Kafka transaction holds a batch of messages and, for each, a marker in `<topic>.dlq.redriven`
whose key is the source of the letter. Either both count or neither; a redrive reads the markers
first. The transactional id comes from the topic's name, so that of two redrives at the same time
the later one fences the earlier one, which stops before it can commit anything more.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kafka_workshop.errors import Fenced
from kafka_workshop.language import tr
from kafka_workshop.messaging.admin import create_topics, end_offsets
from kafka_workshop.messaging.backoff import Backoff
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.committed import Read, ignored, read
from kafka_workshop.messaging.dlq.letter import Form, Letter, edited_headers, redriven_headers
from kafka_workshop.messaging.dlq.transactions import (
    Aborted,
    TransactionalProducer,
    open_transactional,
)
from kafka_workshop.messaging.topics import dead_letter_topic, redriven_markers, redriven_topic

BATCH_LETTERS = 500
BATCH_BYTES = 8_000_000
# Brokers refuse a transaction now and then (INVALID_TXN_STATE, a new leader): the next one works.
_ATTEMPTS, _FIRST_PAUSE_S = 5, 0.2
_ANY_PARTITION = -1
_Item = tuple[Letter, Message]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the letters chosen: sent, or left because the topic does not take them.

    What is in neither had reached the end of its retention in the meantime.
    """

    sent: int
    refused: int


def nothing(_point: str) -> None:
    """Pass a point of the redrive."""


class Redrive:
    """One redrive of the letters of `topic`, by a producer that has fenced any earlier one.

    `passing` is called at the points `sent` (all of a batch is stored, nothing committed) and
    `committed`; a test ends its process there.
    """

    def __init__(
        self,
        servers: tuple[str, ...],
        topic: str,
        producer: TransactionalProducer,
        passing: Callable[[str], None] = nothing,
    ) -> None:
        self._servers = servers
        self._topic = topic
        self._producer = producer
        self._passing = passing
        self._edited: Form | None = None
        self._sent = self._refused = 0

    def send(self, letters: Sequence[Letter], on_sent: Read = ignored) -> Outcome:
        """Send the messages of `letters`, batch by batch; `on_sent` hears how many so far.

        Raises:
            Fenced: another redrive has taken over; what is sent so far counts.
            Unavailable: the brokers don't answer; what is sent so far counts. Run it again.
        """
        there = end_offsets(self._servers, self._topic)
        chosen = [letter for letter in letters if letter.source.partition in there]
        self._refused += len(letters) - len(chosen)
        try:
            for batch in batches(self._messages(chosen)):
                self._send_batch(batch)
                on_sent(self._sent)
        except Fenced:
            raise _fenced(self._topic, self._sent) from None
        return Outcome(self._sent, self._refused)

    def send_edited(self, letter: Letter, edited: Form) -> Outcome:
        """Send what a person made of the message of `letter`: a new message, and the same marker.

        Raises:
            Fenced, Unavailable: as `send`.
        """
        self._edited = edited
        return self.send([letter])

    def close(self) -> None:
        """Let go of the connections."""
        self._producer.close()

    def _messages(self, letters: Iterable[Letter]) -> Iterator[_Item]:
        wanted = {(letter.partition, letter.offset): letter for letter in letters}
        starts: dict[int, int] = {}
        for partition, offset in wanted:
            starts[partition] = min(offset, starts.get(partition, offset))
        if not starts:
            return
        for record in read(self._servers, dead_letter_topic(self._topic), starts):
            letter = wanted.get((record.partition, record.offset))
            if letter is not None:
                yield letter, record

    def _send_batch(self, batch: list[_Item]) -> None:
        """Send a batch in one transaction; what is refused in company is tried alone."""
        refused = self._attempt(batch)
        if not refused:
            self._sent += len(batch)
            self._passing("committed")
        elif len(batch) == 1:
            self._refused += 1
        else:
            kept = [item for number, item in enumerate(batch) if number not in refused]
            for part in ([kept] if kept else []) + [[batch[number]] for number in sorted(refused)]:
                self._send_batch(part)

    def _attempt(self, batch: list[_Item]) -> frozenset[int]:
        """Return the numbers of what was refused; all of the batch is committed if there is none.

        Raises:
            Aborted: it did not work several times, for a reason that may pass.
        """
        backoff = Backoff(_FIRST_PAUSE_S)
        for left in reversed(range(_ATTEMPTS)):
            try:
                self._transaction(batch)
            except Aborted:
                refused = self._producer.refused
                self._producer.abort()
                if refused:
                    return refused
                if not left:
                    raise
                time.sleep(backoff.next())
            else:
                break
        return frozenset()

    def _transaction(self, batch: list[_Item]) -> None:
        self._producer.begin()
        for number, (letter, record) in enumerate(batch):
            self._send_one(number, letter, record)
        self._producer.flush()
        self._passing("sent")
        self._producer.commit()

    def _send_one(self, number: int, letter: Letter, record: Message) -> None:
        source, key, value = letter.source, record.key, record.value
        headers = redriven_headers(letter, record.headers)
        # To its old partition, in the order of the letters, even if keys are spread anew by now.
        partition = source.partition
        if self._edited is not None:
            key, value, own = self._edited
            headers = edited_headers(letter, own)
            partition = partition if key == record.key else _ANY_PARTITION
        self._producer.send(self._topic, partition, key, value, headers, number)
        markers = redriven_topic(self._topic)
        self._producer.send(markers, 0, str(source).encode(), b"", (), number)


def open_redrive(
    servers: tuple[str, ...], topic: str, storage: int, passing: Callable[[str], None] = nothing
) -> Redrive:
    """Return a redrive that has fenced any earlier one of `topic`: now the markers may be read.

    The topic of markers is created if this is the first redrive; `storage` is the bytes on disk
    that all topics may use.

    Raises:
        Unavailable: not now; try again later.
        Fenced: another redrive began at the same moment.
    """
    create_topics(servers, [redriven_markers(storage, topic)])
    try:
        producer = open_transactional(servers, f"{dead_letter_topic(topic)}.redrive")
    except Fenced:
        raise _fenced(topic, 0) from None
    return Redrive(servers, topic, producer, passing)


def _fenced(topic: str, sent: int) -> Fenced:
    return Fenced(
        tr(
            "another redrive of {topic} has taken over; this one sent {n} messages before, "
            "which stay sent",
            "outro redrive de {topic} assumiu; este enviou {n} mensagens antes, que continuam "
            "enviadas",
            topic=topic,
            n=sent,
        )
    )


def batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Yield the items in their order, in lists bounded in letters and bytes, none of them empty."""
    batch: list[_Item] = []
    size = 0
    for item in items:
        if batch and (len(batch) == BATCH_LETTERS or size + item[0].size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += item[0].size
    if batch:
        yield batch
