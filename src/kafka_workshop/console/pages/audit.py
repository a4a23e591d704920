"""The audit log: who changed what, when, and what came of it; for operators."""

from typing import Any

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.access.audit import KEPT, AuditLog, Entry, Wanted
from kafka_workshop.console.access.roles import Need, Role, caller, may, why_not
from kafka_workshop.console.frame import Console, ConsolePage, frame, title_row
from kafka_workshop.console.payload import preview
from kafka_workshop.console.widgets import Column, Empty, Row, Table, Tone, muted
from kafka_workshop.language import tr

_REFRESH_SECONDS = 2.0
_CHARACTERS = 200
_TONES: dict[str, Tone] = {"done": "good", "refused": "bad", "failed": "warn"}


def register(console: Console) -> None:
    """Serve the page."""

    @ConsolePage("/audit")
    def audit(text: str = "", outcome: str = "") -> None:
        title = tr("Audit log", "Auditoria")
        with frame(console, title, "/audit"):
            with title_row(title):
                pass
            if may(Role.OPERATOR, writes=False):
                AuditList(console.audit, Wanted(outcome, text))
            else:
                Empty("lock", why_not(caller(), Need(Role.OPERATOR, writes=False)))


class AuditList:
    """The filters, and the entries that fit, newest first."""

    def __init__(self, audit: AuditLog, wanted: Wanted) -> None:
        self._audit, self._drawn = audit, ([Entry(0, "", "", "", "", "")], False)
        with ui.element("section").classes("kw-card"):
            with ui.element("div").classes("kw-controls"):
                self._fields(wanted)
            self._table = _table()
            with ui.element("div").classes("kw-card-foot"):
                self._status = muted("").props("role=status")
        n = formats.number(KEPT)
        muted(
            tr(
                "The newest {n} are shown here; the files in the data folder have more.",
                "São mostradas aqui as {n} mais novas; os arquivos na pasta de dados têm mais.",
                n=n,
            )
        )
        self.show()
        ui.timer(_REFRESH_SECONDS, self.show)

    def _fields(self, wanted: Wanted) -> None:
        outcomes = {"": tr("all", "todos")} | {each: outcome_text(each) for each in _TONES}
        label = tr("Outcome", "Resultado")
        chosen = wanted.outcome if wanted.outcome in outcomes else ""
        self._outcome = ui.select(outcomes, label=label, value=chosen)
        self._outcome.props("outlined dense options-dense")
        label = tr("Who, what or on what", "Quem, o quê ou em quê")
        self._text = ui.input(label, value=wanted.text[:100])
        self._text.props("outlined dense clearable debounce=300 maxlength=100")
        for field in (self._outcome, self._text):
            field.on_value_change(self.show)

    def show(self) -> None:
        """Bring the list up to date, if there is anything new."""
        wanted = Wanted(str(self._outcome.value or ""), str(self._text.value or ""))
        found = self._audit.entries(wanted)
        drawn = found, wanted == Wanted()
        if drawn == self._drawn:
            return
        self._drawn = drawn
        rows = [_row(len(found) - n, entry) for n, entry in enumerate(found)]
        nothing = tr("Nothing has been changed yet.", "Nada foi alterado ainda.")
        none_fits = tr("No entry fits.", "Nenhum registro corresponde.")
        self._table.show(rows, nothing if wanted == Wanted() else none_fits)
        self._status.set_text(_counted(len(found)))


def _counted(n: int) -> str:
    if n == 1:
        return tr("1 entry", "1 registro")
    return tr("{n} entries", "{n} registros", n=formats.number(n))


def _table() -> Table:
    columns = [
        Column("at", tr("Time", "Horário"), "time"),
        Column("who", tr("Who", "Quem"), "shown"),
        Column("role", tr("Role", "Papel"), wide=True),
        Column("action", tr("What", "O quê"), "shown"),
        Column("target", tr("On what", "Em quê")),
        Column("outcome", tr("Outcome", "Resultado"), "badge"),
        Column("detail", tr("Why", "Por quê"), wide=True),
    ]
    table = Table(columns, label=tr("Audit log", "Auditoria"), paged=True)
    table.element.classes("kw-tight kw-wrapped kw-audit")
    return table


def _row(number: int, entry: Entry) -> Row:
    day, _, time = formats.instant(entry.at_ms).partition(" ")
    seconds, _, milliseconds = time.partition(".")
    row: dict[str, Any] = {
        "id": number,
        "at": entry.at_ms,
        "at_day": f"{day} ",
        "at_text": seconds,
        "at_ms": f".{milliseconds}",
        "who": entry.who,
        "who_text": _line(entry.who) or formats.UNKNOWN,
        "role": _line(entry.role),
        "action": entry.action,
        "action_text": action_text(entry.action),
        "target": _line(entry.target),
        "outcome": outcome_text(entry.outcome),
        "outcome_tone": _TONES.get(entry.outcome, ""),
        "detail": _line(entry.detail),
    }
    return row


def _line(text: str) -> str:
    return preview(text.encode(errors="replace"), _CHARACTERS)


def outcome_text(outcome: str) -> str:
    """Return the word for an outcome."""
    return {
        "done": tr("done", "feito"),
        "refused": tr("refused", "recusado"),
        "failed": tr("failed", "falhou"),
    }.get(outcome, _line(outcome))


def action_text(action: str) -> str:
    """Return what was asked for in words; an action without them keeps its name."""
    return {
        "login": tr("log in", "entrar"),
        "logout": tr("log out", "sair"),
        "create_topic": tr("create topic", "criar tópico"),
        "delete_topic": tr("delete topic", "excluir tópico"),
        "alter_setting": tr("change setting", "alterar configuração"),
        "add_partitions": tr("add partitions", "adicionar partições"),
        "purge": tr("purge topic", "esvaziar tópico"),
        "reset_offsets": tr("reset offsets", "redefinir offsets"),
        "delete_group": tr("delete group", "excluir grupo"),
        "produce": tr("produce", "produzir"),
        "import_messages": tr("import messages", "importar mensagens"),
        "triage": tr("triage alert", "triagem de alerta"),
        "redrive": tr("redrive letters", "reenviar da DLQ"),
        "redrive_edited": tr("redrive edited", "reenviar editada"),
        "give": tr("order to a service", "ordem a um serviço"),
        "set_rate": tr("change the rate", "alterar a taxa"),
        "export": tr("export", "exportar"),
    }.get(action, _line(action.replace("_", " ")))
