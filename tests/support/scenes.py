"""Fixtures of the tests of a stage: its topics, and the workshop's programs beside them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_workshop.settings import ACCOUNT
from tests.support.programs import Programs
from tests.support.stages import CONFLUENT, Scene


@pytest.fixture
def kafka_client() -> str:
    """The library of the stage's members, unless a test runs with another."""
    return CONFLUENT


@pytest.fixture
def scene(
    bootstrap_servers: tuple[str, ...], kafka_client: str, request: pytest.FixtureRequest
) -> Iterator[Scene]:
    """Topics of this test: of stage account, unless it is asked for another."""
    made = Scene(bootstrap_servers, getattr(request, "param", ACCOUNT), client=kafka_client)
    made.make()
    yield made
    made.delete()


@pytest.fixture
def programs(tmp_path: Path, scene: Scene) -> Iterator[Programs]:
    """Programs of one name in the scene's group, without lines for each message."""
    settings = {
        "BOOTSTRAP_SERVERS": ",".join(scene.servers),
        "TOPIC": scene.topic,
        "CONSUMER_GROUP": scene.group,
        "INSTANCE": f"one-of-{scene.topic}",
        "KAFKA_CLIENT": scene.client,
        "LOG_LINES": "0",
        "STAGE": scene.stage,
    }
    started = Programs.beside(tmp_path / "project", settings)
    yield started
    started.kill()
