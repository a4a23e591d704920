"""The box a filter is typed into: what is wrong with it below, examples that can be clicked."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from kafka_workshop.console.filtering import FilterMistake, Matcher, parse
from kafka_workshop.console.filtering.tree import MAX_CHARACTERS
from kafka_workshop.console.widgets import heading, muted
from kafka_workshop.language import tr

EXAMPLES = (
    "value.amount > 100000",
    'value.kind = "pix" and not value.status = "approved"',
    'value.merchant.city in ("Recife", "Manaus")',
    'key starts with "0000" or header.traceparent exists',
    'value contains "declined"',
    'timestamp >= "2026-01-31T12:00:00Z" and size > 400',
    "value.legs[0] exists and value.note != null",
)


class FilterBox:
    """A filter as a person types it; Enter, an example or the cross apply it."""

    def __init__(self, text: str, changed: Callable[[], Awaitable[None]]) -> None:
        self._changed = changed
        with ui.element("div").classes("kw-filter"):
            self.field = ui.input(tr("Filter", "Filtro"), value=text)
            self.field.props(f"outlined dense clearable maxlength={MAX_CHARACTERS}")
            self.field.props["placeholder"] = EXAMPLES[0]
            self.field.props["input-class"] = "kw-mono"
            self.field.on("keydown.enter", self._apply)
            self.field.on("clear", self._apply)
            with self.field.add_slot("append"):
                self._help_button()
            self._error = ui.label("").classes("kw-error").props("role=alert")
        self._error.set_visibility(False)

    @property
    def text(self) -> str:
        """The filter as it stands there, without spaces around it."""
        return (self.field.value or "").strip()

    def matcher(self) -> Matcher | None:
        """Return the filter ready to be asked, `None` if there is none; say what is wrong with it.

        Raises:
            FilterMistake: it is not a filter.
        """
        self._error.set_visibility(False)
        try:
            return Matcher(parse(self.text)) if self.text else None
        except FilterMistake as mistake:
            self._error.set_text(str(mistake))
            self._error.set_visibility(True)
            raise

    async def _apply(self) -> None:
        await self._changed()

    def _help_button(self) -> None:
        button = ui.button(icon="help_outline", color=None).props("flat round dense")
        button.props["aria-label"] = tr("Help with filters", "Ajuda sobre filtros")
        with button, ui.menu().props("max-width=min(560px,94vw) max-height=80vh") as self._menu:
            self._help()

    def _help(self) -> None:
        with ui.element("div").classes("kw-help"):
            heading(tr("What a filter may say", "O que um filtro pode dizer"))
            for name, meaning in _grammar():
                with ui.element("div").classes("kw-facts"):
                    ui.label(name).classes("kw-mono")
                    ui.label(meaning)
            muted(tr("Examples: click one to use it.", "Exemplos: clique em um para usá-lo."))
            for example in EXAMPLES:
                button = ui.button(example, color=None).props("flat dense no-caps align=left")
                button.classes("kw-example kw-mono")
                button.on_click(lambda _, text=example: self._use(text))

    async def _use(self, text: str) -> None:
        self.field.set_value(text)
        self._menu.close()
        await self._changed()


def _grammar() -> tuple[tuple[str, str], ...]:
    return (
        ("key, value", tr("as text", "como texto")),
        ("value.a.b, value.list[0]", tr("a field of JSON", "um campo de JSON")),
        ("header.name", tr("a header, as text", "um cabeçalho, como texto")),
        ("partition, offset, size", tr("whole numbers", "números inteiros")),
        ("timestamp", tr('"2026-01-31T12:00:00Z" or ms', '"2026-01-31T12:00:00Z" ou ms')),
        ("= != < <= > >=", tr("compare exactly", "comparam com exatidão")),
        ("contains, starts with", tr("search in a text", "procuram em um texto")),
        ("in (1, 2), exists", tr("one of; is there", "um de; existe")),
        ("and, or, not, ( )", tr("combine", "combinam")),
    )
