"""Alerts and decisions about them, as records of their topics."""

from kafka_workshop.domain.alert import Alert, Evidence, Severity, Source, alert_id
from kafka_workshop.domain.triage import TRIAGE_VERSION, State, Triage
from kafka_workshop.messaging.alert_codec import encode_alert
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.triage_codec import encode_triage
from tests.support.judged import MINUTE, NOON


def alarm(
    account: str = "A0000001",
    rule: str = "velocity",
    severity: Severity = "high",
    place: str | None = None,
    offset: int = 7,
) -> Alert:
    return Alert(
        alert_id=alert_id(rule, place or account, NOON),
        rule=rule,
        account_id=account,
        severity=severity,
        score=0.875,
        evidence=Evidence(
            "14 payments within 13 min", "14 pagamentos em 13 min", {"count": 1_400, "ratio": 2.5}
        ),
        window_start=NOON,
        window_end=NOON + 13 * MINUTE,
        transaction_id="T1",
        rules_version="1-0000",
        place=place,
        source=Source("transactions", 2, offset),
    )


def raised(alert: Alert, number: int = 0, partition: int = 0) -> Message:
    key, value = alert.subject.encode(), encode_alert(alert)
    return Message("alerts", partition, number, NOON + number * MINUTE, key, value)


def decided(alert: Alert, state: State, note: str = "", number: int = 0) -> Message:
    decision = Triage(TRIAGE_VERSION, state, note, NOON + number)
    return Message("monitor.triage", 0, number, NOON, *encode_triage(alert.alert_id, decision))
