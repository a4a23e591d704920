"""What is kept warm: the last good value stays, a failure says since when, stopping is quick."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import structlog
from structlog.testing import LogCapture

from kafka_workshop.console.keeper import Keeper, Kept, Rhythm, Seen, Stopped, Stopping, stop
from kafka_workshop.errors import Unavailable
from kafka_workshop.logs import Logger
from tests.support.waiting import wait_until

SELDOM = Rhythm(seconds=60.0)
Heard = list[tuple[str, str]]


class Answers:
    """Looks that end as they are told, in turn."""

    def __init__(self, *answers: int | Exception) -> None:
        self._answers: Iterator[int | Exception] = iter(answers)

    def __call__(self, _stopping: Stopping) -> int:
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


def heard(capture: LogCapture) -> Heard:
    return [(entry["log_level"], entry["event"]) for entry in capture.entries]


def logger(capture: LogCapture) -> Logger:
    bound: Logger = structlog.wrap_logger(
        None, processors=[capture], wrapper_class=structlog.make_filtering_bound_logger(0)
    )
    return bound


def keeper(
    kept: Kept[int], look: Callable[[Stopping], int], capture: LogCapture | None = None
) -> Keeper[int]:
    return Keeper("thing", kept, look, SELDOM, logger(capture or LogCapture()))


def test_what_fails_keeps_the_last_value_and_says_since_when() -> None:
    kept, capture = Kept[int](), LogCapture()
    looking = keeper(kept, Answers(7, Unavailable("gone"), Unavailable("still gone"), 8), capture)
    looking.look()
    good = kept.seen
    assert (good.value, good.taken, good.stale, good.reason) == (7, 1, False, "")
    looking.look()
    since = kept.seen.failing_since_ms
    assert (kept.seen.value, kept.seen.at_ms, kept.seen.stale) == (7, good.at_ms, True)
    looking.look()
    assert (kept.seen.failing_since_ms, kept.seen.reason) == (since, "still gone")
    looking.look()
    assert (kept.seen.value, kept.seen.taken, kept.seen.failing_since_ms) == (8, 2, None)
    assert heard(capture) == []  # that brokers are away is said by others, and once


def test_what_nobody_foresaw_is_logged_and_outlived() -> None:
    kept, capture = Kept[int](), LogCapture()
    looking = keeper(kept, Answers(ZeroDivisionError("why"), 8), capture)
    looking.look()
    assert heard(capture) == [("error", "thing_failed")]
    assert "ZeroDivisionError" in kept.seen.reason
    looking.look()
    assert (kept.seen.value, kept.seen.stale) == (8, False)


def test_a_value_that_grows_old_is_not_called_the_present() -> None:
    kept = Kept[int](stale_seconds=0.0)
    assert (kept.seen.at_ms, kept.seen.age_ms) == (None, None)
    kept.succeeded(7)
    assert kept.seen.stale
    assert kept.seen.age_ms is not None


def test_whoever_cannot_wait_has_it_look_at_once() -> None:
    kept = Kept[int]()
    looking = keeper(kept, Answers(1, 2, Unavailable("gone")))
    looking.start()
    wait_until(lambda: kept.seen.taken == 1, 5, "the first look")
    assert looking.refresh(5.0)
    assert kept.seen.value == 2
    assert not looking.refresh(5.0)
    assert kept.seen.reason == "gone"
    stop(looking)


def test_each_look_is_handed_on_the_failed_ones_too_until_it_stops() -> None:
    given: list[Seen[int]] = []
    looking = Keeper(
        "thing", Kept[int](), Answers(1, Unavailable("gone"), 3), SELDOM, logger(LogCapture()),
        then=given.append,
    )  # fmt: skip
    looking.look()
    looking.look()
    assert [(seen.value, seen.reason) for seen in given] == [(1, ""), (1, "gone")]
    looking.halt()
    looking.look()
    assert len(given) == 2


def test_a_look_that_hears_of_the_end_stops_and_changes_nothing() -> None:
    kept, looking_now, closed = Kept[int](), threading.Event(), threading.Event()
    kept.succeeded(7)

    def look(stopping: Stopping) -> int:
        looking_now.set()
        wait_until(stopping, 5, "it is to stop")
        raise Stopped

    looking = Keeper("thing", kept, look, SELDOM, logger(LogCapture()), close=closed.set)
    looking.start()
    assert looking_now.wait(5)
    stop(looking)
    assert looking.ended(5)
    assert closed.is_set()
    assert (kept.seen.value, kept.seen.taken, kept.seen.reason) == (7, 1, "")


def test_looks_that_hang_delay_the_end_by_a_second_all_together() -> None:
    released, hanging = threading.Event(), threading.Semaphore(0)

    def look(_stopping: Stopping) -> int:
        hanging.release()
        released.wait(20)
        return 1

    keepers = [keeper(Kept[int](), look) for _ in range(3)]
    for each in keepers:
        each.start()
    for _ in keepers:
        assert hanging.acquire(timeout=5)
    begun = time.monotonic()
    stop(*keepers)
    assert 0.9 < time.monotonic() - begun < 2.5
    released.set()
    assert all(each.ended(5) for each in keepers)


@pytest.mark.parametrize(("took", "paused"), [(0.1, 4.9), (0.5, 4.5), (2.0, 18.0)])
def test_what_takes_longer_rests_longer(took: float, paused: float) -> None:
    assert Rhythm(5.0, rest=9.0).pause(took) == pytest.approx(paused)
