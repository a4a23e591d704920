"""An alert in words: its rule, severity, evidence and state, as a person may safely read them.

Whoever writes to the topic of alerts chooses every text in them: each is shown on one line, cut,
and with its control characters as escapes.
"""

import re
from urllib.parse import quote, urlencode

from kafka_workshop.console import formats
from kafka_workshop.console.alerting.known import Alerts, Raised
from kafka_workshop.console.keeper import Seen
from kafka_workshop.console.payload import preview
from kafka_workshop.console.widgets import Column, Row, Tone
from kafka_workshop.domain.alert import Alert, Severity, Source
from kafka_workshop.domain.rulebook import RULES
from kafka_workshop.domain.triage import State
from kafka_workshop.language import current, tr

_NAME, _SENTENCE, _FIGURE = 40, 400, 12
_TOPIC, _PARTITIONS = re.compile(r"[A-Za-z0-9._-]{1,249}"), 1_000_000
SEVERITY_TONES: dict[Severity, Tone] = {"low": "", "medium": "warn", "high": "bad"}
STATE_TONES: dict[State, Tone] = {"open": "accent", "confirmed": "bad", "dismissed": "good"}


def one_line(text: str, characters: int = _NAME) -> str:
    """Return a text that anybody may have written, harmless and not too long."""
    return preview(text.encode("utf-8", "replace"), characters)


def severity_text(severity: str) -> str:
    """Return a severity in words."""
    return {
        "low": tr("low", "baixa"),
        "medium": tr("medium", "média"),
        "high": tr("high", "alta"),
    }.get(severity, severity)


def state_text(state: str) -> str:
    """Return what was decided, in words."""
    return {
        "open": tr("open", "aberto"),
        "confirmed": tr("confirmed", "confirmado"),
        "dismissed": tr("dismissed", "descartado"),
    }.get(state, state)


def rule_title(name: str) -> str:
    """Return a rule's title; its name where no rule of ours has it."""
    rule = RULES.get(name)
    return rule.title.spoken(current()) if rule else one_line(name)


def evidence_text(alert: Alert) -> str:
    """Return what tripped the rule, in words."""
    said = alert.evidence.pt if current() == "pt-BR" else alert.evidence.en
    return one_line(said, _SENTENCE)


def source_of(alert: Alert) -> Source | None:
    """Return which message raised an alert; `None` if it says none that there can be."""
    source = alert.source
    if source is None or source.offset < 0 or not 0 <= source.partition <= _PARTITIONS:
        return None
    return source if _TOPIC.fullmatch(source.topic) else None


def score_text(alert: Alert) -> str:
    """Return the score, which may be any number."""
    return one_line(formats.number(alert.score, 2), _FIGURE)


def alert_path(alert_id: str) -> str:
    """Return the address of an alert's page."""
    return "/alerts/" + quote(alert_id, safe="")


def message_path(source: Source) -> str:
    """Return the address of a message on its topic's page."""
    where = {"show": "offset", "partition": source.partition, "offset": source.offset}
    return f"/topics/{quote(source.topic, safe='')}?{urlencode(where)}"


def alert_columns() -> list[Column]:
    """Return the columns of a table of alerts."""
    return [
        Column("time", tr("Time", "Horário"), "time"),
        Column("severity", tr("Severity", "Gravidade"), "badge"),
        Column("rule", tr("Rule", "Regra"), "link"),
        Column("score", tr("Score", "Pontuação"), "shown", right=True, wide=True),
        Column("account", tr("Account", "Conta"), "code", wide=True),
        Column("evidence", tr("Evidence", "Evidência"), "fill", wide=True),
        Column("state", tr("Triage", "Triagem"), "badge"),
    ]


def alert_row(raised: Raised, alerts: Alerts) -> Row:
    """Return an alert as a row of that table."""
    alert, state = raised.alert, alerts.state_of(raised.alert.alert_id)
    day, clock = formats.instant(raised.at_ms).partition(" ")[::2]
    time, _, ms = clock.partition(".")
    return {
        "id": alert.alert_id,
        "href": alert_path(alert.alert_id),
        "time": raised.at_ms,
        "time_day": day,
        "time_text": time,
        "time_ms": f".{ms}" if ms else "",
        "severity": severity_text(alert.severity),
        "severity_tone": SEVERITY_TONES[alert.severity],
        "rule": rule_title(alert.rule),
        "score": alert.score,
        "score_text": score_text(alert),
        "account": one_line(alert.subject),
        "evidence": evidence_text(alert),
        "state": state_text(state),
        "state_tone": STATE_TONES[state],
    }


def no_alert(seen: Seen[Alerts], filtered: bool) -> str:
    """Return why there is no alert to show."""
    if seen.value is None:
        return _nothing_read(seen)
    if filtered and seen.value.raised:
        return tr("No alert fits the filters.", "Nenhum alerta corresponde aos filtros.")
    if seen.value.missing:
        return tr(
            "There is no topic of alerts yet: the monitor makes it when it starts.",
            "Ainda não há tópico de alertas: o monitor o cria quando inicia.",
        )
    return tr(
        "No alert yet. They appear here within a second of being raised.",
        "Nenhum alerta ainda. Eles aparecem aqui em até um segundo depois de emitidos.",
    )


def _nothing_read(seen: Seen[Alerts]) -> str:
    if seen.failing_since_ms is None:
        return tr("Reading the alerts…", "Lendo os alertas…")
    return tr(
        "The alerts could not be read yet; trying again.",
        "Os alertas ainda não puderam ser lidos; nova tentativa em seguida.",
    )


def unreadable(alerts: Alerts) -> str:
    """Return how many records say nothing; empty if all say something."""
    said = []
    if alerts.undecodable:
        n = formats.number(alerts.undecodable)
        said.append(tr("records that are no alert: {n}", "registros que não são alerta: {n}", n=n))
    if alerts.misread:
        n = formats.number(alerts.misread)
        said.append(
            tr("records that are no decision: {n}", "registros que não são triagem: {n}", n=n)
        )
    return " · ".join(said)
