"""Fixtures that every test may use."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def bootstrap_servers() -> Iterator[tuple[str, ...]]:
    """The brokers of the real cluster, started once for the whole run."""
    given = os.environ.get("WORKSHOP_TEST_BOOTSTRAP")
    if not given:
        pytest.skip("no cluster")
    yield tuple(given.split(","))
