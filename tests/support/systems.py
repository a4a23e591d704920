"""Which tests need a system for themselves, to start or break it, and which share one.

What stands in one unit shares what runs, or builds on what the one before has left: one worker of
xdist has all of it. Two units may run beside each other. The longest come first, so that no worker
is left with one at the end.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

_READMES = "tests/cluster/test_readme.py::test_every_command_works_as_it_stands"
# How the node ids of a unit begin, in the order of their turns.
UNITS: tuple[tuple[str, ...], ...] = (
    ("tests/faults/",),
    ("tests/cluster/test_life.py",),
    ("tests/console/test_journeys.py",),
    ("tests/cluster/test_killed_supervisor.py",),
    ("tests/cluster/test_break_it.py",),
    # The first wants to see the cluster of this run start.
    (
        "tests/cluster/test_brokers_come_and_go.py",
        "tests/console/test_broker_deaths.py",
        "tests/console/test_cluster_znodes.py",
        "tests/contract/test_outage.py",
    ),
    ("tests/cluster/test_kraft.py",),
    (f"{_READMES}[README.md-",),
    (f"{_READMES}[README.pt-BR.md-",),
    # These break nothing; they take longer than most.
    ("tests/cluster/test_image.py",),
    ("tests/cluster/test_programs.py",),
    ("tests/contract/test_stage.py",),
    ("tests/cluster/test_stage_kills.py",),
    ("tests/cluster/test_first_minutes.py",),
    ("tests/console/test_browser.py",),
    ("tests/console/test_accessibility.py",),
    ("tests/contract/test_risk.py",),
    ("tests/contract/test_consumer.py",),
    ("tests/cluster/test_ledger.py",),
    ("tests/contract/test_labels.py",),
    ("tests/console/test_process.py",),
    ("tests/process/test_doctor_command.py",),
    ("tests/process/test_ci_rules.py",),
    ("tests/monitor/test_fraud_realism.py",),
    ("tests/console/test_settings_pages.py",),
)


class BySystem(LoadScopeScheduling):  # type: ignore[misc]
    """Gives whole units to workers, and of what has none whole files."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


def is_shared(item: pytest.Item) -> bool:
    """Whether the test wants a cluster and leaves its servers alone."""
    wanted = set(getattr(item, "fixturenames", ()))
    return "bootstrap_servers" in wanted and not wanted & {"cluster", "cluster_to_start"}


def unit(nodeid: str) -> str:
    """Return the name of what has the test: its system, else its file."""
    number, _ = turn(nodeid)
    return UNITS[number][0] if number < len(UNITS) else nodeid.partition("::")[0]


def turn(nodeid: str) -> tuple[int, int]:
    """Return a sort key: whose turn it is."""
    for number, beginnings in enumerate(UNITS):
        for place, beginning in enumerate(beginnings):
            if nodeid.startswith(beginning):
                return number, place
    return len(UNITS), 0
