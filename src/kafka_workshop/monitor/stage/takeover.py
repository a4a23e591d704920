"""The partitions that are ours: those with their state, and those whose state is being restored."""

import gc
import time
from collections.abc import Callable, Iterable

from confluent_kafka import KafkaException, TopicPartition

from kafka_workshop.clock import Deadline
from kafka_workshop.language import tr
from kafka_workshop.logs import Logger
from kafka_workshop.messaging.client import beyond_repair
from kafka_workshop.messaging.stage_clients.contract import Reader
from kafka_workshop.monitor.stage.restore import Restoration, Restored, Source

_SAY_EVERY_S = 2.0
# While other partitions work, restoring takes short turns.
_TURN_S = 0.02
_SEEK_S, _PAUSE_S = 5.0, 0.01


class Takeover:
    """Restores gained partitions in turns, and says how far it is if that takes long."""

    def __init__(
        self, source: Source, group: Reader, adopt: Callable[[Restored], None], logger: Logger
    ) -> None:
        self._source = source
        self._group = group
        self._adopt = adopt
        self._logger = logger
        self._running: list[Restoration] = []
        self._began = self._said = Deadline(0)
        self._keys = 0

    def begin(self, partitions: Iterable[int]) -> None:
        """Begin to restore partitions."""
        gained = set(partitions)
        if not gained:
            return
        if not self._running:
            self._began = self._said = Deadline(_SAY_EVERY_S)
            self._keys = 0
        self._running.append(Restoration(self._source, self._group, gained))

    def forget(self, partitions: Iterable[int]) -> None:
        """Leave out partitions that are not ours any more."""
        gone = set(partitions)
        for each in self._running:
            each.forget(gone)
        self._drop_finished()

    @property
    def left(self) -> frozenset[int]:
        """The partitions whose state is not there yet."""
        return frozenset().union(*(each.left for each in self._running))

    def step(self, wait_s: float, alone: bool) -> None:
        """Go on, for `wait_s` seconds if there is nothing else to do; adopt what is restored.

        Raises:
            Mismatch: state and offsets don't belong together.
            ServiceFailed: nothing has moved for a minute.
        """
        for each in self._running:
            for restored in each.step(wait_s if alone else _TURN_S, alone):
                self._keys += len(restored.states)
                self._adopt(restored)
        self._say()
        self._drop_finished()

    def _say(self) -> None:
        if not self.left:
            if self._keys:
                gc.freeze()  # what is restored stays: the collector need not walk it again
                self._logger.info(
                    tr("state restored", "estado restaurado"),
                    keys=self._keys,
                    seconds=round(self._began.elapsed, 1),
                )
        elif self._said.expired:
            self._said = Deadline(_SAY_EVERY_S)
            self._logger.info(
                tr("restoring state", "restaurando o estado"),
                partitions=sorted(self.left),
                records=sum(each.records for each in self._running),
                seconds=round(self._began.elapsed, 1),
            )

    def _drop_finished(self) -> None:
        for each in self._running:
            if not each.left:
                each.close()
        self._running = [each for each in self._running if each.left]

    def close(self) -> None:
        """Let go of everything."""
        self.forget(self.left)


def go_to(consumer: Reader, place: TopicPartition) -> None:
    """Read on from a place of a partition that is ours.

    Raises:
        ServiceFailed: that does not work.
    """
    deadline = Deadline(_SEEK_S)
    while True:
        try:
            consumer.seek(place)
        except KafkaException as error:
            # The partition was assigned a moment ago: its fetching has not begun.
            if deadline.expired:
                raise beyond_repair(error.args[0].str()) from None
            time.sleep(_PAUSE_S)
        else:
            return
