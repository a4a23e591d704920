"""Messages as rows of a table, and the sentence that says what was read to find them."""

from kafka_workshop.console import formats
from kafka_workshop.console.payload import preview
from kafka_workshop.console.reading import Report
from kafka_workshop.console.records import Record
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
    """Return an empty table of messages."""
    columns = [
        Column("time", tr("Time", "Horário"), "time"),
        Column("partition", tr("Part.", "Part."), right=True),
        Column("offset", "Offset", "open", right=True),
        Column("key", tr("Key", "Chave"), "code", wide=True),
        Column("value", tr("Value", "Valor"), "fill"),
        Column("size", tr("Size", "Tamanho"), "shown", right=True, wide=True),
    ]
    return Table(columns, label=tr("Messages", "Mensagens"), paged=True)


def record_id(record: Record) -> str:
    """Return what names `record` within its topic."""
    return f"{record.partition}-{record.offset}"


def row(record: Record) -> Row:
    """Return `record` as a row of the table."""
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
    }
