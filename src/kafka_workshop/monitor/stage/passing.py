"""A second topic of a stage, whose messages are passed on: read as the same group, without state.

What becomes of them is written in the same transactions as all else, and so are their offsets.

The group does not subscribe to it: partitions are shared out by their number, whatever the topic,
and one member could get all of the input and another only this. Whoever has a partition of the
input reads those of this topic that go with it.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from confluent_kafka import OFFSET_BEGINNING, KafkaException, TopicPartition
from confluent_kafka import Message as Record

from kafka_workshop.errors import Undecodable
from kafka_workshop.language import tr
from kafka_workshop.logs import Logger
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.confluent import message_of, metadata_of
from kafka_workshop.messaging.offsets import Position
from kafka_workshop.messaging.stage_clients.contract import Reader
from kafka_workshop.messaging.tally import Tally, resumed
from kafka_workshop.monitor.stage.merging import Merging
from kafka_workshop.monitor.stage.partition import Passing
from kafka_workshop.monitor.stage.values import Output

_ASK_S = 0.2


class Passage(NamedTuple):
    """What to pass on: a topic, and what becomes of each message.

    `outputs` raises `Undecodable` for a message that says nothing: that is logged, and passed over.
    `partitions` are how many the topic has, `beside` how many the input has.
    """

    topic: str
    outputs: Callable[[Message], Iterable[Output]]
    partitions: int
    beside: int

    def going_with(self, inputs: Iterable[int]) -> list[TopicPartition]:
        """Return the partitions that go with some of the input's."""
        chosen = set(inputs)
        return [
            TopicPartition(self.topic, number, OFFSET_BEGINNING)
            for number in range(self.partitions)
            if number % self.beside in chosen
        ]


class SecondTopic:
    """The partitions of a passage that are ours."""

    def __init__(
        self, passage: Passage, consumer: Reader, merging: Merging, logger: Logger
    ) -> None:
        self.topic = passage.topic
        self.partitions: dict[int, Passing] = {}
        self.going_with = passage.going_with
        self._outputs = passage.outputs
        self._consumer = consumer
        self._merging = merging
        self._logger = logger
        self._asked_for: set[int] = set()

    def begin(self, gained: Iterable[TopicPartition]) -> None:
        """Begin to find out where to read on."""
        self._asked_for.update(place.partition for place in gained)

    def let_go(self, gone: Iterable[TopicPartition]) -> None:
        """Leave out partitions that are not ours any more."""
        numbers = {place.partition for place in gone}
        self._asked_for -= numbers
        for number in numbers:
            self.partitions.pop(number, None)

    def step(self) -> None:
        """Go on with finding out; nobody waits for it.

        Raises:
            ServiceFailed: this client can't read any more; a fresh one can.
        """
        if not self._asked_for:
            return
        asked = [TopicPartition(self.topic, number) for number in sorted(self._asked_for)]
        try:
            # Answered only once no transaction is pending on them.
            found = self._consumer.committed(asked, timeout=_ASK_S)
        except KafkaException:
            return
        for at in found:
            if at.error is None:
                self._adopt(at)

    def _adopt(self, at: TopicPartition) -> None:
        """Read on after what is committed, from the beginning if that is nothing.

        An offset that retention has removed is no place to read from: that is an error of the
        client's, which refuses in words.
        """
        place = TopicPartition(self.topic, at.partition, at.offset)
        position = Position(0, Tally(since=0))
        if at.offset >= 0:
            position = Position(at.offset, resumed(at.offset, metadata_of(at)))
            self._merging.go_to(place)
        else:
            self._merging.begin(TopicPartition(self.topic, at.partition, 0))
        self.partitions[at.partition] = Passing(at.partition, position)
        self._asked_for.discard(at.partition)
        self._consumer.resume([place])

    def take(self, record: Record) -> bool:
        """Pass a record on, if it is the next of its partition; return whether it was."""
        partition, offset = self.partitions.get(record.partition() or 0), record.offset() or 0
        if partition is None or not partition.is_next(offset):
            return False
        partition.note(offset, self._outputs_of(message_of(record)))
        return True

    def _outputs_of(self, message: Message) -> list[Output]:
        try:
            return list(self._outputs(message))
        except Undecodable as reason:
            self._logger.warning(
                tr("not decodable, passed over", "não decodificável, ignorada"),
                topic=message.topic,
                partition=message.partition,
                offset=message.offset,
                reason=reason.reason,
            )
            return []

    def rewind(self) -> None:
        """Forget what is not committed, and read it again."""
        for number, partition in self.partitions.items():
            first = partition.drop()
            if first is not None:
                self._merging.go_to(TopicPartition(self.topic, number, first))
