"""Waiting longer each time, up to a cap, never in step with others."""

import random

from kafka_workshop.messaging.backoff import Backoff


def waits(backoff: Backoff, count: int) -> list[float]:
    return [backoff.next() for _ in range(count)]


def test_each_wait_lies_between_half_and_all_of_a_doubling_ceiling_up_to_the_cap() -> None:
    ceilings = [0.5, 1, 2, 4, 8, 8, 8, 8]
    for seed in range(50):
        for wait, ceiling in zip(
            waits(Backoff(0.5, 8.0, random.Random(seed)), 8), ceilings, strict=True
        ):
            assert ceiling / 2 <= wait <= ceiling


def test_the_same_seed_gives_the_same_waits_and_another_gives_others() -> None:
    one, same, other = (waits(Backoff(generator=random.Random(seed)), 5) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_after_a_reset_the_first_wait_is_short_again() -> None:
    backoff = Backoff(0.5, 8.0, random.Random(3))
    waits(backoff, 6)
    backoff.reset()
    assert backoff.next() <= 0.5
