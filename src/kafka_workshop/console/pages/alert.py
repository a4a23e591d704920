"""One alert: why it was raised, by which rule, from which message, and what was decided."""

from urllib.parse import quote, urlencode

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.alerting.known import Alerts, Raised
from kafka_workshop.console.alerting.told import (
    SEVERITY_TONES,
    evidence_text,
    message_path,
    one_line,
    rule_title,
    score_text,
    severity_text,
    source_of,
)
from kafka_workshop.console.frame import Console, ConsolePage, Live, frame, title_row
from kafka_workshop.console.pages.alert_account import Around
from kafka_workshop.console.pages.alert_triage import TriageForm
from kafka_workshop.console.pages.alerts import LIVE_SECONDS, when
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import Empty, badge, card, muted
from kafka_workshop.domain.alert import Alert, Source
from kafka_workshop.domain.evidence import named
from kafka_workshop.domain.rulebook import RULES, default_rules
from kafka_workshop.domain.words import shown
from kafka_workshop.language import current, tr
from kafka_workshop.messaging.topics import MonitorTopics

_NUMBERS = 20


def register(console: Console) -> None:
    """Serve the page."""

    @ConsolePage("/alerts/{alert_id}")
    def alert(alert_id: str) -> None:
        parent = (tr("Alerts", "Alertas"), "/alerts")
        raised = _find(console, alert_id)
        title = rule_title(raised.alert.rule) if raised else tr("Alert", "Alerta")
        with frame(console, title, "/alerts", parent) as live:
            if raised is None:
                _unknown(console, alert_id, title)
            else:
                _known(console, live, raised, title)


def _find(console: Console, alert_id: str) -> Raised | None:
    return (console.alerts.seen.value or Alerts()).raised.get(alert_id)


def _unknown(console: Console, alert_id: str, title: str) -> None:
    with title_row(title):
        pass
    absent = Empty("search_off")
    with absent.box:
        ui.link(tr("All alerts", "Todos os alertas"), "/alerts")

    def show() -> None:
        if _find(console, alert_id) is not None:
            ui.navigate.reload()
        reading = console.alerts.seen.value is None
        absent.say(
            tr("Reading the alerts…", "Lendo os alertas…")
            if reading
            else tr(
                "It is not among the newest alerts.", "Ele não está entre os alertas mais novos."
            )
        )

    show()
    ui.timer(LIVE_SECONDS, show)


def _known(console: Console, live: Live, raised: Raised, title: str) -> None:
    alert = raised.alert
    with title_row(title):
        badge(severity_text(alert.severity), SEVERITY_TONES[alert.severity])
        if alert.policy:
            badge(tr("policy", "política"))
    refresh = when()
    with ui.element("div").classes("kw-columns"):
        with ui.element("div").classes("kw-stack"):
            _evidence(raised)
            _where(console, live, alert)
        with ui.element("div").classes("kw-stack"):
            form = TriageForm(console, alert.alert_id)
            _rule(alert)
    source = source_of(alert)
    if source is not None:
        Around(console, alert, source)

    def show() -> None:
        refresh(console.alerts.seen)
        form.show(console.alerts.seen.value or Alerts())

    ui.timer(LIVE_SECONDS, show)


def _pairs(pairs: list[tuple[str, str]]) -> None:
    with ui.element("div").classes("kw-facts"):
        for name, value in pairs:
            ui.label(name)
            ui.label(value)


def _evidence(raised: Raised) -> None:
    alert, zone = raised.alert, formats.zone_name()
    with card(tr("Evidence", "Evidência")), ui.element("div").classes("kw-card-body"):
        ui.label(evidence_text(alert)).classes("kw-lead")
        _pairs(
            [
                (tr("Score", "Pontuação"), score_text(alert)),
                (tr("Raised", "Emitido"), f"{formats.instant(raised.at_ms)} {zone}"),
                (tr("From", "De"), f"{formats.instant(alert.window_start)} {zone}"),
                (tr("To", "Até"), f"{formats.instant(alert.window_end)} {zone}"),
                (tr("Transaction", "Transação"), one_line(alert.transaction_id)),
                (tr("Alert", "Alerta"), one_line(alert.alert_id)),
            ]
        )
        ui.label(tr("Numbers", "Números")).classes("kw-muted kw-small")
        numbers = list(alert.evidence.numbers.items())[:_NUMBERS]
        told = (named(name, value, current()) for name, value in numbers)
        _pairs([(one_line(name), one_line(value)) for name, value in told])


