"""A dead letter in words and as a row, harmless whatever stands in it."""

from kafka_workshop.console import formats
from kafka_workshop.console.dlq.known import Condition, Letters, condition_of
from kafka_workshop.console.dlq.wanted import Page, Wanted
from kafka_workshop.console.keeper import Seen
from kafka_workshop.console.payload import preview
from kafka_workshop.console.widgets import Column, Row, Tone
from kafka_workshop.language import tr
from kafka_workshop.masking import masked_bytes
from kafka_workshop.messaging.dlq.letter import Letter
from kafka_workshop.messaging.dlq.survey import Choice, ClassCount, Survey

CONDITION_TONES: dict[Condition, Tone] = {
    "waiting": "accent",
    "redriven": "good",
    "came_back": "warn",
    "incomplete": "",
}


def condition_text(condition: str) -> str:
    """Return how it stands with a letter, in words."""
    return {
        "waiting": tr("waiting", "aguardando"),
        "redriven": tr("redriven", "reenviada"),
        "came_back": tr("came back", "voltou"),
        "incomplete": tr("incomplete", "incompleta"),
    }.get(condition, condition)


def class_columns() -> list[Column]:
    """Return the columns of the table of error classes."""
    return [
        Column("error_class", tr("Error class", "Classe de erro"), "open"),
        Column("letters", tr("Letters", "Mensagens"), "shown", right=True, wide=True),
        Column("waiting", tr("Not redriven", "Não reenviadas"), "shown", right=True),
        Column("came_back", tr("Came back", "Voltaram"), "shown", right=True, wide=True),
        Column("first", tr("First", "Primeira"), "shown", wide=True),
        Column("last", tr("Last", "Última"), "shown", wide=True),
    ]


def class_row(count: ClassCount) -> Row:
    """Return an error class as a row of that table."""
    waiting = count.letters - count.redriven
    return {
        "id": count.error_class,
        "error_class": count.error_class,
        "letters": count.letters,
        "letters_text": formats.number(count.letters),
        "waiting": waiting,
        "waiting_text": formats.number(waiting),
        "came_back": count.came_back,
        "came_back_text": formats.number(count.came_back),
        "first": count.first_ms,
        "first_text": formats.instant(count.first_ms).partition(".")[0],
        "last": count.last_ms,
        "last_text": formats.instant(count.last_ms).partition(".")[0],
    }


def letter_columns() -> list[Column]:
    """Return the columns of the table of letters."""
    return [
        Column("time", tr("Time", "Horário"), "time"),
        Column("source", tr("Source", "Origem"), "open"),
        Column("error_class", tr("Class", "Classe"), "text", wide=True),
        Column("reason", tr("Reason", "Motivo"), "fill"),
        Column("size", tr("Size", "Tamanho"), "shown", right=True, wide=True),
        Column("condition", tr("State", "Estado"), "badge"),
    ]


def letter_row(letter: Letter, survey: Survey) -> Row:
    """Return a letter as a row of that table."""
    day, clock = formats.instant(letter.time_ms).partition(" ")[::2]
    time, _, ms = clock.partition(".")
    condition = condition_of(letter, survey)
    return {
        "id": str(letter.source),
        "time": letter.time_ms,
        "time_day": day,
        "time_text": time,
        "time_ms": f".{ms}" if ms else "",
        "source": str(letter.source),
        "error_class": letter.error_class,
        "reason": preview(masked_bytes(letter.reason)),
        "size": letter.size,
        "size_text": formats.size(letter.size),
        "condition": condition_text(condition),
        "condition_tone": CONDITION_TONES[condition],
    }


def no_letter(seen: Seen[Letters], survey: Survey | None, wanted: Wanted) -> str:
    """Return why there is no letter to show."""
    if seen.value is None:
        if seen.failing_since_ms is None:
            return tr("Reading the dead letters…", "Lendo a DLQ…")
        return tr(
            "The dead letters could not be read yet; trying again.",
            "A DLQ ainda não pôde ser lida; nova tentativa em seguida.",
        )
    if survey is None:
        return tr("There is no topic of dead letters yet.", "Ainda não há tópico de DLQ.")
    if survey.letters and wanted != Wanted():
        return tr("No letter fits the filters.", "Nenhuma mensagem corresponde aos filtros.")
    return tr(
        "No dead letters: every message of {topic} could be processed so far.",
        "DLQ vazia: até agora todas as mensagens de {topic} puderam ser processadas.",
        topic=survey.topic,
    )


def counted(page: Page, survey: Survey | None) -> str:
    """Return how many letters fit, and what else stands in their topic; nothing of no topic."""
    if survey is None:
        return ""
    said = [_letters(page)]
    if survey.repeated:
        n = formats.number(survey.repeated)
        said.append(tr("repeated: {n}", "repetidas: {n}", n=n))
    if survey.foreign:
        n = formats.number(survey.foreign)
        said.append(tr("records that are no letter: {n}", "registros de outra forma: {n}", n=n))
    return " · ".join(said)


def _letters(page: Page) -> str:
    if page.total == 1:
        return tr("1 letter", "1 mensagem")
    return tr(
        "{n} letters, page {page} of {pages}",
        "{n} mensagens, página {page} de {pages}",
        n=formats.number(page.total),
        page=page.number,
        pages=page.pages,
    )


def choice_text(choice: Choice, topic: str) -> str:
    """Return what a redrive will send, to where, and what it leaves out and why."""
    counts = ", ".join(f"{name} {formats.number(n)}" for name, n in choice.by_class().items())
    said = [
        tr(
            "To send back to {topic}: {n} ({counts}).",
            "A reenviar para {topic}: {n} ({counts}).",
            topic=topic,
            n=formats.number(len(choice.letters)),
            counts=counts,
        )
        if choice.letters
        else tr("Nothing to redrive.", "Nada a reenviar.")
    ]
    if choice.came_back:
        said.append(
            tr(
                "Came back from an earlier redrive and stay: {n}.",
                "Voltaram de um reenvio anterior e ficam: {n}.",
                n=formats.number(choice.came_back),
            )
        )
    if choice.omitted:
        said.append(
            tr(
                "Stay because a part of them was too large to keep: {n}.",
                "Ficam porque uma parte era grande demais para guardar: {n}.",
                n=formats.number(choice.omitted),
            )
        )
    return " ".join(said)
