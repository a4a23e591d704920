"""The producer's book while it is written: which ids were answered, and which lane is ours.

Two producers with one seed would give the same ids. So each enters its claim to a lane into the
book and reads what stands there: who finds another run alive on its lane, with a claim before
its own, takes the next one. The book has one partition, hence one order that all agree on.
"""

import secrets
import time

import msgspec

from kafka_workshop.clock import Deadline, now_ms
from kafka_workshop.domain.numbering import LANES, numbered, stream_of
from kafka_workshop.errors import DeliveryFailed, TimedOut, Unavailable
from kafka_workshop.language import tr
from kafka_workshop.ledger.numbers import Range, add_to
from kafka_workshop.ledger.reader import Reader
from kafka_workshop.ledger.runs import MOST_FAILED, Run, run_of, to_bytes
from kafka_workshop.messaging.client import Delivery, Message, Producer
from kafka_workshop.messaging.topics import ledger_topic
from kafka_workshop.settings import ProducerSettings
from kafka_workshop.shutdown import Stop

_EVERY_S = 1.0
_FLUSH_S = 5.0
_LAST_WORD_S = 1.0
_READ_S = 20.0
_LOOK_S = 0.25
# A run that wrote so recently may be alive; it is, if it writes again while we watch.
_RECENT_MS = 15_000
_WATCH_S = 2.5


class Lane(msgspec.Struct, frozen=True):
    """A lane that a producer has to itself: number, stream, and whether nobody ever used it."""

    number: int
    stream: int
    fresh: bool


class Book:
    """The book of one run of a producer."""

    def __init__(self, settings: ProducerSettings) -> None:
        self._stream = settings.seed
        self._seed = settings.seed
        self._servers = settings.kafka.bootstrap_servers
        self._topic = ledger_topic(settings.kafka.topic)
        self._run = secrets.token_hex(8)
        self._producer: Producer | None = None
        self._waiting = False
        self._claimed = False
        self._next_write = 0.0
        # The ids without an answer, in the order of sending: the first of them is the low water.
        self._open: dict[str, None] = {}
        self._first: int | None = None
        self._last = ""
        self._failed: list[Range] = []
        self._acknowledged = 0

    def claim(self, producer: Producer, stop: Stop) -> Lane:
        """Take a lane of our seed that no other producer is using.

        Raises:
            Unavailable: the book can't be read or written now, or every lane is taken.
        """
        self._producer = producer
        reader = Reader(self._servers, "ledger")
        try:
            shelf = Shelf(reader, self._topic)
            for number in range(LANES):
                self._stream = stream_of(self._seed, number)
                if stop.requested or self._is_ours(shelf, stop):
                    fresh = shelf.is_fresh(self._stream, self._run)
                    return Lane(number, self._stream, fresh)
        finally:
            reader.close()
        raise _no_lane(self._seed)

    def _is_ours(self, shelf: "Shelf", stop: Stop) -> bool:
        shelf.read()
        if shelf.alive(self._stream, self._run, stop):
            return False
        self._claimed = False
        self._write(ended=False)
        if self._producer is None or self._producer.flush(Deadline(_FLUSH_S)) or not self._claimed:
            raise TimedOut(
                tr(
                    "the producers' book {topic} could not be written in time",
                    "não foi possível gravar a tempo o livro dos producers {topic}",
                    topic=self._topic,
                )
            )
        shelf.read()
        return not shelf.claimed_before(self._stream, self._run)

    def sending(self, transaction_id: str) -> None:
        """Note that this id is being sent."""
        self._open[transaction_id] = None
        self._last = transaction_id
        if self._first is None:
            self._first = _number(transaction_id)

    def answered(self, transaction_id: str, failed: bool) -> None:
        """Note the brokers' answer to it."""
        self._open.pop(transaction_id, None)
        if failed:
            add_to(self._failed, _number(transaction_id), MOST_FAILED)
        else:
            self._acknowledged += 1

    def show(self) -> None:
        """Write down how far it got, about once a second."""
        now = time.monotonic()
        if now >= self._next_write and not self._waiting:
            self._next_write = now + _EVERY_S
            self._write(ended=False)

    def close(self) -> None:
        """Write our last word, and wait a second at most for it to be stored."""
        if self._producer is not None:
            self._producer.flush(Deadline(_LAST_WORD_S / 2 if self._waiting else 0.0))
            self._write(ended=True)
            self._producer.flush(Deadline(_LAST_WORD_S))

    def _write(self, ended: bool) -> None:
        if self._producer is None:
            return
        self._waiting = True
        value = to_bytes(self.run(ended))
        self._producer.send(self._topic, self._run.encode(), value, (), self._written)

    def run(self, ended: bool = False) -> Run:
        """Return what there is to write down now."""
        following = _number(self._last) + 1 if self._last else 0
        until = _number(next(iter(self._open))) if self._open else following
        first = self._first or 0
        failed = tuple((a, min(b, until)) for a, b in self._failed if a < until)
        return Run(
            self._run, self._stream, first, until, failed, self._acknowledged, now_ms(), ended
        )

    def _written(self, answer: Delivery | DeliveryFailed) -> None:
        self._waiting = False
        self._claimed |= isinstance(answer, Delivery)


