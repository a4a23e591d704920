"""Sends dead letters without a stage, for tests that need some in a topic."""

from kafka_workshop.clock import Deadline, now_ms
from kafka_workshop.errors import Undecodable
from kafka_workshop.messaging.client import Message, Producer
from kafka_workshop.messaging.dlq import letter
from kafka_workshop.messaging.topics import dead_letter_topic
from kafka_workshop.monitor.stage.sending import first_fitting


class DeadLetters:
    """Sends letters of messages of `topic`, unchanged, with the context of a reason."""

    def __init__(self, producer: Producer, topic: str) -> None:
        self._producer = producer
        self._topic = dead_letter_topic(topic)

    def send(self, message: Message, reason: Undecodable) -> None:
        """Send the letter of one message."""
        context = letter.context(message, reason.error_class, reason.reason, now_ms())
        forms = letter.forms(message, context)
        self._producer.send(self._topic, *forms[first_fitting(forms)])

    def confirm(self) -> None:
        """Wait until everything sent is acknowledged."""
        assert self._producer.flush(Deadline(20)) == 0
