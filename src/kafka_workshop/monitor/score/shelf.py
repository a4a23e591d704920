"""Where scores are put for others to see: their topic, made at the first one."""

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import DeliveryFailed, WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.messaging import confluent
from kafka_workshop.messaging.admin import PROBE_S, create_topics
from kafka_workshop.messaging.client import Delivery, Producer
from kafka_workshop.monitor.score.names import score_spec
from kafka_workshop.monitor.score.publish import publish
from kafka_workshop.monitor.score.result import Score

_STORED_S = 10.0


class Shelf:
    """Stores the newest score of a group about a topic; from one thread."""

    def __init__(self, servers: tuple[str, ...], topic: str, group: str) -> None:
        self._servers, self._spec = servers, score_spec(topic, group)
        self._producer: Producer | None = None

    def put(self, score: Score) -> None:
        """Store the score. After a failure the next one begins anew, with the topic.

        Raises:
            BrokersUnavailable: no broker answered.
            Unavailable: the topic could not be made yet.
            DeliveryFailed: the score was not acknowledged.
            ServiceFailed: the brokers refused the topic, or the producer is beyond repair.
        """
        try:
            self._store(self._opened(), score)
        except WorkshopError:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connections; what is not acknowledged yet is given up."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.close()

    def _opened(self) -> Producer:
        if self._producer is None:
            create_topics(self._servers, [self._spec])
            self._producer = confluent.open_producer(self._servers, PROBE_S)
        return self._producer

    def _store(self, producer: Producer, score: Score) -> None:
        failed: list[DeliveryFailed] = []

        def answered(answer: Delivery | DeliveryFailed) -> None:
            if isinstance(answer, DeliveryFailed):
                failed.append(answer)

        publish(producer, self._spec.name, score, answered)
        unanswered = producer.flush(Deadline(_STORED_S))
        if failed:
            raise failed[0]
        if unanswered:
            raise _too_late(self._spec.name)


def _too_late(name: str) -> DeliveryFailed:
    return DeliveryFailed(
        tr(
            "the score could not be stored in {name} in time",
            "não foi possível gravar a avaliação em {name} a tempo",
            name=name,
        )
    )
