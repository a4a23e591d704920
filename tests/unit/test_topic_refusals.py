"""Which refusals of a topic pass by themselves, and which end the program."""

import pytest
from confluent_kafka import KafkaError, KafkaException

from kafka_workshop.errors import ServiceFailed, Unavailable
from kafka_workshop.messaging import admin


@pytest.mark.parametrize(
    "code",
    [
        KafkaError.INVALID_REPLICATION_FACTOR,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError._TIMED_OUT,
        KafkaError.NOT_CONTROLLER,
    ],
)
def test_what_passes_is_something_to_wait_for(code: int) -> None:
    with pytest.raises(Unavailable, match="topic orders can't be created"):
        _refused(code)


@pytest.mark.parametrize("code", [KafkaError.INVALID_CONFIG, KafkaError.TOPIC_AUTHORIZATION_FAILED])
def test_what_does_not_pass_is_said_and_ends_it(code: int) -> None:
    with pytest.raises(ServiceFailed, match="topic orders can't be created"):
        _refused(code)


def test_that_somebody_else_was_quicker_is_no_refusal() -> None:
    _refused(KafkaError.TOPIC_ALREADY_EXISTS)


def _refused(code: int) -> None:
    admin._check_refusal("orders", KafkaException(KafkaError(code)))
