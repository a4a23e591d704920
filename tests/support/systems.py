"""The order of the tests that start or break systems, where it matters."""

import pytest

# Each may build on what the one before has left: a checkout that is installed, a cluster that
# nobody has started yet. The shared cluster comes last, so that it does not run beside the others.
ORDER: tuple[str, ...] = (
    "cluster/test_life.py",
    "cluster/test_break_it.py",
    "cluster/test_kraft.py",
    "cluster/test_readme.py",
    "faults/test_brokers.py",
    "faults/test_consumer.py",
    "faults/test_disk.py",
    "faults/test_zookeeper.py",
    "cluster/test_brokers_come_and_go.py",
)


def is_shared(item: pytest.Item) -> bool:
    """Whether the test wants a cluster and leaves its servers alone."""
    wanted = set(getattr(item, "fixturenames", ()))
    return "bootstrap_servers" in wanted and not wanted & {"cluster", "cluster_to_start"}


def turn(item: pytest.Item) -> int:
    """Return a sort key: whose turn it is."""
    return (*ORDER, file := f"{item.path.parent.name}/{item.path.name}").index(file)
