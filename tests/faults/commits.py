"""What a group has committed, as the brokers know it."""

from confluent_kafka import Consumer, KafkaException, TopicPartition

from kafka_workshop.messaging.config import LIBRDKAFKA_LOG, confluent_consumer
from kafka_workshop.settings import KafkaSettings
from tests.faults.history import Anomaly, Committed, History, Reading, anomalies

PARTITIONS = 6
_ANSWER_S = 10.0


class Commits:
    """Asks for the committed offsets of a group, without being a member, and remembers them."""

    def __init__(self, settings: KafkaSettings, group: str) -> None:
        self._topic = settings.topic
        self._seen: list[Committed] = []
        # Without waiting for the transaction that a killed consumer may have left open.
        unstable = {"isolation.level": "read_uncommitted"}
        config = confluent_consumer(settings.bootstrap_servers, group) | unstable
        self._asker = Consumer(config, logger=LIBRDKAFKA_LOG)

    def now(self) -> dict[int, int]:
        """Return partition -> committed offset, 0 where there is none; empty if nobody answers."""
        asked = [TopicPartition(self._topic, partition) for partition in range(PARTITIONS)]
        try:
            answer = self._asker.committed(asked, timeout=_ANSWER_S)
        except KafkaException:
            return {}
        offsets = {each.partition: max(0, each.offset) for each in answer}
        self._seen += [Committed(partition, offset) for partition, offset in offsets.items()]
        return offsets

    def anomalies(self) -> tuple[Anomaly, ...]:
        """Return where a committed offset went back."""
        return anomalies(History((), {}, (), [Reading("commits", self._seen)]))

    def close(self) -> None:
        """End what asks."""
        self._asker.close()
