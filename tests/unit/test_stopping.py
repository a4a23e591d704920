"""However many services will not end, everything ends within the 15 seconds that are promised."""

from itertools import groupby
from pathlib import Path

import pytest

from kafka_workshop.cli import plan
from kafka_workshop.cluster.stopping import STOP_S, StopTime
from kafka_workshop.settings import COORDINATION, KRAFT, ZOOKEEPER, cluster_settings

PROMISED_S = 15.0
LAST_WORD_S = 2.0


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def wanted(folder: Path, coordination: str) -> list[float]:
    """Return what each rank of the real system asks for, in the order of stopping."""
    variables = {"WORKSHOP_DATA": str(folder), COORDINATION.name: coordination}
    services = plan.system_plan(cluster_settings(variables)).services
    ranked = sorted(services, key=lambda each: each.stop_rank)
    groups = groupby(ranked, key=lambda each: each.stop_rank)
    return [max(each.stop_seconds for each in group) for _, group in groups]


@pytest.mark.parametrize("coordination", [ZOOKEEPER, KRAFT])
def test_a_system_of_which_nothing_ends_by_itself_is_ended_in_time(
    tmp_path: Path, coordination: str
) -> None:
    asked, clock = wanted(tmp_path, coordination), Clock()
    began, given = clock.now, list[float]()
    times = StopTime(asked, clock=clock)
    for _ in asked:
        given.append(times.next())
        clock.now += given[-1] + (LAST_WORD_S if len(given) == 2 else 0.0)
    assert sum(asked) > STOP_S, "otherwise nothing had to be shared out"
    assert clock.now - began < PROMISED_S
    assert all(seconds > 0.5 for seconds in given)


@pytest.mark.parametrize("coordination", [ZOOKEEPER, KRAFT])
def test_where_the_programs_end_at_once_the_servers_have_all_their_time(
    tmp_path: Path, coordination: str
) -> None:
    asked, clock = wanted(tmp_path, coordination), Clock()
    times = StopTime(asked, clock=clock)
    for seconds in asked:
        assert times.next() == seconds
        clock.now += 1.0
