"""One fault under load, from the first message to the verdict."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self
from uuid import uuid4

from kafka_workshop.messaging.admin import create_topics, end_offsets
from kafka_workshop.messaging.topics import bounded
from kafka_workshop.settings import KafkaSettings
from tests.faults.commits import PARTITIONS
from tests.faults.history import Duplicate, History, LostWrite, anomalies
from tests.faults.load import Load, Member, numbered, read_all
from tests.faults.results import Results, Row
from tests.faults.scene import Scene

# A partition may be silent this long: the session of its leader (6 s), an election, and a client
# that waits for an answer up to its time-out (10 s), perhaps once for messages and for metadata.
SILENCE_S = 30.0
_BYTES, _KEPT_MS = 900_000_000, 3_600_000


def make_topic(scene: Scene) -> KafkaSettings:
    """Create a topic of six partitions; return the settings that name it."""
    topic = f"fault-{uuid4().hex[:8]}"
    create_topics(scene.servers, [bounded(topic, PARTITIONS, _BYTES, _KEPT_MS)], 30)
    return KafkaSettings(topic, scene.servers, "confluent-kafka")


class Trial:
    """A producer and a group at work on a topic of their own while the cluster is broken."""

    def __init__(
        self,
        fault: str,
        times: int,
        scene: Scene,
        results: Results,
        value: Callable[[int], bytes] = numbered,
        silence_s: float = SILENCE_S,
    ) -> None:
        self.fault = fault
        self.times = times
        self.scene = scene
        self.topic = ""
        self._results = results
        self._value = value
        self._silence_s = silence_s
        self._recoveries: list[float] = []

    def __enter__(self) -> Self:
        """Start from a healthy cluster, under load."""
        self.scene.wait_until_healthy()
        self.settings = make_topic(self.scene)
        self.topic = self.settings.topic
        self.load = Load(self.settings, self._value)
        self.member = Member(self.settings, f"{self.topic}-group")
        try:
            self.load.start()
            self.member.start()
        except BaseException:
            self._end()
            raise
        self._began = time.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give the verdict, unless the test has failed already; end what runs."""
        try:
            if error is None:
                self._judge()
        finally:
            self._end()

    def _end(self) -> None:
        self.load.abandon()
        self.member.stop()

    @contextmanager
    def recovery(self) -> Iterator[None]:
        """Measure from here until the cluster is healthy again; the fault happens inside."""
        began = time.monotonic()
        yield
        self.scene.wait_until_healthy()
        self._recoveries.append(time.monotonic() - began)

    def await_recovery(self) -> None:
        """Measure from here, where a fault has just ended, until the cluster is healthy again."""
        with self.recovery():
            pass

    def _judge(self) -> None:
        self.load.wait_for_each_partition(self._silence_s)
        silence = self.load.longest_silence(self._began)
        self.load.finish()
        ends = end_offsets(self.scene.servers, self.topic)
        readings = [self.member.reading(ends), read_all(self.settings, f"{self.topic}-check")]
        found = anomalies(History(self.load.sent, self.load.acknowledged, (), readings))
        self._results.add(
            Row(
                fault=self.fault,
                times=self.times,
                acknowledged=len(self.load.acknowledged),
                lost=sum(isinstance(each, LostWrite) for each in found),
                duplicated=sum(isinstance(each, Duplicate) for each in found),
                silence_s=round(silence, 1),
                recovery_s=round(max(self._recoveries), 1),
            )
        )
        assert found == (), f"{len(found)} anomalies: {found[:3]}"
        assert self.load.refused == []
        assert len(self.load.acknowledged) == len(self.load.sent)
        assert silence < self._silence_s
