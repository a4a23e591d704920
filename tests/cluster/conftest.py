"""A copy of the project, shared by the tests of a file, which live in it one after the other."""

from collections.abc import Iterator

import pytest

from tests.support.checkout import Checkout, equipped_copy, left_processes
from tests.support.scenes import kafka_client, programs, scene

# Fixtures too. `programs` are those of a stage, unless a module has its own.
__all__ = ["kafka_client", "programs", "scene"]

SMALL = {"HISTORY_TRANSACTIONS": "2000", "ACCOUNTS": "200"}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The copy; at the end nothing of it may run."""
    made = equipped_copy(tmp_path_factory.mktemp("copy"), **SMALL)
    yield made
    made.run("down")
    assert left_processes(made) == []
