"""Everything the console may change in a cluster, one function each.

No page writes in any other way. Each function says which role it needs (see `access.roles`),
blocks (run it in a thread), is bounded in time, and raises a `WorkshopError` whose text
is a sentence for the person who asked.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from confluent_kafka import KafkaError as ClientError
from confluent_kafka import KafkaException, Message, Producer
from confluent_kafka.cimpl import NewTopic

from kafka_workshop import clock
from kafka_workshop.console.access.roles import Role, needs
from kafka_workshop.console.alerting.deciding import why_not
from kafka_workshop.console.diagnosis import Refused, kafka_error, refusal
from kafka_workshop.console.dlq import redriving
from kafka_workshop.console.dlq.redriving import Progress as Redriven
from kafka_workshop.console.dlq.redriving import Redriving
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.managing import changing, regrouping
from kafka_workshop.console.managing.purging import Purge
from kafka_workshop.console.managing.resetting import Reset
from kafka_workshop.console.managing.rules import Change
from kafka_workshop.console.outgoing import (
    NotAllowed,
    Numbered,
    Outgoing,
    refuse_internal,
    refuse_other,
    refuse_too_large,
)
from kafka_workshop.console.sending import Progress, producer_config, send_all
from kafka_workshop.console.wishes import MB, TopicWish, topic_spec
from kafka_workshop.domain.triage import TRIAGE_VERSION, State, Triage
from kafka_workshop.language import tr
from kafka_workshop.logs import Logger
from kafka_workshop.masking import masked_text
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.dlq.letter import Form, Letter
from kafka_workshop.messaging.dlq.redrive import Outcome
from kafka_workshop.messaging.dlq.sending_back import SentBack
from kafka_workshop.messaging.topics import TopicSpec
from kafka_workshop.messaging.triage_codec import encode_triage

_WAIT_SECONDS = 8.0


@dataclass(frozen=True)
class Acknowledged:
    """Where every in-sync replica has the message now."""

    partition: int
    offset: int


class Actions:
    """The writes of one cluster."""

    def __init__(self, gateway: ClusterGateway, logger: Logger) -> None:
        self._gateway, self._logger = gateway, logger
        self._producer: Producer | None = None
        self._lock = threading.Lock()

    @needs(Role.OPERATOR, target="wish.name")
    def create_topic(self, wish: TopicWish) -> None:
        """Create a topic that is bounded in bytes.

        Raises:
            NotAllowed: a figure is out of range; the text names it.
            Refused: Kafka refused, or did not answer in time.
        """
        spec = topic_spec(wish)
        new = NewTopic(spec.name, spec.partitions, spec.replication_factor, config=spec.config)
        changing.wait(self._gateway.admin.create_topics([new], request_timeout=_WAIT_SECONDS))
        self._logger.info("topic_created", topic=spec.name, partitions=spec.partitions)

    @needs(Role.OPERATOR, target="name")
    def delete_topic(self, name: str, typed: str) -> None:
        """Delete topic `name`; `typed` is the name as the person typed it again.

        Raises:
            NotAllowed: the names differ, or the topic is Kafka's own.
            Refused: Kafka refused, or did not answer in time.
        """
        if name.startswith("__"):
            raise NotAllowed(
                tr(
                    "{name} is internal to Kafka and is not deleted here.",
                    "{name} é interno do Kafka e não é excluído aqui.",
                    name=name,
                )
            )
        refuse_other(typed, name)
        changing.wait(self._gateway.admin.delete_topics([name], request_timeout=_WAIT_SECONDS))
        self._logger.info("topic_deleted", topic=name)

    @needs(Role.OPERATOR, target="change.label")
    def alter_setting(self, change: Change) -> None:
        """Set one setting of a topic or a broker, or take its value away.

        Raises:
            NotAllowed: it can't be that value; the text names both and what is allowed.
            Refused: Kafka refused, or did not answer in time.
        """
        changing.alter_setting(self._gateway, change)
        self._logger.info(
            "setting_altered", kind=change.kind, name=change.name, setting=change.setting,
            value=change.value,
        )  # fmt: skip

    @needs(Role.OPERATOR, target="topic")
    def add_partitions(self, topic: str, total: int) -> None:
        """Give a topic more partitions, `total` in all.

        Raises:
            NotAllowed: a stage of the monitor relies on their number, or it is out of range.
            Refused: Kafka refused, or did not answer in time.
        """
        changing.add_partitions(self._gateway, topic, total)
        self._logger.info("partitions_added", topic=topic, partitions=total)

    @needs(Role.OPERATOR, target="planned.topic")
    def purge(self, planned: Purge, typed: str) -> None:
        """Delete what is planned; `typed` is the topic's name as the person typed it again.

        Raises:
            NotAllowed: the names differ, nothing is planned, or the topic is only compacted.
            Refused: Kafka refused, or did not answer in time; the text says of how much.
        """
        refuse_other(typed, planned.topic)
        changing.purge(self._gateway, planned)
        self._logger.info("topic_purged", topic=planned.topic, offsets=planned.count)

    @needs(Role.OPERATOR, target="planned.group")
    def reset_offsets(self, planned: Reset) -> None:
        """Set the offsets of a group to what was previewed.

        Raises:
            NotAllowed: the group is a monitor's.
            Refused: it has members, or something has moved on since; no answer in time.
        """
        regrouping.reset(self._gateway, planned)
        self._logger.info(
            "offsets_reset", group=planned.group, topic=planned.topic,
            partitions=len(planned.moves),
        )  # fmt: skip

    @needs(Role.OPERATOR, target="group")
    def delete_group(self, group: str, typed: str) -> None:
        """Delete a group and its offsets; `typed` is its name as the person typed it again.

        Raises:
            NotAllowed: the names differ, or the group is a monitor's.
            Refused: it has members, or is not there; no answer in time.
        """
        refuse_other(typed, group)
        regrouping.delete(self._gateway, group)
        self._logger.info("group_deleted", group=group)

    @needs(Role.OPERATOR, target="outgoing.topic")
    def produce(self, outgoing: Outgoing) -> Acknowledged:
        """Write one message and return where it was acknowledged.

        Raises:
            NotAllowed: the message is too large.
            Refused: Kafka refused, or did not confirm it in time.
        """
        return self._produce(outgoing)

    def _produce(self, outgoing: Outgoing) -> Acknowledged:
        refuse_too_large(outgoing)
        outcome: list[tuple[ClientError | None, Message]] = []
        try:
            self._send(outgoing, outcome)
        except KafkaException as error:
            raise refusal(kafka_error(error)) from None
        return self._acknowledged(outgoing, outcome)

    @needs(Role.OPERATOR, target="topic")
    def import_messages(
        self, topic: str, messages: Sequence[Numbered], progress: Progress
    ) -> Progress:
        """Write many messages in order and return `progress`, which tells how far that has got.

        It ends early at the first refusal, or when `progress.cancel` is set.

        Raises:
            NotAllowed: the topic is Kafka's own.
        """
        refuse_internal(topic)
        producer = Producer(producer_config(self._gateway.servers) | {"linger.ms": 5})
        send_all(producer, messages, progress)
        self._logger.info(
            "messages_imported", topic=topic, messages=progress.acknowledged,
            failed=len(progress.failed),
        )  # fmt: skip
        return progress

    @needs(Role.ANALYST, target="alert_id")
    def triage(self, spec: TopicSpec, alert_id: str, state: State, note: str) -> Acknowledged:
        """Write a decision about an alert, and return where it was acknowledged.

        Args:
            spec: the topic of decisions, which the first one creates.
            alert_id: which alert.
            state: the decision; `note`: why.

        Raises:
            NotAllowed: the note is too long, or there can be no such alert.
            Refused: Kafka refused, or did not confirm it in time.
            Unavailable: the topic could not be made yet.
            ServiceFailed: the brokers refused the topic.
        """
        reason = why_not(alert_id, note)
        if reason:
            raise NotAllowed(reason)
        create_topics(self._gateway.servers, [spec], _WAIT_SECONDS)
        # A number that nobody may see is not kept for others to see either.
        decision = Triage(TRIAGE_VERSION, state, masked_text(note), clock.now_ms())
        placed = self._produce(Outgoing(spec.name, *encode_triage(alert_id, decision)))
        self._logger.info("alert_triaged", alert_id=alert_id, state=state)
        return placed

    @needs(Role.OPERATOR, target="planned.survey.topic")
    def redrive(self, planned: Redriving, progress: Redriven) -> SentBack:
        """Send dead letters back to their topic, each exactly once.

        Raises:
            NotAllowed: there is nothing to send.
            Refused: `progress` was cancelled; what is sent so far counts.
            Fenced: another redrive has taken over; what is sent so far counts.
            Unavailable: the brokers don't answer; what is sent so far counts.
        """
        sent = redriving.redrive(self._gateway.servers, planned, progress)
        self._logger.info(
            "letters_redriven", topic=planned.survey.topic, error_class=planned.error_class,
            messages=sent.outcome.sent, refused=sent.outcome.refused,
        )  # fmt: skip
        return sent

    @needs(Role.OPERATOR, target="topic")
    def redrive_edited(self, storage: int, topic: str, letter: Letter, edited: Form) -> Outcome:
        """Send what a person made of a dead letter's message to `topic`, as a new one, once.

        Raises:
            NotAllowed: it is too large.
            Refused: it was redriven before, its topic does not take it, or its letter is gone.
            Fenced, Unavailable: as `redrive`.
        """
        servers = self._gateway.servers
        outcome = redriving.redrive_edited(servers, storage, topic, letter, edited)
        self._logger.info("letter_edited_redriven", topic=topic, source=str(letter.source))
        return outcome

    def _send(self, outgoing: Outgoing, outcome: list[tuple[ClientError | None, Message]]) -> None:
        with self._lock:  # one message at a time: a person clicks, nothing is gained by more
            producer = self._producer = self._producer or Producer(
                producer_config(self._gateway.servers)
            )
            producer.produce(
                outgoing.topic,
                key=outgoing.key,
                value=outgoing.value,
                headers=list(outgoing.headers),
                partition=-1 if outgoing.partition is None else outgoing.partition,
                timestamp=outgoing.timestamp_ms or 0,  # 0 is now to the client
                on_delivery=lambda error, message: outcome.append((error, message)),
            )
            producer.flush(_WAIT_SECONDS)

    def _acknowledged(
        self, outgoing: Outgoing, outcome: list[tuple[ClientError | None, Message]]
    ) -> Acknowledged:
        if not outcome:
            raise refusal(ClientError(ClientError._MSG_TIMED_OUT))
        error, message = outcome[0]
        if error is not None:
            raise refusal(error)
        placed = Acknowledged(message.partition() or 0, message.offset() or 0)
        self._logger.info(
            "message_produced", topic=outgoing.topic, partition=placed.partition,
            offset=placed.offset,
        )  # fmt: skip
        return placed


__all__ = [
    "MB",
    "Acknowledged",
    "Actions",
    "NotAllowed",
    "Outgoing",
    "Refused",
    "TopicWish",
    "topic_spec",
]
