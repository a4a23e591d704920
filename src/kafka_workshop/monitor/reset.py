"""Makes a monitor begin again: its group's offsets, its state and what it wrote are deleted.

State and offsets belong together, so both go. In this order: whoever is interrupted is refused by
the next start, and may simply reset again.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from kafka.errors import KafkaError as ServerError

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import ServiceFailed, TimedOut, UserError
from kafka_workshop.language import tr
from kafka_workshop.messaging import config
from kafka_workshop.messaging.admin import create_topics, leaders
from kafka_workshop.messaging.client import no_broker
from kafka_workshop.messaging.one_broker import connect, silence_library
from kafka_workshop.messaging.topics import PARTITIONS, MonitorTopics, TopicSpec, monitor_topics

_CLIENT_ID = "monitor-reset"
_GONE_S, _PATIENCE_S, _PAUSE_S = 20.0, 2.0, 0.1
_NO_SUCH_GROUP, _DONE = "GroupIdNotFoundError", "OK"


class HasMembers(UserError):
    """The group works: what it needs is not taken from it."""


def reset_group(servers: tuple[str, ...], topic: str, group: str, storage: int) -> None:
    """Delete what both stages have: offsets and all topics that they write, which are made anew.

    Raises:
        HasMembers: the group has members.
        BrokersUnavailable: no broker answered.
        TimedOut: the brokers did not delete the topics in time.
        ServiceFailed: the brokers refused.
    """
    silence_library()
    partitions = len(leaders(servers, topic)) or PARTITIONS
    names = MonitorTopics(topic, group)
    with _asked(servers) as admin:
        groups = {group: "consumer", names.merchant_group: "consumer-merchant"}
        for name, service in groups.items():
            _refuse_members(admin, name, service)
        for name in groups:
            _delete_group(admin, name)
    _delete_topics(servers, names.all)
    _make_anew(servers, monitor_topics(storage, topic, group, partitions))


def _make_anew(servers: tuple[str, ...], specs: tuple[TopicSpec, ...]) -> None:
    """Create topics that were just deleted: a broker may believe for a moment they are there."""
    deadline = Deadline(_GONE_S)
    while True:
        try:
            create_topics(servers, specs, _PATIENCE_S)
        except TimedOut:
            if deadline.expired:
                raise
        else:
            return


@contextmanager
def _asked(servers: tuple[str, ...]) -> Iterator[Any]:
    try:
        connection = connect(servers, _CLIENT_ID)
    except ServerError:
        raise no_broker(servers) from None
    try:
        yield connection.admin
    except ServerError as error:
        raise ServiceFailed(str(error)) from None
    finally:
        connection.close()


def _refuse_members(admin: Any, group: str, service: str) -> None:
    members = admin.describe_groups([group])[group]["members"]
    if members:
        raise HasMembers(
            tr(
                "Group {group} has {n} members: ./workshop stop {service} first (each of them).",
                "O grupo {group} tem {n} membros: antes, ./workshop stop {service} (cada um).",
                group=group,
                service=service,
                n=len(members),
            )
        )


def _delete_group(admin: Any, group: str) -> None:
    answer = admin.delete_groups([group])[group]
    if answer not in (_DONE, _NO_SUCH_GROUP):
        raise ServiceFailed(f"{group}: {answer}")


def _delete_topics(servers: tuple[str, ...], names: tuple[str, ...]) -> None:
    settings = config.confluent_common(servers, _CLIENT_ID)
    admin = AdminClient(settings, logger=config.LIBRDKAFKA_LOG)
    for name, answer in admin.delete_topics(list(names)).items():
        try:
            answer.result(_GONE_S)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise ServiceFailed(f"{name}: {error.args[0].str()}") from None
    deadline = Deadline(_GONE_S)
    while left := sorted(set(names) & set(admin.list_topics(timeout=_GONE_S).topics)):
        if deadline.expired:
            raise TimedOut(
                tr(
                    "not deleted yet: {names}",
                    "ainda não apagados: {names}",
                    names=", ".join(left),
                )
            )
        time.sleep(_PAUSE_S)
