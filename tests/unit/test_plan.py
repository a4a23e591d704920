"""The plan's own step: topics are made once the controller knows of every broker."""

import asyncio
import threading
from pathlib import Path

import pytest

from kafka_workshop.cli import plan
from kafka_workshop.clock import Deadline
from kafka_workshop.cluster.service import Stage
from kafka_workshop.errors import InvalidSetting, Unavailable
from kafka_workshop.settings import COORDINATION, INSTANCE, KRAFT, ZOOKEEPER, cluster_settings


def last_stage(folder: Path) -> Stage:
    return plan.cluster_stages(cluster_settings({"WORKSHOP_DATA": str(folder)}))[-1]


def test_a_controller_that_misses_a_broker_yet_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No real controller can be made to hear late of a broker at will.
    answers = [Unavailable("larger than available brokers: 1"), None]

    def create(*_: object) -> None:
        answer = answers.pop(0)
        if answer:
            raise answer

    monkeypatch.setattr(plan, "create_topics", create)
    asyncio.run(_after(last_stage(tmp_path)))
    assert answers == []


def test_it_is_not_asked_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def create(*_: object) -> None:
        raise Unavailable("nobody there")

    monkeypatch.setattr(plan, "create_topics", create)
    monkeypatch.setattr(plan, "TOPICS_TIMEOUT_S", 0.5)
    with pytest.raises(Unavailable, match="nobody there"):
        asyncio.run(_after(last_stage(tmp_path)))


def test_a_ctrl_c_does_not_wait_for_brokers_that_do_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, released = threading.Event(), threading.Event()

    def create(*_: object) -> None:
        asked.set()
        released.wait(60)

    async def scenario() -> None:
        making = asyncio.create_task(_after(last_stage(tmp_path)))
        assert await asyncio.to_thread(asked.wait, 10)
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making

    monkeypatch.setattr(plan, "create_topics", create)
    began = Deadline(30)
    asyncio.run(scenario())
    assert not began.expired
    released.set()


@pytest.mark.parametrize("coordination", [ZOOKEEPER, KRAFT])
def test_every_java_understands_names_of_folders_whatever_the_locale(
    tmp_path: Path, coordination: str
) -> None:
    variables = {"WORKSHOP_DATA": str(tmp_path), COORDINATION.name: coordination}
    stages = plan.cluster_stages(cluster_settings(variables))
    commands = [service.command for stage in stages for service in stage.services]
    assert len(commands) >= 3
    assert {command.environment["LC_ALL"] for command in commands} == {"C.UTF-8"}


def test_each_consumer_is_an_instance_of_its_own(tmp_path: Path) -> None:
    made = plan.system_plan(cluster_settings({"WORKSHOP_DATA": str(tmp_path)}))
    first = next(service for service in made.services if service.name == plan.CONSUMER)
    names = {
        consumer.command.environment[INSTANCE.name]
        for consumer in (first, *(made.scalable[plan.CONSUMER](n) for n in (2, 3)))
    }
    assert len(names) == 3
    assert {INSTANCE.read({INSTANCE.name: name}) for name in names} == names


async def _after(stage: Stage) -> None:
    await stage.after()


def test_the_producer_is_made_with_the_rate_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATE", "70")
    settings = cluster_settings({"WORKSHOP_DATA": str(tmp_path)})
    made = plan.system_plan(settings)
    (producer,) = (each for each in made.services if each.name == plan.PRODUCER)
    assert (producer.rate, producer.command.environment["RATE"]) == (70.0, "70.0")
    faster = made.paced[plan.PRODUCER](250.5)
    assert (faster.rate, faster.command.environment["RATE"]) == (250.5, "250.5")
    assert faster.command.environment["INSTANCE"] == producer.command.environment["INSTANCE"]
    for wrong in (0.01, 2e6, float("nan")):
        with pytest.raises(InvalidSetting, match="RATE"):
            made.paced[plan.PRODUCER](wrong)
