"""Ledger: acknowledged = processed + dead letters + in flight; what is lost, what is double."""

from collections.abc import Callable

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.frame import Console, ConsolePage, frame, title_row
from kafka_workshop.console.keeper import Seen
from kafka_workshop.console.pages.as_of import as_of
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import Column, Row, Stat, Table, Tone, card, muted, stats
from kafka_workshop.language import tr
from kafka_workshop.ledger import words
from kafka_workshop.ledger.balance import Balance, PartitionBalance

Show = Callable[[Seen[Balance]], None]


def register(console: Console) -> None:
    """Serve the page."""

    @ConsolePage("/ledger")
    def ledger() -> None:
        title = tr("Ledger", "Conferência")
        with frame(console, title, "/ledger") as live:
            with title_row(title):
                pass
            shown = [when(), _figures(), _words(), _partitions()]
            muted(
                tr(
                    "Acknowledged and stored, by the producers' book and the log itself; processed "
                    "and dead letters, by the count that the group commits with each offset.",
                    "Confirmadas e gravadas, pelo livro dos producers e pelo próprio log; "
                    "processadas e DLQ, pela contagem que o grupo grava com cada offset.",
                )
            )

            def show(_: View) -> None:
                for part in shown:
                    part(console.ledger.seen)

            live.on_tick(show)


def when() -> Show:
    """Draw the line that says how old the ledger is; return what brings it up to date."""
    return as_of(
        tr("Reading the log for the first time…", "Lendo o log pela primeira vez…"),
        tr(
            "Nothing could be read yet; trying again every two seconds.",
            "Nada pôde ser lido ainda; nova tentativa a cada dois segundos.",
        ),
        lambda since, at: tr(
            "No new ledger since {since}. This is what was known at {at}.",
            "Sem nova conferência desde {since}. Isto é o que se sabia às {at}.",
            since=since,
            at=at,
        ),
    )


def _figures() -> Show:
    with stats():
        acknowledged = Stat(tr("Acknowledged", "Confirmadas"))
        processed = Stat(tr("Processed", "Processadas"))
        dead = Stat(tr("Dead letters", "Na DLQ"))
        in_flight = Stat(tr("In flight", "Em trânsito"))
        lost = Stat(tr("Lost", "Perdidas"))
        duplicated = Stat(tr("Duplicated", "Duplicadas"))

    def show(seen: Seen[Balance]) -> None:
        found = seen.value
        if found is None:
            return
        runs = tr("{n} runs of producers", "{n} execuções de producers", n=found.runs)
        acknowledged.show(formats.number(found.acknowledged), runs)
        processed.show(formats.number(found.processed), found.group)
        dead.show(formats.number(found.dead))
        in_flight.show(formats.number(found.in_flight))
        lost.show(formats.number(found.lost), tone=tone_of(found.lost))
        duplicated.show(formats.number(found.duplicated), tone=tone_of(found.duplicated))

    return show


def tone_of(count: int) -> Tone:
    """Return the tone of a number that is to be zero."""
    return "bad" if count else "good"


def _words() -> Show:
    with card(tr("In words", "Em palavras")):
        text = ui.label("").classes("kw-card-foot").style("white-space:pre-line;border:0")

    def show(seen: Seen[Balance]) -> None:
        text.set_text("\n".join(_lines(seen.value)) if seen.value else formats.UNKNOWN)

    return show


def _lines(found: Balance) -> list[str]:
    return [words.line(found), *words.findings(found), *words.notes(found)]


def _partitions() -> Show:
    title = tr("By partition", "Por partição")
    with card(title):
        table = Table(
            [
                Column("partition", tr("Partition", "Partição"), right=True),
                Column("stored", tr("Stored", "Gravadas"), "shown", right=True),
                Column("processed", tr("Processed", "Processadas"), "shown", right=True),
                Column("dead", "DLQ", "shown", right=True),
                Column("in_flight", tr("In flight", "Em trânsito"), "shown", right=True),
                Column("committed", tr("Offset", "Offset"), "shown", right=True, wide=True),
                Column("state", tr("State", "Estado"), "badge"),
            ],
            label=title,
        )

    def show(seen: Seen[Balance]) -> None:
        found = seen.value.partitions if seen.value else ()
        table.show([_row(p) for p in found], tr("Nothing read yet.", "Nada lido ainda."))

    return show


def _row(partition: PartitionBalance) -> Row:
    figures = {
        "stored": partition.stored,
        "processed": partition.processed,
        "dead": partition.dead,
        "in_flight": partition.in_flight,
        "committed": partition.committed,
    }
    state, tone = _state(partition)
    row: Row = {"id": partition.partition, "partition": partition.partition}
    for name, value in figures.items():
        row |= {name: -1 if value is None else value, f"{name}_text": formats.number(value)}
    return row | {"state": state, "state_tone": tone}


def _state(partition: PartitionBalance) -> tuple[str, Tone]:
    if partition.skipped or partition.letters_missing:
        return tr("lost", "perdidas"), "bad"
    if partition.recounted:
        return tr("duplicated", "duplicadas"), "bad"
    if partition.unbooked:
        return tr("unbooked", "sem registro"), "warn"
    return tr("balanced", "confere"), "good"
