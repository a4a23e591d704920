"""Alerts, decisions about them and KPIs, followed on the real cluster."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from kafka_workshop import logs
from kafka_workshop.clock import Deadline, now_ms
from kafka_workshop.console.actions import Actions, Refused
from kafka_workshop.console.alerting.following import AlertFollower
from kafka_workshop.console.alerting.known import Alerts
from kafka_workshop.console.application import FOLLOWING_RHYTHM
from kafka_workshop.console.figures.following import FigureFollower
from kafka_workshop.console.figures.known import Figures
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.keeper import Keeper, Kept, stop
from kafka_workshop.domain.alert import Alert
from kafka_workshop.messaging import confluent
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.alert_codec import encode_alert
from kafka_workshop.messaging.kpi_codec import Kpi, encode_kpi
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
    for name in (found.alerts, found.triage, found.kpis):
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


def write(servers: tuple[str, ...], topic: str, *values: bytes) -> None:
    create_topics(servers, [bounded(topic, 1, MEGABYTES, DAY_MS)])
    producer = confluent.open_producer(servers, 5.0)
    for value in values:
        producer.send(topic, b"k", value)
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
        write(bootstrap_servers, names.alerts, encode_alert(first))
        wait_until(lambda: shown(kept) == {first.alert_id}, 20, "the alert appears")
        actions.triage(spec, first.alert_id, "confirmed", "seen")
        wait_until(lambda: state(kept, first) == "confirmed", 20, "the decision appears")
    with followed(bootstrap_servers, names) as kept:
        wait_until(lambda: state(kept, first) == "confirmed", 20, "another console has it too")
        actions.delete_topic(names.alerts, names.alerts)
        wait_until(lambda: shown(kept) == set(), 20, "the topic is gone, and with it the alert")
        write(bootstrap_servers, names.alerts, encode_alert(second))
        wait_until(lambda: shown(kept) == {second.alert_id}, 20, "the new topic is followed")
        assert state(kept, first) == "confirmed"


def shown(kept: Kept[Alerts]) -> set[str] | None:
    known = kept.seen.value
    return set(known.raised) if known else None


def state(kept: Kept[Alerts], alert: Alert) -> str | None:
    known = kept.seen.value
    return known.state_of(alert.alert_id) if known else None


def test_kpis_become_figures_of_the_last_minute_whatever_else_stands_there(
    bootstrap_servers: tuple[str, ...], names: MonitorTopics
) -> None:
    kept = Kept[Figures]()
    follower = FigureFollower(bootstrap_servers, names.topic, names.group)
    keeper = Keeper("figures", kept, follower.look, FOLLOWING_RHYTHM, LOGGER, close=follower.close)
    keeper.start()
    try:
        wait_until(lambda: kept.seen.value, 20, "the console has looked")
        assert kept.seen.value is not None
        assert kept.seen.value.missing
        at = now_ms() // 1000
        kpi = Kpi(0, 10, at, 10, 1_000, 2, 0, {"pix": [10, 1_000, 2]}, {}, {"velocity": 3})
        write(bootstrap_servers, names.kpis, b"<script>", encode_kpi(kpi), encode_kpi(kpi))
        wait_until(lambda: told(kept) == (20, 4, 6, 1), 20, "both are counted, the other is not")
    finally:
        stop(keeper)


def told(kept: Kept[Figures]) -> tuple[int | None, int | None, int | None, int] | None:
    found = kept.seen.value
    return (found.count, found.declined, found.alerts, found.misread) if found else None
