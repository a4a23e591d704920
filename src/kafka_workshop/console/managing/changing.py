"""The requests behind `console.actions` that change topics and brokers: blocking, bounded in time.

Each asks once more what its refusals depend on, right before it writes: a page may be old.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaError as ClientError
from confluent_kafka import KafkaException
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType

from kafka_workshop.console.diagnosis import kafka_error, refusal
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.managing.monitors import why_not_set
from kafka_workshop.console.managing.rules import Change, check, editable
from kafka_workshop.console.managing.settings import Setting, broker_settings, topic_settings
from kafka_workshop.console.outgoing import NotAllowed
from kafka_workshop.language import tr

WAIT_SECONDS = 8.0
_RESOURCES = {"topic": ResourceType.TOPIC, "broker": ResourceType.BROKER}


def alter_setting(gateway: ClusterGateway, change: Change) -> None:
    """Set what `change` asks for.

    Raises:
        NotAllowed: the setting can't be changed here, or can't have this value.
        Refused: Kafka refused, or did not answer in time.
    """
    reason = change.kind == "topic" and why_not_set(change.name, change.setting, change.value)
    if reason:
        raise NotAllowed(reason)
    setting = _found(_settings(gateway, change), change)
    if change.value is not None:
        check(setting, change.value, change.replicas)
    resource = ConfigResource(
        _RESOURCES[change.kind], change.name, incremental_configs=[_operation(change)]
    )
    wait(gateway.admin.incremental_alter_configs([resource], request_timeout=WAIT_SECONDS))


def _settings(gateway: ClusterGateway, change: Change) -> tuple[Setting, ...]:
    if change.kind == "topic":
        return topic_settings(gateway.servers, change.name, None)
    return broker_settings(gateway.servers, int(change.name))


def _found(settings: Iterable[Setting], change: Change) -> Setting:
    for setting in settings:
        if setting.name == change.setting and editable(change.kind, setting):
            return setting
    raise NotAllowed(
        tr("{name} is not changed here.", "{name} não é alterada aqui.", name=change.setting)
    )


def _operation(change: Change) -> ConfigEntry:
    what = AlterConfigOpType.DELETE if change.value is None else AlterConfigOpType.SET
    return ConfigEntry(change.setting, change.value, incremental_operation=what)


def wait(futures: Mapping[Any, "Future[Any]"]) -> None:
    """Wait until each is done.

    Raises:
        Refused: one was refused, or not answered in time.
    """
    for future in futures.values():
        try:
            future.result(WAIT_SECONDS)
        except KafkaException as error:
            raise refusal(kafka_error(error)) from None
        except TimeoutError:
            raise refusal(ClientError(ClientError._TIMED_OUT)) from None
