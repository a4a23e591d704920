"""Where a partition begins and ends, asked while its leadership moves."""

from typing import cast

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException

from kafka_workshop.clock import Deadline
from kafka_workshop.console.records import bounds_of

PASSING = (
    KafkaError._UNKNOWN_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.OFFSET_NOT_AVAILABLE,
    KafkaError.FENCED_LEADER_EPOCH,
)


class Moving:
    """Refuses so many questions before it answers."""

    def __init__(self, code: int, refusals: int) -> None:
        self._code, self.left = code, refusals

    def get_watermark_offsets(self, _partition: object, timeout: float) -> tuple[int, int]:
        assert timeout > 0
        if self.left:
            self.left -= 1
            raise KafkaException(KafkaError(self._code))
        return 3, 33


@pytest.mark.parametrize("code", PASSING)
def test_what_passes_while_leadership_moves_is_asked_again(code: int) -> None:
    moving = Moving(code, 1)
    assert bounds_of(cast(Consumer, moving), "orders", 0, Deadline(10)) == (3, 33)
    assert moving.left == 0


def test_a_refusal_that_stays_is_told_at_once() -> None:
    moving = Moving(KafkaError.TOPIC_AUTHORIZATION_FAILED, 9)
    with pytest.raises(KafkaException):
        bounds_of(cast(Consumer, moving), "orders", 0, Deadline(10))
    assert moving.left == 8


def test_no_leader_all_the_time_is_said_when_the_time_is_up() -> None:
    moving = Moving(KafkaError.OFFSET_NOT_AVAILABLE, 99)
    with pytest.raises(KafkaException, match="LEADER_NOT_AVAILABLE"):
        bounds_of(cast(Consumer, moving), "orders", 0, Deadline(0.3))
