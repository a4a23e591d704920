"""Many messages sent in order, each answered for: acknowledged, or refused with its line."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from kafka_workshop.clock import Deadline
from kafka_workshop.console.diagnosis import kafka_error, refusal
from kafka_workshop.console.kafka import client_config
from kafka_workshop.console.outgoing import Numbered

_POLL_SECONDS = 0.1
_SECONDS = 120.0


@dataclass
class Progress:
    """How far sending has got; another thread may look at any time."""

    total: int
    acknowledged: int = 0
    failed: list[tuple[int, str]] = field(default_factory=list)
    cancel: threading.Event = field(default_factory=threading.Event)

    @property
    def answered(self) -> int:
        """How many are acknowledged or refused."""
        return self.acknowledged + len(self.failed)


def send_all(producer: Producer, messages: Sequence[Numbered], progress: Progress) -> None:
    """Send `messages` in order and wait for their answers, noting each in `progress`.

    Returns when all are answered, or `progress.cancel` is set and what was sent is answered; no
    later than a little over two minutes.
    """
    deadline = Deadline(_SECONDS)
    sent = 0
    for message in messages:
        if progress.cancel.is_set() or deadline.expired or progress.failed:
            break
        _send(producer, message, progress, deadline)
        sent += 1
        producer.poll(0)
    while progress.answered < sent and not deadline.expired:
        producer.poll(_POLL_SECONDS)


def _send(producer: Producer, message: Numbered, progress: Progress, deadline: Deadline) -> None:
    outgoing = message.outgoing
    while not deadline.expired:
        try:
            producer.produce(
                outgoing.topic,
                key=outgoing.key,
                value=outgoing.value,
                headers=list(outgoing.headers),
                partition=-1 if outgoing.partition is None else outgoing.partition,
                timestamp=outgoing.timestamp_ms or 0,  # 0 is now to the client
                on_delivery=_noted(message.number, progress),
            )
        except BufferError:
            producer.poll(_POLL_SECONDS)
        except KafkaException as error:
            progress.failed.append((message.number, str(refusal(kafka_error(error)))))
            return
        else:
            return


def _noted(number: int, progress: Progress) -> Callable[[KafkaError | None, Message], None]:
    def note(error: KafkaError | None, _: Message) -> None:
        if error is None:
            progress.acknowledged += 1
        else:
            progress.failed.append((number, str(refusal(error))))

    return note


def producer_config(servers: tuple[str, ...]) -> dict[str, str | int | float | bool]:
    """Return the settings of a producer whose messages every in-sync replica confirms."""
    return client_config(servers) | {
        "acks": "all",
        "enable.idempotence": True,
        "partitioner": "murmur2_random",
        "message.timeout.ms": 7000,
        "linger.ms": 0,
    }
