"""The newest alerts as they come, by rule, severity, triage and account."""

from collections.abc import Callable

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.alerting.known import NEWEST, Alerts
from kafka_workshop.console.alerting.told import (
    alert_columns,
    alert_row,
    no_alert,
    one_line,
    rule_title,
    severity_text,
    state_text,
    unreadable,
)
from kafka_workshop.console.alerting.wanted import Page, Wanted, page_of
from kafka_workshop.console.frame import Console, ConsolePage, frame, title_row
from kafka_workshop.console.keeper import Kept, Seen
from kafka_workshop.console.pages.as_of import as_of
from kafka_workshop.console.widgets import Table, flat_button, muted
from kafka_workshop.domain.alert import SCORES
from kafka_workshop.domain.rulebook import RULES
from kafka_workshop.domain.triage import STATES
from kafka_workshop.language import tr

# Within a second of being raised an alert is here: the keeper takes a fifth of one.
LIVE_SECONDS = 0.5
_ACCOUNT = 40


def register(console: Console) -> None:
    """Serve the page."""

    @ConsolePage("/alerts")
    def alerts(rule: str = "", severity: str = "", state: str = "", account: str = "") -> None:
        title = tr("Alerts", "Alertas")
        with frame(console, title, "/alerts"):
            with title_row(title):
                pass
            AlertList(console.alerts, Wanted(rule, severity, state, account[:_ACCOUNT]))


def when() -> Callable[[Seen[Alerts]], None]:
    """Draw the line that says how old the alerts are; return what brings it up to date."""
    return as_of(
        tr("Reading the alerts…", "Lendo os alertas…"),
        tr(
            "The alerts could not be read yet; trying again.",
            "Os alertas ainda não puderam ser lidos; nova tentativa em seguida.",
        ),
        lambda since, at: tr(
            "No alert could be read since {since}. This is what was known at {at}.",
            "Nenhum alerta pôde ser lido desde {since}. Isto é o que se sabia às {at}.",
            since=since,
            at=at,
        ),
    )


def alert_table(label: str) -> Table:
    """Return an empty table of alerts, close enough for a phone."""
    table = Table(alert_columns(), label=label)
    table.element.classes("kw-alerts kw-tight")
    return table


class AlertList:
    """The filters, a page of alerts, and the way to the other pages."""

    def __init__(self, kept: Kept[Alerts], wanted: Wanted) -> None:
        self._kept, self._number = kept, 1
        self._drawn: object = None
        self._when = when()
        with ui.element("section").classes("kw-card"):
            self._controls(wanted)
            self._table = alert_table(tr("Alerts", "Alertas"))
            with ui.element("div").classes("kw-card-foot kw-row"):
                self._status = ui.label("").classes("kw-muted kw-small").props("role=status")
                self._pager()
        n = formats.number(NEWEST)
        muted(
            tr(
                "The newest {n} alerts are kept here.",
                "São mantidos aqui os {n} alertas mais novos.",
                n=n,
            )
        )
        self.show()
        ui.timer(LIVE_SECONDS, self.show)

    def _controls(self, wanted: Wanted) -> None:
        everything = {"": tr("all", "todas")}
        rules = everything | {name: rule_title(name) for name in RULES}
        if wanted.rule not in rules:
            rules[wanted.rule] = one_line(wanted.rule)
        severities = everything | {each: severity_text(each) for each in SCORES}
        states = everything | {each: state_text(each) for each in STATES}
        with ui.element("div").classes("kw-controls"):
            self._rule = _select(rules, tr("Rule", "Regra"), wanted.rule)
            self._severity = _select(severities, tr("Severity", "Gravidade"), wanted.severity)
            self._state = _select(states, tr("Triage", "Triagem"), wanted.state)
            label = tr("Account or place", "Conta ou local")
            self._account = ui.input(label, value=wanted.account)
            self._account.props(f"outlined dense clearable debounce=300 maxlength={_ACCOUNT}")
        for field in (self._rule, self._severity, self._state, self._account):
            field.on_value_change(self._first)

    def _pager(self) -> None:
        with (
            ui.element("nav")
            .classes("kw-row kw-end")
            .style("width:auto;margin-left:auto;flex-wrap:nowrap") as nav
        ):
            nav.props["aria-label"] = tr("Pages of alerts", "Páginas de alertas")
            self._newer = flat_button(tr("Newer", "Mais novos"), "chevron_left")
            self._older = flat_button(tr("Older", "Mais antigos"), "chevron_right")
        for button in (self._newer, self._older):
            button.props("no-wrap")
        self._newer.on_click(lambda: self._turn(-1))
        self._older.on_click(lambda: self._turn(1))

    def _first(self) -> None:
        self._number = 1
        self.show()

    def _turn(self, by: int) -> None:
        self._number += by
        self.show()

    def _wanted(self) -> Wanted:
        fields = self._rule, self._severity, self._state, self._account
        return Wanted(*(str(field.value or "") for field in fields))

    def show(self) -> None:
        """Bring the list up to date, if there is anything new."""
        seen, wanted = self._kept.seen, self._wanted()
        self._when(seen)
        alerts = seen.value or Alerts()
        failing = seen.failing_since_ms is not None
        drawn = alerts.version, seen.value is None, failing, wanted, self._number
        if drawn != self._drawn:
            self._drawn = drawn
            self._draw(seen, alerts, wanted)

    def _draw(self, seen: Seen[Alerts], alerts: Alerts, wanted: Wanted) -> None:
        page = page_of(alerts, wanted, self._number)
        self._number = page.number
        rows = [alert_row(raised, alerts) for raised in page.raised]
        self._table.show(rows, no_alert(seen, wanted != Wanted()))
        self._newer.set_enabled(page.number > 1)
        self._older.set_enabled(page.number < page.pages)
        said = (_counted(page), unreadable(alerts))
        self._status.set_text(" · ".join(filter(None, said)))


def _select(options: dict[str, str], label: str, value: str) -> ui.select:
    chosen = value if value in options else ""
    return ui.select(options, label=label, value=chosen).props("outlined dense options-dense")


def _counted(page: Page) -> str:
    if page.total == 1:
        return tr("1 alert", "1 alerta")
    return tr(
        "{n} alerts, page {page} of {pages}",
        "{n} alertas, página {page} de {pages}",
        n=formats.number(page.total),
        page=page.number,
        pages=page.pages,
    )
