"""What a stage's clients raise, and what a stage makes of it."""

from collections.abc import Callable

import pytest
from confluent_kafka import KafkaError, KafkaException

from kafka_workshop.errors import WorkshopError
from kafka_workshop.monitor.stage.sending import translated


def error_of(call: Callable[[], object]) -> KafkaError:
    """Return the error that a call must raise."""
    with pytest.raises(KafkaException) as raised:
        call()
    error: KafkaError = raised.value.args[0]
    return error


def meaning(error: KafkaError) -> type[WorkshopError]:
    """Return what a stage does about an error."""
    return type(translated(error))