class Shelf:
    """The books of all runs, as a producer reads them before it begins."""

    def __init__(self, reader: Reader, topic: str) -> None:
        self._reader = reader
        self._topic = topic
        self._positions: dict[tuple[str, int], int] = {}
        self._runs: dict[str, Run] = {}
        # Where each run first wrote of each lane.
        self._claims: dict[tuple[int, str], int] = {}
        self._dead: set[tuple[str, int]] = set()

    def read(self) -> None:
        """Read what was written since the last time.

        Raises:
            Unavailable: it can't be read now.
        """
        deadline = Deadline(_READ_S)
        places = self._reader.places([self._topic], deadline)
        if not self._positions:
            self._positions = self._reader.starts(places, deadline)
        ends = self._reader.ends(places, deadline)
        self._reader.read(self._positions, ends, self._take, deadline)

    def _take(self, message: Message) -> None:
        run = run_of(message)
        if run is not None:
            self._runs[run.run] = run
            self._claims.setdefault((run.stream, run.run), message.offset)

    def alive(self, stream: int, ours: str, stop: Stop) -> bool:
        """Watch those who may be alive on a lane; return whether one of them is.

        Every run writes each second until it ends, unless it was killed.
        """
        watch = Deadline(_WATCH_S)
        seen = {run.run: run.at_ms for run in self._candidates(stream, ours)}
        while seen and not watch.expired and not stop.requested:
            stop.wait(_LOOK_S)
            self.read()
            still = self._candidates(stream, ours)
            if any(run.at_ms != seen.get(run.run) for run in still):
                return True
            if not still:
                return False
        self._dead |= seen.items()
        return False

    def claimed_before(self, stream: int, ours: str) -> bool:
        """Return whether another run, not known to be dead, claimed the lane before us."""
        mine = self._claims.get((stream, ours), 0)
        return any(
            self._claims[stream, run.run] < mine
            for run in self._candidates(stream, ours)
            if (run.run, run.at_ms) not in self._dead
        )

    def is_fresh(self, stream: int, ours: str) -> bool:
        """Return whether no other run ever wrote of this lane, as far back as the book goes."""
        return not any(lane == stream and run != ours for lane, run in self._claims)

    def _candidates(self, stream: int, ours: str) -> list[Run]:
        since = now_ms() - _RECENT_MS
        return [
            run
            for run in self._runs.values()
            if run.stream == stream and run.run != ours and not run.ended and run.at_ms > since
        ]


def _number(transaction_id: str) -> int:
    found = numbered(transaction_id)
    return found[1] if found else 0


def _no_lane(seed: int) -> Unavailable:
    return Unavailable(
        tr(
            "{count} producers with SEED={seed} are running already; choose another SEED",
            "{count} producers com SEED={seed} já estão rodando; escolha outra SEED",
            count=LANES,
            seed=seed,
        )
    )
