"""Alerts and decisions about them, followed on the real cluster."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from kafka_workshop import logs
from kafka_workshop.clock import Deadline
from kafka_workshop.console.actions import Actions, Refused
from kafka_workshop.console.alerting.following import AlertFollower
from kafka_workshop.console.alerting.known import Alerts
from kafka_workshop.console.application import FOLLOWING_RHYTHM
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.keeper import Keeper, Kept, stop
from kafka_workshop.domain.alert import Alert
from kafka_workshop.messaging import confluent
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.alert_codec import encode_alert
from kafka_workshop.messaging.topics import MonitorTopics, bounded, triage_topic
from kafka_workshop.settings import LogSettings
from tests.support.alarms import alarm
from tests.support.waiting import wait_until

pytestmark = pytest.mark.cluster
LOGGER = logs.configure(LogSettings("ERROR", "json", 1), "test")
GROUP = "night"
MEGABYTES, DAY_MS = 20_000_000, 24 * 3600 * 1000


@pytest.fixture
def actions(bootstrap_servers: tuple[str, ...]) -> Actions:
    return Actions(ClusterGateway(bootstrap_servers), LOGGER)


@pytest.fixture
def names(actions: Actions) -> Iterator[MonitorTopics]:
    """The topics of a monitor of its own: none is there yet."""
    found = MonitorTopics(f"alerts-{uuid.uuid4().hex[:8]}", GROUP)
    yield found
    for name in (found.alerts, found.triage):
        with suppress(Refused):
            actions.delete_topic(name, name)


@contextmanager
def followed(servers: tuple[str, ...], names: MonitorTopics) -> Iterator[Kept[Alerts]]:
    """What a console knows that follows them; it ends with the block."""
    kept = Kept[Alerts]()
    follower = AlertFollower(servers, names.topic, names.group)
    keeper = Keeper("alerts", kept, follower.look, FOLLOWING_RHYTHM, LOGGER, close=follower.close)
    keeper.start()
    try:
        yield kept
    finally:
        stop(keeper)


def write(servers: tuple[str, ...], names: MonitorTopics, *alerts: Alert) -> None:
    create_topics(servers, [bounded(names.alerts, 1, MEGABYTES, DAY_MS)])
    producer = confluent.open_producer(servers, 5.0)
    for alert in alerts:
        producer.send(names.alerts, b"k", encode_alert(alert))
    assert producer.flush(Deadline(20.0)) == 0
    producer.close()


def test_an_alert_appears_and_a_decision_outlives_the_console_and_the_topic_of_alerts(
    bootstrap_servers: tuple[str, ...], names: MonitorTopics, actions: Actions
) -> None:
    first, second = alarm("A1"), alarm("A2")
    spec = triage_topic(names.topic, names.group)
    with followed(bootstrap_servers, names) as kept:
        wait_until(lambda: kept.seen.value, 20, "the console has looked")
        assert kept.seen.value is not None
        assert kept.seen.value.missing
        write(bootstrap_servers, names, first)
        wait_until(lambda: shown(kept) == {first.alert_id}, 20, "the alert appears")
        actions.triage(spec, first.alert_id, "confirmed", "seen")
        wait_until(lambda: state(kept, first) == "confirmed", 20, "the decision appears")
    with followed(bootstrap_servers, names) as kept:
        wait_until(lambda: state(kept, first) == "confirmed", 20, "another console has it too")
        actions.delete_topic(names.alerts, names.alerts)
        wait_until(lambda: shown(kept) == set(), 20, "the topic is gone, and with it the alert")
        write(bootstrap_servers, names, second)
        wait_until(lambda: shown(kept) == {second.alert_id}, 20, "the new topic is followed")
        assert state(kept, first) == "confirmed"


def shown(kept: Kept[Alerts]) -> set[str] | None:
    known = kept.seen.value
    return set(known.raised) if known else None


def state(kept: Kept[Alerts], alert: Alert) -> str | None:
    known = kept.seen.value
    return known.state_of(alert.alert_id) if known else None
