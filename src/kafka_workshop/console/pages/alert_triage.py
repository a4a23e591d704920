"""On an alert's page: what was decided about it, and a form to decide."""

import asyncio

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.access.roles import Role, may
from kafka_workshop.console.alerting.known import Alerts
from kafka_workshop.console.alerting.told import STATE_TONES, one_line, state_text
from kafka_workshop.console.frame import Console
from kafka_workshop.console.payload import show
from kafka_workshop.console.widgets import card
from kafka_workshop.domain.triage import MAX_NOTE, STATES, Triage
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.messaging.topics import triage_topic


class TriageForm:
    """Shows what every window sees; what is chosen here counts once Kafka has acknowledged it."""

    def __init__(self, console: Console, alert_id: str) -> None:
        self._console, self._alert_id = console, alert_id
        with card(tr("Triage", "Triagem")) as end:
            with end:
                self._badge = ui.label("").classes("kw-badge")
            with ui.element("div").classes("kw-card-foot").style("border:0"):
                self._said = ui.label("").classes("kw-muted kw-small").props("role=status")
            if may(Role.ANALYST):
                with ui.element("div").classes("kw-card-body kw-triage"):
                    self._fields()
        self.show(console.alerts.seen.value or Alerts())

    def _fields(self) -> None:
        alerts = self._console.alerts.seen.value or Alerts()
        decision = alerts.triage.get(self._alert_id)
        options = {state: state_text(state) for state in STATES}
        label = tr("Decision", "Decisão")
        self._state = ui.radio(options, value=alerts.state_of(self._alert_id)).props("inline dense")
        self._state.props["aria-label"] = label
        self._note = ui.textarea(tr("Note", "Nota"), value=_note(decision))
        self._note.props(f"outlined dense autogrow counter maxlength={MAX_NOTE}")
        self._error = ui.label("").classes("kw-error").props("role=alert")
        self._error.set_visibility(False)
        self._button = ui.button(tr("Save", "Salvar"), color="primary").props("unelevated")
        self._button.style("align-self:flex-start")
        self._button.on_click(self._save)

    def show(self, alerts: Alerts) -> None:
        """Show what is decided; what somebody is writing here stays."""
        state, decision = alerts.state_of(self._alert_id), alerts.triage.get(self._alert_id)
        self._badge.set_text(state_text(state))
        self._badge.classes(replace=f"kw-badge kw-{STATE_TONES[state]}")
        if decision is None:
            self._said.set_text(tr("Nobody has decided yet.", "Ninguém decidiu ainda."))
            return
        at = f"{formats.instant(decision.at)} {formats.zone_name()}"
        self._said.set_text(" · ".join(filter(None, (at, one_line(decision.note, MAX_NOTE)))))

    async def _save(self) -> None:
        settings, actions = self._console.settings, self._console.actions
        spec = triage_topic(settings.topic, settings.group)
        self._button.props("loading")
        wish = spec, self._alert_id, self._state.value, (self._note.value or "").strip()
        try:
            await asyncio.to_thread(actions.triage, *wish)
        except WorkshopError as error:
            self._error.set_text(str(error))
            self._error.set_visibility(True)
            return
        finally:
            self._button.props(remove="loading")
        self._error.set_visibility(False)
        ui.notify(tr("Saved.", "Salvo."), type="positive")


def _note(decision: Triage | None) -> str:
    """Return a note to go on writing; whoever writes to the topic chose its characters."""
    return show(decision.note.encode()).text[:MAX_NOTE] if decision else ""
