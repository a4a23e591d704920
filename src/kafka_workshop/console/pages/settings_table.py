"""All settings of a topic or a broker in one table, and the dialog that changes one."""

import asyncio
from collections.abc import Awaitable, Callable

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.access.roles import Role, may
from kafka_workshop.console.frame import Console
from kafka_workshop.console.managing.rules import Change, editable
from kafka_workshop.console.managing.settings import Kind, Setting, Source
from kafka_workshop.console.pages.topic_dialogs import ActionDialog, done
from kafka_workshop.console.widgets import Column, Row, Table, Tone, flat_button, muted
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr

Read = Callable[[], tuple[Setting, ...]]
_TONES: dict[Source, Tone] = {"topic": "accent", "broker": "accent", "brokers": "accent"}


class SettingsPanel:
    """A table that is read when it is asked for, not with every look at the cluster.

    Args:
        console: whose actions change a setting.
        kind: what `name` names.
        name: a topic, or a broker's id.
        read: returns its settings; it blocks.
        replicas: how many a partition of the topic has now.
    """

    def __init__(
        self,
        console: Console,
        kind: Kind,
        name: str,
        read: Read,
        replicas: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._kind, self._read, self._replicas = kind, read, replicas
        self._settings: dict[str, Setting] = {}
        self._dialog = SettingDialog(console, kind, name, self.refresh)
        with ui.element("section").classes("kw-card"):
            with ui.element("div").classes("kw-controls"):
                self._search = _search()
                self._own = ui.switch(tr("Only what is set here", "Só o que está definido aqui"))
                again = flat_button(icon="refresh").on_click(self.refresh)
            self._table = _table()
            with ui.element("div").classes("kw-card-foot"):
                self._status = muted("").props("role=status")
        again.props["aria-label"] = tr("Read again", "Ler de novo")
        self._search.on_value_change(self._show)
        self._own.on_value_change(self._show)
        self._table.element.on("open", lambda event: self._open(event.args))

    async def refresh(self) -> None:
        """Read the settings and show them."""
        self._status.set_text(tr("Reading…", "Lendo…"))
        try:
            found = await asyncio.to_thread(self._read)
        except WorkshopError as error:
            self._status.set_text(str(error))
            return
        self._settings = {setting.name: setting for setting in found}
        self._show()

    def _show(self) -> None:
        wanted, own = (self._search.value or "").lower(), self._own.value
        shown = [
            s for s in self._settings.values() if wanted in s.name.lower() and (s.own or not own)
        ]
        rows = [_row(self._kind, setting) for setting in shown]
        self._table.show(rows, tr("No such setting.", "Nenhuma configuração assim."))
        own_ones = sum(setting.own for setting in self._settings.values())
        self._status.set_text(_counted(len(shown), own_ones, len(self._settings)))

    def _open(self, name: object) -> None:
        setting = self._settings.get(str(name))
        if setting is not None:
            self._dialog.show(setting, self._replicas())


def _search() -> ui.input:
    label = tr("Filter by name", "Filtrar por nome")
    field = ui.input(placeholder=label).props("outlined dense clearable")
    field.props["aria-label"] = label
    return field


def _counted(shown: int, own: int, whole: int) -> str:
    return tr(
        "{n} of {all} settings shown; {own} of all are set here.",
        "{n} de {all} configurações mostradas; {own} de todas definidas aqui.",
        n=shown,
        own=own,
        all=whole,
    )


def _table() -> Table:
    columns = [
        Column("name", tr("Setting", "Configuração"), "open"),
        Column("value", tr("Value", "Valor"), "shown"),
        Column("otherwise", tr("Default", "Padrão"), "shown", wide=True),
        Column("source", tr("From", "Origem"), "badge"),
    ]
    table = Table(columns, label=tr("Settings", "Configurações"), paged=True)
    table.element.classes("kw-settings")
    return table


def _row(kind: Kind, setting: Setting) -> Row:
    otherwise = value_text(setting.name, setting.otherwise) if setting.otherwise_from else ""
    if kind == "topic" and otherwise:
        otherwise = f"{otherwise} · {source_text(kind, setting.otherwise_from)}"
    return {
        "id": setting.name,
        "name": setting.name,
        "value": setting.value or "",
        "value_text": _shown(setting),
        "otherwise": setting.otherwise or "",
        "otherwise_text": otherwise or formats.UNKNOWN,
        "source": source_text(kind, setting.source),
        "source_tone": _TONES.get(setting.source, ""),
    }


def _shown(setting: Setting) -> str:
    if setting.sensitive:
        return tr("(secret)", "(secreto)")
    return value_text(setting.name, setting.value)


def source_text(kind: Kind, source: Source) -> str:
    """Return where a value comes from, in words; a topic's page does not tell brokers apart."""
    if kind == "topic" and source in {"broker", "brokers", "file"}:
        return tr("broker", "broker")
    return {
        "topic": tr("topic", "tópico"),
        "broker": tr("this broker", "este broker"),
        "brokers": tr("all brokers", "todos os brokers"),
        "file": tr("file", "arquivo"),
        "default": tr("default", "padrão"),
        "": formats.UNKNOWN,
    }[source]


def value_text(name: str, value: str | None) -> str:
    """Return a setting's value with its unit in words where the name tells one."""
    if not value:
        return formats.UNKNOWN
    number = int(value) if value.lstrip("-").isdigit() else 0
    meaning = _meaning(name, number)
    return f"{value} ({meaning})" if meaning else value


def _meaning(name: str, number: int) -> str:
    if number == -1 and name.startswith(("retention.", "log.retention.")):
        return tr("no limit", "sem limite")
    if number >= 2**63 - 1:
        return tr("never", "nunca")
    if number >= 1_000 and name.endswith(".bytes"):
        return formats.size(number)
    if number >= 1_000 and name.endswith(".ms"):
        return formats.duration(number / 1000)
    return ""


class SettingDialog(ActionDialog):
    """Changes one setting, or takes its value away."""

    def __init__(
        self, console: Console, kind: Kind, name: str, changed: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(tr("Change a setting", "Alterar uma configuração"), tr("Save", "Salvar"))
        self._console, self._kind, self._name, self._changed = console, kind, name, changed
        self._setting: Setting | None = None
        self._replicas: int | None = None
        with self.body:
            self._title = ui.label("").classes("kw-mono")
            self._value = ui.input(tr("Value", "Valor")).props("outlined dense autofocus")
            self._value.props("autocomplete=off input-class=kw-mono maxlength=1000")
            self._facts = muted("")
            self._away = flat_button(tr("Take the value away", "Remover o valor"), "undo")
        self._away.on_click(lambda: self._save(None))
        self.button.on_click(lambda: self._save((self._value.value or "").strip()))
        self._value.on("keydown.enter", lambda: self._save((self._value.value or "").strip()))

    def show(self, setting: Setting, replicas: int | None) -> None:
        """Open it for one setting."""
        self._setting, self._replicas = setting, replicas
        permitted = may(Role.OPERATOR)
        allowed = permitted and editable(self._kind, setting)
        self._title.set_text(setting.name)
        self._value.set_value("" if setting.value is None else setting.value)
        self._facts.set_text(_facts(self._kind, setting, allowed or not permitted))
        self._value.set_enabled(allowed)
        self.button.set_visibility(allowed)
        self._away.set_visibility(allowed and setting.own)
        self.open()

    async def _save(self, value: str | None) -> None:
        setting = self._setting
        if setting is None:
            return
        change = Change(self._kind, self._name, setting.name, value, self._replicas)
        if await self.attempt(done(self._console.actions.alter_setting), change):
            self.dialog.close()
            ui.notify(tr("{name} was changed.", "{name} foi alterada.", name=setting.name))
            await self._changed()


def _facts(kind: Kind, setting: Setting, allowed: bool) -> str:
    if not allowed:
        return tr(
            "Not changed here: it needs the properties file and a restart, or guards who may "
            "connect.",
            "Não se altera aqui: exige o arquivo de propriedades e um reinício, ou guarda quem "
            "pode se conectar.",
        )
    kept = ""
    if kind == "broker":
        kept = tr(
            "For this broker alone, at once, and kept when it restarts.",
            "Só para este broker, na hora, e mantida quando ele reinicia.",
        )
    if not setting.otherwise_from:
        return kept
    without = tr(
        "Without a value here: {value} ({source}).",
        "Sem um valor aqui: {value} ({source}).",
        value=value_text(setting.name, setting.otherwise),
        source=source_text(kind, setting.otherwise_from),
    )
    return f"{without} {kept}".strip()
