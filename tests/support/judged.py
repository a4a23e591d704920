"""Alerts and labels for the score's tests: planted by hand, or made of labelled transactions."""

from collections.abc import Iterable

from kafka_workshop.domain.alert import Alert, Evidence, alert_id
from kafka_workshop.domain.label import Label, Scenario
from kafka_workshop.monitor.score.known import Known

# Noon in Brasília on 3 March 2025, a Monday; milliseconds UTC.
NOON = 1_741_014_000_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
EVER = NOON + 1_000 * DAY


def alert(
    account: str,
    start: int,
    end: int | None = None,
    rule: str = "velocity",
    score: float = 0.6,
    policy: bool = False,
) -> Alert:
    return Alert(
        alert_id=alert_id(rule, account, start),
        rule=rule,
        account_id=account,
        severity="medium",
        score=score,
        evidence=Evidence("", "", {}),
        window_start=start,
        window_end=start if end is None else end,
        transaction_id="t",
        rules_version="1",
        policy=policy,
    )


def label(
    account: str,
    at: int,
    episode: str = "e1",
    scenario: Scenario = "mule",
    after: int = 2 * DAY,
) -> Label:
    identifier = f"{account}{at - NOON}"[:16]
    return Label(1, episode, scenario, identifier, account, at, at + after)


def known(
    alerts: Iterable[Alert], labels: Iterable[Label], until: int = EVER, since: int | None = NOON
) -> Known:
    taken = Known()
    for raised in alerts:
        taken.add_alert(raised)
    for told in labels:
        taken.add_label(told)
    taken.complete_until, taken.since = until, since
    return taken