def _where(console: Console, live: Live, alert: Alert) -> None:
    source = source_of(alert)
    with card(tr("Where it comes from", "De onde vem")), ui.element("div").classes("kw-card-body"):
        with ui.element("div").classes("kw-facts"):
            ui.label(tr("Account", "Conta"))
            _alerts_of(alert.account_id)
            if alert.place is not None:
                ui.label(tr("Place", "Local"))
                _alerts_of(alert.place)
            if source is not None:
                _message(console, live, source)
        if source is None:
            muted(tr("It does not say from which message.", "Ele não diz de qual mensagem vem."))


def _alerts_of(name: str) -> None:
    ui.link(one_line(name), "/alerts?" + urlencode({"account": name[:40]}))


def _message(console: Console, live: Live, source: Source) -> None:
    ui.label(tr("Message", "Mensagem"))
    where = tr(
        "partition {p}, offset {o}", "partição {p}, offset {o}", p=source.partition, o=source.offset
    )
    ui.link(where, message_path(source))
    ui.label(tr("Topic", "Tópico"))
    ui.link(one_line(source.topic, 80), "/topics/" + quote(source.topic, safe=""))
    ui.label(tr("Leader", "Líder"))
    leader = ui.link("", "/brokers")
    ui.label(tr("Consumer group", "Grupo de consumidores"))
    names = MonitorTopics(console.settings.topic, console.settings.group)
    group = names.merchant_group if source.topic == names.by_merchant else names.group
    ui.link(group, "/groups/" + quote(group, safe=""))

    def show(view: View) -> None:
        leader.set_text(_leader(view, source))

    live.on_change(show)


def _leader(view: View, source: Source) -> str:
    topic = view.snapshot.topic_by_name.get(source.topic) if view.snapshot else None
    for partition in topic.partitions if topic else ():
        if partition.id == source.partition:
            if partition.leader is None:
                return tr("none now", "nenhum agora")
            return f"broker {partition.leader}"
    return formats.UNKNOWN


def _rule(alert: Alert) -> None:
    rule, book = RULES.get(alert.rule), default_rules()
    with card(tr("The rule", "A regra")), ui.element("div").classes("kw-card-body"):
        if rule is None:
            muted(tr("This console does not know it.", "Este console não a conhece."))
            return
        ui.label(rule.meaning.spoken(current()))
        with ui.element("div").classes("kw-facts kw-parameters"):
            for each in rule.described():
                ui.label(each.name).classes("kw-mono")
                value = getattr(book.parameters[rule.name], each.name)
                limits = each.limits
                said = _value(value, limits.unit)
                ui.label(f"{said} — {limits.meaning.spoken(current())}")
        muted(tr("Source: {source}", "Fonte: {source}", source=rule.source.spoken(current())))
        muted(_version(alert, book.rules_version))


def _value(value: object, unit: str) -> str:
    if isinstance(value, tuple):
        return ", ".join(_value(each, unit) for each in value)
    said = shown(value, current()) if isinstance(value, int | float) else str(value)
    return f"R$ {said}" if unit == "R$" else f"{said} {unit}".strip()


def _version(alert: Alert, ours: str) -> str:
    if alert.rules_version == ours:
        return tr("Rules {version}.", "Regras {version}.", version=ours)
    return tr(
        "Raised by rules {version}; the parameters above are those of {ours}.",
        "Emitido pelas regras {version}; os parâmetros acima são os de {ours}.",
        version=one_line(alert.rules_version),
        ours=ours,
    )
