"""The requests behind `console.actions` that change topics and brokers: blocking, bounded in time.

Each asks once more what its refusals depend on, right before it writes: a page may be old.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaError as ClientError
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewPartitions

from kafka_workshop.console.diagnosis import Refused, kafka_error, refusal
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.managing.bounds import partitions_of, topic_names
from kafka_workshop.console.managing.monitors import why_not_set, why_partitions_stay
from kafka_workshop.console.managing.purging import Purge
from kafka_workshop.console.managing.rules import Change, check, editable
from kafka_workshop.console.managing.settings import Setting, broker_settings, topic_settings
from kafka_workshop.console.outgoing import NotAllowed
from kafka_workshop.console.wishes import MAX_PARTITIONS, within
from kafka_workshop.language import tr

WAIT_SECONDS = 8.0
_RESOURCES = {"topic": ResourceType.TOPIC, "broker": ResourceType.BROKER}


def alter_setting(gateway: ClusterGateway, change: Change) -> None:
    """Set what `change` asks for.

    Raises:
        NotAllowed: the setting can't be changed here, or can't have this value.
        Refused: Kafka refused, or did not answer in time.
    """
    if change.kind == "topic":
        refuse_internal(change.name)
        reason = why_not_set(change.name, change.setting, change.value)
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


def add_partitions(gateway: ClusterGateway, topic: str, total: int) -> None:
    """Give `topic` more partitions, `total` in all.

    Raises:
        NotAllowed: a stage of the monitor relies on their number, or it is out of range.
        Refused: Kafka refused, or did not answer in time.
    """
    refuse_internal(topic)
    reason = why_partitions_stay(topic, topic_names(gateway))
    if reason:
        raise NotAllowed(reason)
    now = len(partitions_of(gateway, topic))
    within(tr("Partitions", "Partições"), total, now + 1, MAX_PARTITIONS)
    wanted = [NewPartitions(topic, total)]
    wait(gateway.admin.create_partitions(wanted, request_timeout=WAIT_SECONDS))


def purge(gateway: ClusterGateway, planned: Purge) -> None:
    """Delete what is planned.

    Raises:
        NotAllowed: nothing is planned, or the topic is only compacted.
        Refused: Kafka refused, or did not answer in time; the text says of how much.
    """
    refuse_internal(planned.topic)
    if not planned.cuts:
        raise NotAllowed(tr("There is nothing to delete.", "Não há nada a excluir."))
    for setting in topic_settings(gateway.servers, planned.topic, None):
        if setting.name == "cleanup.policy" and "delete" not in (setting.value or ""):
            raise NotAllowed(only_compacted())
    wanted = [TopicPartition(planned.topic, cut.partition, cut.to) for cut in planned.cuts]
    _tell_failures(gateway.admin.delete_records(wanted, request_timeout=WAIT_SECONDS))


def only_compacted() -> str:
    """Return why a topic that is only compacted can't be purged."""
    return tr(
        "Kafka deletes no records of a topic that is only compacted (cleanup.policy=compact).",
        "O Kafka não exclui registros de um tópico que só é compactado (cleanup.policy=compact).",
    )


def _tell_failures(futures: "Mapping[TopicPartition, Future[Any]]") -> None:
    failed: dict[int, str] = {}
    for tp, future in futures.items():
        try:
            wait({tp: future})
        except Refused as reason:
            failed[tp.partition] = str(reason)
    if failed:
        partition, reason_told = next(iter(sorted(failed.items())))
        raise Refused(
            tr(
                "Done for {n} of {all} partitions. Partition {partition}: {reason}",
                "Feito para {n} de {all} partições. Partição {partition}: {reason}",
                n=len(futures) - len(failed),
                all=len(futures),
                partition=partition,
                reason=reason_told,
            )
        )


def refuse_internal(topic: str) -> None:
    """Refuse to change a topic that Kafka keeps for itself.

    Raises:
        NotAllowed: it is one.
    """
    if topic.startswith("__"):
        raise NotAllowed(
            tr(
                "{name} is internal to Kafka and is not changed here.",
                "{name} é interno do Kafka e não é alterado aqui.",
                name=topic,
            )
        )
