"""Which tests need a system for themselves, to start or break it, and which share one.

What stands in one unit shares what runs, or builds on what the one before has left: one worker of
xdist has all of it. Two units may run beside each other. The longest come first, so that no worker
is left with one at the end.
"""

import pytest
from xdist.scheduler import LoadFileScheduling

_FAULTS = "tests/faults/"
_READMES = "tests/cluster/test_readme.py::test_every_command_works_as_it_stands"
# How the node ids of a unit begin, in the order of their turns.
UNITS: tuple[tuple[str, ...], ...] = (
    (_FAULTS,),
    ("tests/cluster/test_life.py",),
    ("tests/console/test_journeys.py",),
    ("tests/cluster/test_killed_supervisor.py",),
    ("tests/cluster/test_break_it.py",),
    # The first wants to see the cluster of this run start.
    ("tests/cluster/test_brokers_come_and_go.py", "tests/console/test_broker_deaths.py"),
    ("tests/cluster/test_kraft.py",),
    (f"{_READMES}[README.md-",),
    (f"{_READMES}[README.pt-BR.md-",),
)


class BySystem(LoadFileScheduling):  # type: ignore[misc]
    """Gives whole units to workers, and of what has none whole files."""

    def _split_scope(self, nodeid: str) -> str:
        number, _ = turn(nodeid)
        return UNITS[number][0] if number < len(UNITS) else str(super()._split_scope(nodeid))


def is_shared(item: pytest.Item) -> bool:
    """Whether the test wants a cluster and leaves its servers alone."""
    wanted = set(getattr(item, "fixturenames", ()))
    return "bootstrap_servers" in wanted and not wanted & {"cluster", "cluster_to_start"}


def turn(nodeid: str) -> tuple[int, int]:
    """Return a sort key: whose turn it is."""
    for number, beginnings in enumerate(UNITS):
        for place, beginning in enumerate(beginnings):
            if nodeid.startswith(beginning):
                return number, place
    return len(UNITS), 0
