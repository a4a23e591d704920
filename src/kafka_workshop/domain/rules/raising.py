"""How a finding becomes an alert: the same for rules of accounts and of merchants."""

from typing import NamedTuple

from kafka_workshop.domain.alert import Alert, Evidence, alert_id, score_of
from kafka_workshop.domain.rules.contract import AnyRule, Finding
from kafka_workshop.domain.words import said


class Trip(NamedTuple):
    """What tripped a rule: whose transaction, as of when (milliseconds UTC), about which place."""

    account_id: str
    transaction_id: str
    instant: int
    place: str | None = None


def alert_of(rule: AnyRule, finding: Finding, since: int, trip: Trip, version: str) -> Alert:
    """Return the alert; its window begins at `since`, seconds UTC, and ends with the trip."""
    start, words = since * 1000, rule.evidence[finding.sentence]
    return Alert(
        alert_id=alert_id(rule.name, trip.place or trip.account_id, start),
        rule=rule.name,
        policy=rule.policy,
        account_id=trip.account_id,
        place=trip.place,
        severity=rule.severity,
        score=score_of(rule.severity, finding.strength),
        evidence=Evidence(
            en=said(words, finding.numbers, "en"),
            pt=said(words, finding.numbers, "pt-BR"),
            numbers=dict(finding.numbers),
        ),
        window_start=start,
        window_end=trip.instant,
        transaction_id=trip.transaction_id,
        rules_version=version,
    )
