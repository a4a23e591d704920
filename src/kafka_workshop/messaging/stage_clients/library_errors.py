"""kafka-python's errors in librdkafka's words, which say what to do about them."""

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from kafka.errors import (
    FencedInstanceIdError,
    InvalidProducerEpochError,
    KafkaTimeoutError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    ProducerFencedError,
)

_FENCED = (InvalidProducerEpochError, ProducerFencedError)
_NO_SUCH_OFFSET = (NoOffsetForPartitionError, OffsetOutOfRangeError)


def retriable(error: BaseException) -> KafkaError:
    """Return the error of a call that is to be made again."""
    return KafkaError(_code(error), str(error), retriable=True)


def abortable(error: BaseException) -> KafkaError:
    """Return the error after which a transaction can only be aborted."""
    return KafkaError(_code(error), str(error), txn_requires_abort=True)


def fatal(error: BaseException) -> KafkaError:
    """Return the error of a client that can do nothing any more."""
    code = KafkaError._FENCED if isinstance(error, _FENCED) else KafkaError._FATAL
    return KafkaError(code, str(error), fatal=True)


def of_reading(error: BaseException) -> KafkaError:
    """Return the error of a reader that can't go on."""
    if isinstance(error, _NO_SUCH_OFFSET):
        return KafkaError(KafkaError._AUTO_OFFSET_RESET, str(error))
    if isinstance(error, FencedInstanceIdError):
        return place_taken()
    return fatal(error)


def place_taken() -> KafkaError:
    """Return the error of a static member whose name another one has joined with."""
    return KafkaError(KafkaError.FENCED_INSTANCE_ID, "group.instance.id: fenced", fatal=True)


def timed_out(what: str) -> KafkaException:
    """Return the error of a call that has not ended in time."""
    return KafkaException(retriable(KafkaTimeoutError(what)))


def not_assigned(place: TopicPartition) -> KafkaException:
    """Return the error of a partition that is none of ours."""
    text = f"{place.topic}-{place.partition} is not assigned"
    return KafkaException(KafkaError(KafkaError._STATE, text))


def _code(error: BaseException) -> int:
    """Return the protocol's number, which both libraries share, or one that says of whom it is."""
    if isinstance(error, KafkaTimeoutError):
        return KafkaError._TIMED_OUT
    number = getattr(error, "errno", None)
    return KafkaError._FAIL if number is None else int(number)
