"""Opens a stage's clients by kafka-python."""

from kafka import KafkaConsumer, KafkaProducer
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import RetriableError

from kafka_workshop.messaging import config
from kafka_workshop.messaging.admin import PROBE_S, reach
from kafka_workshop.messaging.client import no_broker
from kafka_workshop.messaging.one_broker import silence_library
from kafka_workshop.messaging.stage_clients.contract import Reader, Writer
from kafka_workshop.messaging.stage_clients.kafka_python_reader import KafkaPythonReader
from kafka_workshop.messaging.stage_clients.kafka_python_writer import KafkaPythonWriter

_ASSIGNORS = (CooperativeStickyAssignor,)


def open_reader(servers: tuple[str, ...], group: str, instance: str) -> Reader:
    """Return a reader that has reached a broker and will join a group, as `instance` if any.

    Raises:
        BrokersUnavailable: none answered in time.
    """
    silence_library()
    reach(servers, PROBE_S)  # for what fails in its constructor is never closed again
    member = config.kafka_python_stage_member(servers, group, instance, PROBE_S, _ASSIGNORS)
    settings = config.kafka_python_stage_reader(servers, PROBE_S, _ASSIGNORS)
    try:
        reader = KafkaConsumer(**settings)
        return KafkaPythonReader(KafkaConsumer(**member), reader)
    except RetriableError:
        raise no_broker(servers) from None


def open_writer(servers: tuple[str, ...], transactional_id: str) -> Writer:
    """Return a writer that has reached a broker, of transactions if it has an id.

    Raises:
        BrokersUnavailable: none answered in time.
    """
    silence_library()
    reach(servers, PROBE_S)
    settings = config.kafka_python_stage_writer(servers, transactional_id, PROBE_S)
    try:
        return KafkaPythonWriter(KafkaProducer(**settings))
    except RetriableError:
        raise no_broker(servers) from None
