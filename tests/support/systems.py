"""Which tests start or break systems of their own, and so take turns with each other.

Two groups run side by side; within one, a test may build on what the one before has left: a
checkout that is installed, a cluster that nobody has started yet.
"""

import pytest

# The longest first, so that none is left alone at the end.
GROUPS: tuple[tuple[str, ...], ...] = (
    ("cluster/test_life.py", "cluster/test_break_it.py"),
    ("cluster/test_kraft.py", "cluster/test_readme.py"),
    (
        "faults/test_brokers.py",
        "faults/test_consumer.py",
        "faults/test_disk.py",
        "faults/test_zookeeper.py",
    ),
    (
        "cluster/test_brokers_come_and_go.py",
        "console/test_broker_deaths.py",
        "contract/test_admin.py",
        "contract/test_outage.py",
        "contract/test_producer.py",
    ),
)
_PLACES = {
    name: (group, place) for group, names in enumerate(GROUPS) for place, name in enumerate(names)
}
_LAST = (len(GROUPS), 0)


def is_shared(item: pytest.Item) -> bool:
    """Whether the test wants a cluster and leaves its servers alone."""
    wanted = set(getattr(item, "fixturenames", ()))
    return "bootstrap_servers" in wanted and not wanted & {"cluster", "cluster_to_start"}


def turn(item: pytest.Item) -> tuple[int, int]:
    """Return a sort key: whose turn it is."""
    file = f"{item.path.parent.name}/{item.path.name}"
    return _LAST if is_shared(item) else _PLACES.get(file, _LAST)


def group(item: pytest.Item) -> str:
    """Return what the tests that take turns with this one have in common."""
    number, _ = turn(item)
    return GROUPS[number][0] if number < len(GROUPS) else item.path.name
