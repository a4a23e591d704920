"""Dead letters: by error class, one by one, and back to where they came from."""

from collections.abc import Callable
from urllib.parse import urlencode

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.access.roles import Role, may
from kafka_workshop.console.dlq.known import CONDITIONS, NEWEST, Letters
from kafka_workshop.console.dlq.told import (
    class_columns,
    class_row,
    condition_text,
    counted,
    letter_columns,
    letter_row,
    no_letter,
)
from kafka_workshop.console.dlq.wanted import Wanted, page_of
from kafka_workshop.console.frame import Console, ConsolePage, frame, title_row
from kafka_workshop.console.keeper import Seen
from kafka_workshop.console.pages.as_of import as_of
from kafka_workshop.console.pages.letter_detail import LetterDetail
from kafka_workshop.console.pages.redrive_dialog import Asked, RedriveDialog
from kafka_workshop.console.widgets import Table, card, flat_button, muted
from kafka_workshop.language import tr
from kafka_workshop.messaging.dlq.letter import Source
from kafka_workshop.messaging.dlq.survey import Survey

LIVE_SECONDS = 0.5


def register(console: Console) -> None:
    """Serve the page."""

    @ConsolePage("/dlq")
    def letters(topic: str = "", error_class: str = "", condition: str = "") -> None:
        title = tr("Dead letters", "Mensagens na DLQ")
        with frame(console, title, "/dlq"):
            with title_row(title):
                pass
            LetterList(console, topic[:300], Wanted(error_class[:64], condition[:20]))


class LetterList:
    """The error classes of one topic, its letters, and the way back for them."""

    def __init__(self, console: Console, topic: str, wanted: Wanted) -> None:
        self._console, self._number = console, 1
        self._drawn: object = None
        self._when = _when()
        self._detail = LetterDetail(console)
        self._redrive = RedriveDialog(console)
        title = tr("Error classes", "Classes de erro")
        with card(title):
            self._classes = Table(class_columns(), label=title)
        with ui.element("section").classes("kw-card"):
            self._controls(topic or console.settings.topic, wanted)
            self._table = _letter_table()
            with ui.element("div").classes("kw-card-foot kw-row"):
                self._status = ui.label("").classes("kw-muted kw-small").props("role=status")
                self._pager()
        _remark()
        self._react()
        self.show()
        ui.timer(LIVE_SECONDS, self.show)

    def _controls(self, topic: str, wanted: Wanted) -> None:
        everything = {"": tr("all", "todas")}
        classes = everything | ({wanted.error_class: wanted.error_class} if wanted else {})
        conditions = everything | {each: condition_text(each) for each in CONDITIONS}
        with ui.element("div").classes("kw-controls"):
            self._topic = _select({topic: topic}, tr("Of topic", "Do tópico"), topic)
            label = tr("Error class", "Classe de erro")
            self._class = _select(classes, label, wanted.error_class)
            self._condition = _select(conditions, tr("State", "Estado"), wanted.condition)
            ui.space()
            self._button = ui.button(tr("Redrive…", "Reenviar…"), icon="replay", color="primary")
            self._button.props("unelevated no-wrap").set_visibility(may(Role.OPERATOR))

    def _pager(self) -> None:
        with ui.element("nav").classes("kw-row kw-end kw-pager") as nav:
            nav.props["aria-label"] = tr("Pages of letters", "Páginas de mensagens")
            self._newer = flat_button(tr("Newer", "Mais novas"), "chevron_left").props("no-wrap")
            self._older = flat_button(tr("Older", "Mais antigas"), "chevron_right").props("no-wrap")

    def _react(self) -> None:
        for field in (self._topic, self._class, self._condition):
            field.on_value_change(self._first)
        self._classes.element.on("open", lambda event: self._class.set_value(str(event.args)))
        self._table.element.on("open", lambda event: self._open(str(event.args)))
        self._newer.on_click(lambda: self._turn(-1))
        self._older.on_click(lambda: self._turn(1))
        self._button.on_click(self._ask)
        self._table.element.on_select(self._name_button)

    @property
    def _wanted(self) -> Wanted:
        return Wanted(str(self._class.value or ""), str(self._condition.value or ""))

    @property
    def _survey(self) -> Survey | None:
        known = self._console.letters.seen.value or Letters()
        return known.boxes.get(str(self._topic.value or ""))

    @property
    def _selected(self) -> frozenset[Source]:
        found = (Source.parse(str(row["id"])) for row in self._table.element.selected)
        return frozenset(source for source in found if source is not None)

    def _first(self) -> None:
        self._number = 1
        self._table.element.selected = []
        self._name_button()
        self._keep_address()
        self.show()

    def _turn(self, by: int) -> None:
        self._number += by
        self.show()

    def _keep_address(self) -> None:
        topic, wanted = str(self._topic.value or ""), self._wanted
        said = {
            "topic": topic if topic != self._console.settings.topic else "",
            "error_class": wanted.error_class,
            "condition": wanted.condition,
        }
        query = urlencode({name: text for name, text in said.items() if text})
        ui.navigate.history.replace("/dlq" + (f"?{query}" if query else ""))

    def show(self) -> None:
        """Bring the page up to date, if there is anything new."""
        seen = self._console.letters.seen
        self._when(seen)
        known, failing = seen.value or Letters(), seen.failing_since_ms is not None
        topic = self._topic.value
        drawn = known.version, seen.value is None, failing, topic, self._wanted, self._number
        if drawn != self._drawn:
            self._drawn = drawn
            self._draw()

    def _draw(self) -> None:
        seen, survey, wanted = self._console.letters.seen, self._survey, self._wanted
        self._offer(seen.value or Letters(), survey)
        nothing = no_letter(seen, survey, Wanted())
        counts = survey.by_class() if survey else []
        self._classes.show([class_row(count) for count in counts], nothing)
        held = survey or Survey("")
        page = page_of(held, wanted, self._number)
        self._number = page.number
        rows = [letter_row(letter, held) for letter in page.letters]
        self._table.show(rows, no_letter(seen, survey, wanted))
        self._newer.set_enabled(page.number > 1)
        self._older.set_enabled(page.number < page.pages)
        self._button.set_enabled(bool(held.letters))
        self._status.set_text(counted(page, survey))

    def _offer(self, known: Letters, survey: Survey | None) -> None:
        """Offer every topic and class there is, and what is chosen already."""
        topic, chosen = str(self._topic.value or ""), self._wanted.error_class
        topics = {name: name for name in sorted({*known.boxes, topic})}
        names = {count.error_class for count in survey.by_class()} if survey else set()
        classes = {"": tr("all", "todas")} | {n: n for n in sorted({*names, chosen} - {""})}
        for field, options in ((self._topic, topics), (self._class, classes)):
            if field.options != options:
                field.set_options(options)

    def _open(self, name: str) -> None:
        survey, source = self._survey, Source.parse(name)
        if survey is not None and source in survey.letters:
            self._detail.show(survey, survey.letters[source], self._redrive.ask)

    def _name_button(self) -> None:
        n = len(self._selected)
        text = tr("Redrive selected ({n})…", "Reenviar selecionadas ({n})…", n=formats.number(n))
        self._button.set_text(text if n else tr("Redrive…", "Reenviar…"))

    async def _ask(self) -> None:
        survey = self._survey
        if survey is not None:
            chosen = self._selected
            await self._redrive.ask(Asked(survey, self._wanted.error_class, chosen or None))


