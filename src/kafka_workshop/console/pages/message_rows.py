"""Messages as rows of a table, and the sentence that says what was read to find them."""

from collections.abc import Iterable

from kafka_workshop.console import formats
from kafka_workshop.console.filtering import Path
from kafka_workshop.console.pages.message_columns import cells, column_definitions, slots
from kafka_workshop.console.payload import preview
from kafka_workshop.console.reading import Report
from kafka_workshop.console.records import Record
from kafka_workshop.console.searching import Search
from kafka_workshop.console.widgets import Column, Row, Table
from kafka_workshop.language import tr


def told(report: Report) -> str:
    """Return in one sentence what was read, of how much, and why it stopped there."""
    text = shown_text(len(report.records)) + tr(
        ". Read {read}, {size}, of about {all}",
        ". Leitura: {read}, {size}, de cerca de {all}",
        read=_messages(report.read),
        size=formats.size(report.read_bytes),
        all=formats.number(report.available),
    )
    why = {
        "end": "",
        "messages": tr("the limit of messages", "no limite de mensagens"),
        "bytes": tr("the limit of bytes", "no limite de bytes"),
        "seconds": tr("the limit of seconds", "no limite de segundos"),
        "cancelled": tr("your word", "a seu pedido"),
    }[report.stopped]
    return text + (tr("; stopped at {why}.", "; parou {why}.", why=why) if why else ".")


def told_search(search: Search, *, compacted: bool = False) -> str:
    """Return in one sentence what a search found, in how many messages of how many, and why so."""
    gaps = search.gaps or compacted
    text = tr(
        "{found} found in {read}",
        "{found} em {read}",
        found=_found(len(search.found)),
        read=_messages(search.read)
        if search.stopped == "end"
        else tr(
            "{read} of {about}{all} messages",
            "{read} de {about}{all} mensagens",
            read=formats.number(search.read),
            about=tr("about ", "cerca de ") if gaps else "",
            all=formats.number(search.estimated),
        ),
    )
    return text + _why(search) + (_estimate() if gaps and search.stopped != "end" else "")


def _found(n: int) -> str:
    if n == 1:
        return tr("1", "1 encontrada")
    return tr("{n}", "{n} encontradas", n=formats.number(n))


def _why(search: Search) -> str:
    return {
        None: "…",
        "end": tr("; all were read.", "; todas foram lidas."),
        "found": tr("; stopped with enough found.", "; parou com o bastante encontrado."),
        "messages": tr("; stopped at the limit of messages.", "; parou no limite de mensagens."),
        "bytes": tr("; stopped at the limit of bytes.", "; parou no limite de bytes."),
        "seconds": tr("; stopped at the limit of seconds.", "; parou no limite de segundos."),
        "cancelled": tr("; stopped at your word.", "; parou a seu pedido."),
    }[search.stopped]


def _estimate() -> str:
    return tr(
        " An estimate: transactions or compaction leave gaps in the offsets.",
        " Uma estimativa: transações ou compactação deixam lacunas nos offsets.",
    )


def none_found(search: Search) -> str:
    """Return why the table of a search is empty."""
    if search.stopped == "end":
        return tr("No message is like that.", "Nenhuma mensagem é assim.")
    return tr("None found so far.", "Nenhuma encontrada até aqui.")


def shown_text(n: int) -> str:
    """Return how many messages a page shows."""
    if n == 1:
        return tr("1 shown", "1 mostrada")
    return tr("{n} shown", "{n} mostradas", n=formats.number(n))


def _messages(n: int) -> str:
    if n == 1:
        return tr("1 message", "1 mensagem")
    return tr("{n} messages", "{n} mensagens", n=formats.number(n))


def no_messages(mode: str) -> str:
    """Return why the table is empty."""
    if mode == "newest":
        return tr(
            "No messages yet. Produce one, or start the producer.",
            "Nenhuma mensagem ainda. Produza uma ou inicie o produtor.",
        )
    return tr("No messages from there on.", "Nenhuma mensagem a partir dali.")


def message_table() -> Table:
    """Return an empty table of messages, ready for every column of a field there may be."""
    table = Table([*_columns(()), *slots()], label=tr("Messages", "Mensagens"), paged=True)
    table.element.columns = [column.definition() for column in _columns(())]
    table.element.selection = "multiple"
    for place, what in (("header", tr("All", "Todas")), ("body", tr("Choose", "Escolher"))):
        box = f'<q-checkbox v-model="props.selected" dense aria-label="{what}" />'
        table.element.add_slot(f"{place}-selection", box)
    return table


def show_columns(table: Table, paths: tuple[Path, ...], rows: Iterable[Row] = ()) -> None:
    """Let the table have a column for each of `paths`, instead of the whole value if there are."""
    wanted = [column.definition() for column in _columns(paths, rows)]
    if table.element.columns != wanted:
        table.element.columns = wanted


def _columns(paths: tuple[Path, ...], rows: Iterable[Row] = ()) -> list[Column]:
    value = [Column("value", tr("Value", "Valor"), "fill")]
    return [
        Column("time", tr("Time", "Horário"), "time"),
        Column("partition", tr("Part.", "Part."), right=True),
        Column("offset", "Offset", "open", right=True),
        Column("key", tr("Key", "Chave"), "code", wide=True),
        *(column_definitions(paths, rows) or value),
        Column("size", tr("Size", "Tamanho"), "shown", right=True, wide=True),
    ]


def record_id(record: Record) -> str:
    """Return what names `record` within its topic."""
    return f"{record.partition}-{record.offset}"


def row(record: Record, paths: tuple[Path, ...] = ()) -> Row:
    """Return `record` as a row of the table, with what stands at `paths` of its value."""
    day, _, clock = formats.instant(record.timestamp_ms).partition(" ")
    return {
        "id": record_id(record),
        "time": record.timestamp_ms or 0,
        "time_day": day if clock else "",
        "time_text": clock[:8] if clock else day,
        "time_ms": clock[8:],
        "partition": record.partition,
        "offset": record.offset,
        "key": "∅" if record.key is None else preview(record.key, 60),
        "value": "∅" if record.value is None else preview(record.value, 200),
        "size": record.size,
        "size_text": formats.size(record.size),
        **cells(record, paths),
    }
