"""A second topic of a stage, whose messages are passed on: read as the same group, without state.

What becomes of them is written in the same transactions as all else, and so are their offsets.

The group does not subscribe to it: partitions are shared out by their number, whatever the topic,
and one member could get all of the input and another only this. Whoever has a partition of the
input reads those of this topic that go with it.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from confluent_kafka import Message as Record

from kafka_workshop.errors import Undecodable
from kafka_workshop.language import tr
from kafka_workshop.logs import Logger
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.confluent import message_of
from kafka_workshop.monitor.stage.partition import Passing
from kafka_workshop.monitor.stage.restore import Restored, Source
from kafka_workshop.monitor.stage.takeover import Takeover, go_to
from kafka_workshop.monitor.stage.values import Output


class Passage(NamedTuple):
    """What to pass on: a source without changelog, and what becomes of each message.

    `outputs` raises `Undecodable` for a message that says nothing: that is logged, and passed over.
    `partitions` are how many the source has, `beside` how many the input has.
    """

    source: Source
    outputs: Callable[[Message], Iterable[Output]]
    partitions: int
    beside: int

    def going_with(self, inputs: Iterable[int]) -> list[TopicPartition]:
        """Return the partitions that go with some of the input's."""
        chosen, topic = set(inputs), self.source.topic
        return [
            TopicPartition(topic, number, OFFSET_BEGINNING)
            for number in range(self.partitions)
            if number % self.beside in chosen
        ]


class SecondTopic:
    """The partitions of a passage that are ours."""

    def __init__(self, passage: Passage, consumer: Consumer, logger: Logger) -> None:
        self.topic = passage.source.topic
        self.partitions: dict[int, Passing] = {}
        self.going_with = passage.going_with
        self._outputs = passage.outputs
        self._consumer = consumer
        self._logger = logger
        self._takeover = Takeover(passage.source, consumer, self._adopt, logger)

    def begin(self, gained: Iterable[TopicPartition]) -> None:
        """Begin to find out where to read on."""
        self._takeover.begin(place.partition for place in gained)

    def let_go(self, gone: Iterable[TopicPartition]) -> None:
        """Leave out partitions that are not ours any more."""
        numbers = {place.partition for place in gone}
        self._takeover.forget(numbers)
        for number in numbers:
            self.partitions.pop(number, None)

    def step(self) -> None:
        """Go on with finding out; nobody waits for it.

        Raises:
            Mismatch: the topic has not any more what is to be read.
            ServiceFailed: nothing has moved for a minute.
        """
        if self._takeover.left:
            self._takeover.step(0.0, alone=False)

    def _adopt(self, restored: Restored) -> None:
        number, position = restored.number, restored.position
        self.partitions[number] = Passing(number, position)
        go_to(self._consumer, TopicPartition(self.topic, number, position.offset))
        self._consumer.resume([TopicPartition(self.topic, number)])

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
            if partition.drop() is not None:
                place = TopicPartition(self.topic, number, partition.committed.offset)
                go_to(self._consumer, place)

    def close(self) -> None:
        """Let go of everything."""
        self._takeover.close()
