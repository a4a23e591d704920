"""The dialog that writes a message once more: as it is or edited, to its topic or another."""

from nicegui import ui

from kafka_workshop.console.formats import size
from kafka_workshop.console.frame import Console
from kafka_workshop.console.outgoing import NotAllowed, Outgoing, parse_headers
from kafka_workshop.console.pages.produce import notify_acknowledged
from kafka_workshop.console.pages.topic_dialogs import ActionDialog
from kafka_workshop.console.records import KEPT_VALUE_BYTES, Record
from kafka_workshop.console.widgets import muted
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr


class _Part:
    """A key or value in a field: bytes that no person edits stay exactly as they are."""

    def __init__(self, label: str, shown: bytes | None, data: bytes | None, *, lines: int) -> None:
        self._data, masked = data, shown != data
        text = _text(shown)
        if masked:
            label = tr("{label} (masked, sent as it is)", "{label} (mascarado, enviado como está)",
                       label=label)  # fmt: skip
        elif data is not None and text is None:
            label = tr("{label} (binary, sent as it is)", "{label} (binário, enviado como está)",
                       label=label)  # fmt: skip
        self._before = text or ""
        if lines == 1:
            self.field: ui.input | ui.textarea = ui.input(label, value=self._before)
            self.field.props("outlined dense")
        else:
            self.field = ui.textarea(label, value=self._before)
            self.field.props(f"outlined dense rows={lines} input-class=kw-mono")
        self.field.set_enabled(not masked and (text is not None or data is None))

    def bytes(self) -> bytes | None:
        """Return what is to be sent; untouched, it is what it was, null or empty or binary."""
        text = self.field.value or ""
        return self._data if text == self._before else text.encode()


class MessageForm:
    """Key, value and headers of a message in fields; what nobody edits stays as it is."""

    def __init__(self, record: Record) -> None:
        plain = self._record = record.plain or record
        label = tr("Key", "Chave") if record.key is not None else _none(tr("Key", "Chave"))
        self.key = _Part(label, record.key, plain.key, lines=1)
        label = _none(tr("Value", "Valor")) if record.value is None else tr("Value", "Valor")
        self.value = _Part(label, record.value, plain.value, lines=6)
        self._headers_before = _header_lines(record)
        label = tr("Headers, name=value a line", "Cabeçalhos, nome=valor por linha")
        masked = record.headers != plain.headers
        if masked:
            label = tr("Headers (masked, sent as they are)",
                       "Cabeçalhos (mascarados, enviados como estão)")  # fmt: skip
        elif self._headers_before is None:
            label = tr(
                "Headers (binary, sent as they are)", "Cabeçalhos (binários, enviados como estão)"
            )
        self._headers = ui.textarea(label, value=self._headers_before or "")
        self._headers.props("outlined dense rows=2 input-class=kw-mono")
        self._headers.set_enabled(self._headers_before is not None and not masked)

    def headers(self) -> tuple[tuple[str, bytes | None], ...]:
        """Return the headers to send.

        Raises:
            NotAllowed: a line is not `name=value`.
        """
        text = self._headers.value or ""
        return self._record.headers if text == (self._headers_before or "") else parse_headers(text)


class ReproduceDialog(ActionDialog):
    """Prefilled with a message's key, value and headers; nothing else of it is sent along."""

    def __init__(self, console: Console, topic: str, record: Record) -> None:
        super().__init__(tr("Produce again", "Produzir de novo"), tr("Send", "Enviar"))
        self._console, self._record = console, record
        with self.body:
            muted(_origin(topic, record))
            targets = _targets(console, topic)
            self.target = ui.select(
                dict(enumerate(targets)), label=tr("To topic", "Para o tópico"), value=0
            )
            self.target.props("outlined dense options-dense")
            self._topics = targets
            self.form = MessageForm(record)
        self.button.on_click(self._send)
        if record.cut:
            self.fail(too_long())
            self.button.disable()

    async def _send(self) -> None:
        try:
            outgoing = self._outgoing()
        except WorkshopError as error:
            self.fail(str(error))
            return
        placed = await self.attempt(self._console.actions.produce, outgoing)
        if placed is not None:
            self.dialog.close()
            self._console.poller.hurry()
            notify_acknowledged(placed)

    def _outgoing(self) -> Outgoing:
        if self._record.cut:
            raise NotAllowed(too_long())
        topic = self._topics[int(self.target.value or 0)]
        if topic.startswith("__"):
            raise NotAllowed(
                tr("Topics of Kafka's own are not written here.",
                   "Tópicos do próprio Kafka não são gravados aqui.")
            )  # fmt: skip
        form = self.form
        return Outgoing(topic, form.key.bytes(), form.value.bytes(), form.headers())


def _targets(console: Console, topic: str) -> list[str]:
    snapshot = console.state.view.snapshot
    others = [t.name for t in snapshot.topics if not t.internal] if snapshot else []
    own = [] if topic.startswith("__") else [topic]
    return [*own, *sorted(name for name in others if name != topic)] or [topic]


def _none(label: str) -> str:
    return tr("{label} (none)", "{label} (sem)", label=label)


def _origin(topic: str, record: Record) -> str:
    return tr(
        "A copy of {topic}, partition {p}, offset {o}. It gets the time of sending; the key decides"
        " its partition; nothing in it tells where it came from.",
        "Uma cópia de {topic}, partição {p}, offset {o}. Recebe o horário do envio; a chave decide"
        " a partição; nada nela diz de onde veio.",
        topic=topic,
        p=record.partition,
        o=record.offset,
    )


def too_long() -> str:
    """Return why a message of which only the beginning is here is not sent."""
    return tr(
        "The value is longer than {limit}; only its beginning is here, so it is not sent.",
        "O valor tem mais de {limit}; só o começo está aqui, por isso não é enviado.",
        limit=size(KEPT_VALUE_BYTES),
    )


def _text(data: bytes | None) -> str | None:
    try:
        return None if data is None else data.decode()
    except UnicodeDecodeError:
        return None


def _header_lines(record: Record) -> str | None:
    """Return the headers as lines, `None` if lines can't say them exactly."""
    lines = []
    for name, data in record.headers:
        text = _text(data)
        if text is None:
            return None
        lines.append(f"{name}={text}")
    joined = "\n".join(lines)
    try:
        exact = parse_headers(joined) == record.headers
    except NotAllowed:
        return None
    return joined if exact else None