def _letter_table() -> Table:
    table = Table(letter_columns(), label=tr("Letters", "Mensagens"))
    table.element.classes("kw-tight kw-letters")
    table.element.selection = "multiple"
    for place, what in (("header", tr("All", "Todas")), ("body", tr("Choose", "Escolher"))):
        box = f'<q-checkbox v-model="props.selected" dense aria-label="{what}" />'
        table.element.add_slot(f"{place}-selection", box)
    return table


def _select(options: dict[str, str], label: str, value: str) -> ui.select:
    chosen = value if value in options else ""
    return ui.select(options, label=label, value=chosen).props("outlined dense options-dense")


def _remark() -> None:
    muted(
        tr(
            "Of each partition about the newest {n} letters are listed; a redrive of a class, or "
            "of all, takes the older ones too. Each goes back exactly once.",
            "De cada partição são listadas cerca das {n} mensagens mais novas; o reenvio de uma "
            "classe, ou de todas, inclui as mais antigas. Cada uma volta exatamente uma vez.",
            n=formats.number(NEWEST),
        )
    )


def _when() -> Callable[[Seen[Letters]], None]:
    return as_of(
        tr("Reading the dead letters…", "Lendo a DLQ…"),
        tr(
            "The dead letters could not be read yet; trying again.",
            "A DLQ ainda não pôde ser lida; nova tentativa em seguida.",
        ),
        lambda since, at: tr(
            "No letter could be read since {since}. This is what was known at {at}.",
            "Nenhuma mensagem da DLQ pôde ser lida desde {since}. Isto é o que se sabia às {at}.",
            since=since,
            at=at,
        ),
    )
