"""Where a replay goes: two topics, or a file of JSON lines."""

from collections import deque
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import BinaryIO

from kafka_workshop.clock import Deadline
from kafka_workshop.domain.label import LABEL_VERSION, CompleteUntil, Label
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import DeliveryFailed, UserError
from kafka_workshop.language import tr
from kafka_workshop.messaging.client import Delivery, Producer
from kafka_workshop.messaging.codec import encode
from kafka_workshop.messaging.label_codec import encode_label
from kafka_workshop.messaging.topics import labels_topic


class InvalidTarget(UserError):
    """The file to write can't be written."""


class LinesSink:
    """JSON lines, as `monitor backtest --file` reads them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def open(self) -> None:
        """Begin the file anew.

        Raises:
            InvalidTarget: it can't be written.
        """
        try:
            self._file = self._path.open("wb")
        except OSError as error:
            raise self._refused(error) from None

    def transaction(self, said: Transaction, _line: int, /) -> None:
        """See `Sink`."""
        self._write(encode(said))

    def label(self, said: Label, _line: int, /) -> None:
        """See `Sink`."""
        self._write(encode_label(said))

    def complete(self, until: int) -> None:
        """See `Sink`."""
        self._write(encode_label(CompleteUntil(LABEL_VERSION, until)))

    def show(self) -> None:
        """See `Sink`; nothing is answered."""

    def close(self) -> None:
        """End the file.

        Raises:
            InvalidTarget: its end can't be written.
        """
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                raise self._refused(error) from None

    def _write(self, line: bytes) -> None:
        if self._file is None:
            return
        try:
            self._file.write(line + b"\n")
        except OSError as error:
            raise self._refused(error) from None

    def _refused(self, error: OSError) -> InvalidTarget:
        return InvalidTarget(
            tr(
                "{path} can't be written: {why}",
                "não é possível gravar {path}: {why}",
                path=self._path,
                why=error.strerror,
            )
        )


class KafkaSink:
    """A topic of transactions and one of labels, keyed by account as the producer's are.

    What says that labels are complete is sent once all labels before it are stored: it would be
    wrong if one of them failed.
    """

    def __init__(self, producer: Producer, topic: str, partitions: Iterable[int]) -> None:
        self._producer, self._topic, self._labels = producer, topic, labels_topic(topic)
        self._partitions = tuple(partitions)
        # Sending number -> line of what has no answer or was refused, in the order of sending.
        self._open: dict[int, int] = {}
        self._open_labels: dict[int, None] = {}
        self._number = 0
        self._complete: deque[tuple[int, int]] = deque()
        self._failure: DeliveryFailed | None = None

    def transaction(self, said: Transaction, line: int, /) -> None:
        """See `Sink`."""
        self._send(self._topic, said.account_id, encode(said), line)

    def label(self, said: Label, line: int, /) -> None:
        """See `Sink`."""
        self._open_labels[self._number + 1] = None
        self._send(self._labels, said.account_id, encode_label(said), line)

    def complete(self, until: int) -> None:
        """See `Sink`."""
        self._complete.append((self._number, until))

    def show(self) -> None:
        """See `Sink`.

        Raises:
            DeliveryFailed: the brokers refused something, or never confirmed it.
        """
        self._producer.poll()
        self._say_complete()
        if self._failure is not None:
            raise self._failure

    @property
    def waits(self) -> bool:
        """Whether anything has no answer yet, or is not sent yet."""
        return bool(self._producer.in_flight or self._complete)

    def settle(self, deadline: Deadline) -> int:
        """Wait for every answer; return how many are missing when the time is up, or refused."""
        self._producer.flush(deadline)
        self._say_complete()
        missing = self._producer.flush(deadline)
        return max(missing, len(self._open))

    def confirmed(self, last: int) -> int:
        """Return the line up to which all is stored; `last` was the last that was handed over."""
        return min(last, next(iter(self._open.values()), last + 1) - 1)

    def _send(self, topic: str, account: str, value: bytes, line: int) -> None:
        self._number += 1
        self._open[self._number] = line
        answered = partial(self._answered, self._number)
        self._producer.send(topic, account.encode(), value, on_delivery=answered)

    def _answered(self, number: int, answer: Delivery | DeliveryFailed) -> None:
        if isinstance(answer, DeliveryFailed):
            self._failure = self._failure or answer
            return
        self._open.pop(number, None)
        self._open_labels.pop(number, None)

    def _say_complete(self) -> None:
        """Send what waits for no label any more."""
        while self._complete and self._complete[0][0] < next(
            iter(self._open_labels), self._number + 1
        ):
            value = encode_label(CompleteUntil(LABEL_VERSION, self._complete.popleft()[1]))
            for partition in self._partitions:
                answered = partial(self._answered, 0)
                self._producer.send(self._labels, None, value, (), answered, partition)
