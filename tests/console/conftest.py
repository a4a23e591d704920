"""Who asks in the tests of the console, unless a test says otherwise."""

import pytest

from kafka_workshop.console.access import roles
from kafka_workshop.console.access.roles import LOCAL, Session


@pytest.fixture(autouse=True, scope="session")
def somebody() -> None:
    """As on a loopback address without a login: everybody is an operator."""
    roles.use(Session(lambda: LOCAL))
