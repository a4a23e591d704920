"""What a first start shows within two minutes, with every setting as it comes."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_workshop.domain.label import SCENARIOS, Scenario
from kafka_workshop.monitor.score.judge import judge
from kafka_workshop.monitor.score.result import ScenarioScore
from kafka_workshop.monitor.score.sources import Topics
from kafka_workshop.settings.variables import LOG_LINES
from tests.support.programs import Programs
from tests.support.topics import delete_topics
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]
WITHIN_S = 120.0
# Seen from a merchant only.
ACCOUNT_SCENARIOS = {*SCENARIOS} - {"compromise"}


@pytest.fixture
def names(bootstrap_servers: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """A topic and a group."""
    topic = f"first-{secrets.token_hex(4)}"
    yield topic, f"group-{topic}"
    delete_topics(bootstrap_servers, topic)


@pytest.fixture
def programs(
    tmp_path: Path, bootstrap_servers: tuple[str, ...], names: tuple[str, str]
) -> Iterator[Programs]:
    topic, group = names
    settings = {
        "BOOTSTRAP_SERVERS": ",".join(bootstrap_servers),
        "TOPIC": topic,
        "CONSUMER_GROUP": group,
        LOG_LINES.name: LOG_LINES.default,
    }
    started = Programs.beside(tmp_path / "project", settings)
    yield started
    started.kill()


def test_the_log_shows_alerts_of_every_account_scenario_and_the_score_says_so(
    programs: Programs, bootstrap_servers: tuple[str, ...], names: tuple[str, str]
) -> None:
    programs.start("producer")
    consumer = programs.start("consumer")
    topics = Topics(bootstrap_servers, *names)

    def shown() -> set[Scenario]:
        rules = {line["rule"] for line in consumer.named("alert raised")}
        caught = [each for each in judge(topics.read_on()).scenarios if each.caught]
        return {each.scenario for each in caught if is_in(each, rules)}

    wait_until(lambda: shown() >= ACCOUNT_SCENARIOS, WITHIN_S, "all scenarios")
    assert consumer.process.poll() is None


def is_in(score: ScenarioScore, rules: set[str]) -> bool:
    """Whether a rule that caught the scenario stands in the log."""
    return any(rule in rules for rule, count in score.by_rule.items() if count)
