"""The replay itself: rows in the file's order, labels when event time has reached them.

Event time is that of the latest transaction so far. A row that is earlier than one before it is
sent where it stands, without waiting: the file says in which order things were heard of, and what a
stream does with late events is part of what is looked at. After the last row event time stands
still, so the labels that are still held follow at once.
"""

from collections.abc import Callable
from itertools import islice
from typing import Protocol

from msgspec import Struct

from kafka_workshop.domain.label import Label
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.language import tr
from kafka_workshop.replay.convert import DAY_MS, BadRow, converted
from kafka_workshop.replay.held import Held
from kafka_workshop.replay.mapping import InvalidMapping, Mapping
from kafka_workshop.replay.pace import EventPace
from kafka_workshop.replay.rejects import Rejects
from kafka_workshop.replay.rows import Row, Rows
from kafka_workshop.shutdown import Stop

# As the producer's: how often labels are said to be complete, in event time.
COMPLETE_EVERY_MS = 3_600_000
_LOOKED_AT = 100


class Sink(Protocol):
    """Where a replay goes."""

    def transaction(self, said: Transaction, line: int, /) -> None:
        """Send a transaction, that of the row that ends on this line."""

    def label(self, said: Label, line: int, /) -> None:
        """Send a label, because event time has come as far as this line's row."""

    def complete(self, until: int) -> None:
        """Say, behind the labels so far, that of what occurred up to then no label is missing."""

    def show(self) -> None:
        """Take in what was answered meanwhile.

        Raises:
            WorkshopError: something can't be sent.
        """


class Journey(Struct):
    """How far a replay is.

    Attributes:
        rows: those with a transaction, also those that were left out as sent before.
        line: the last line whose row was handed over.
        transactions, labels: handed over.
        late: rows that are earlier than one before them, and by how much at most.
        first, latest: event times, milliseconds UTC.
        ended: whether the file's end was reached.
    """

    rows: int = 0
    line: int = 0
    transactions: int = 0
    labels: int = 0
    late: int = 0
    most_late_ms: int = 0
    first: int = 0
    latest: int = 0
    ended: bool = False


def examine(rows: Rows, mapping: Mapping, latest: int | None = None) -> None:
    """Refuse a mapping that can't work, before anything is sent.

    Raises:
        InvalidMapping: a column is missing, there is no row, or the first rows are all refused.
    """
    mapping.check(rows.header)
    first: tuple[int, BadRow] | None = None
    count = 0
    for line, row in islice(rows, _LOOKED_AT):
        count += 1
        try:
            _said(row, mapping, line, latest)
        except BadRow as bad:
            first = first or (line, bad)
        else:
            return
    if first is None:
        raise InvalidMapping(
            tr("the file has no row below its header", "o arquivo não tem linhas após o cabeçalho")
        )
    raise InvalidMapping(
        tr(
            "the mapping reads none of the first {n} rows; line {line}: {why}",
            "o mapeamento não lê nenhuma das primeiras {n} linhas; linha {line}: {why}",
            n=count,
            line=first[0],
            why=first[1],
        )
    )


def _said(
    row: Row | BadRow, mapping: Mapping, line: int, latest: int | None
) -> tuple[Transaction, Label | None]:
    if isinstance(row, BadRow):
        raise row
    said = converted(row, mapping, line)
    if latest is not None and said[0].occurred_at > latest:
        column = mapping.columns.time
        raise BadRow(
            tr(
                "{column}={text!r}: in the future, which the monitor refuses",
                "{column}={text!r}: no futuro, o que o monitor recusa",
                column=column,
                text=row[column][:40],
            )
        )
    return said


class Replay:
    """One replay; `after_line` leaves out, as sent before, rows up to there.

    `latest` is the last event time, milliseconds UTC, that is no future; None: nobody looks.

    Attributes:
        journey: how far it is.
    """

    def __init__(
        self,
        mapping: Mapping,
        sink: Sink,
        rejects: Rejects,
        pace: EventPace,
        after_line: int = 0,
        latest: int | None = None,
    ) -> None:
        self.journey = Journey()
        self._mapping, self._sink, self._rejects = mapping, sink, rejects
        self._pace, self._after_line = pace, after_line
        self._latest = latest
        self._held = Held()
        self._delay_ms = mapping.labels.delay_days * DAY_MS
        # Of a file without labels nobody can say that none is missing.
        self._labelled = mapping.columns.fraud is not None

    def run(self, rows: Rows, stop: Stop, idle: Callable[[], None]) -> None:
        """Send everything, or as much as there is time for; `idle` is called now and then.

        Raises:
            UserError: too many labels wait, or the rejects can't be written.
            WorkshopError: the sink can't send.
        """
        for line, row in rows:
            try:
                transaction, label = _said(row, self._mapping, line, self._latest)
            except BadRow as bad:
                self._rejects.add(line, str(bad))
                continue
            if not self._take(line, transaction, stop, idle):
                return
            if label is not None:
                self._held.hold(label)
        self._finish()

    def _take(
        self, line: int, transaction: Transaction, stop: Stop, idle: Callable[[], None]
    ) -> bool:
        """Hand over a row's transaction, and before it the labels of its time."""
        sent_before = line <= self._after_line
        at = transaction.occurred_at
        if not sent_before and not self._pace.wait(at, stop, lambda: self._show(idle)):
            return False
        if stop.requested:
            return False
        before = self.journey.latest
        self._note(line, at)
        due = list(self._held.until(self.journey.latest))
        if not sent_before:
            self._tell(due, line)
            self._say_complete(before)
            self._sink.transaction(transaction, line)
            self.journey.transactions += 1
            self._show(idle)
        return True

    def _show(self, idle: Callable[[], None]) -> None:
        self._sink.show()
        idle()

    def _note(self, line: int, at: int) -> None:
        journey = self.journey
        journey.rows, journey.line = journey.rows + 1, line
        journey.first = journey.first or at
        if at < journey.latest:
            journey.late += 1
            journey.most_late_ms = max(journey.most_late_ms, journey.latest - at)
        journey.latest = max(journey.latest, at)

    def _tell(self, due: list[Label], line: int) -> None:
        for label in due:
            self._sink.label(label, line)
        self.journey.labels += len(due)

    def _say_complete(self, before: int) -> None:
        """Say how far labels are complete, if an hour of event time has begun."""
        hour = self.journey.latest // COMPLETE_EVERY_MS
        until = hour * COMPLETE_EVERY_MS - self._delay_ms
        begun = hour > before // COMPLETE_EVERY_MS
        if begun and until >= self.journey.first and self._labelled:
            self._sink.complete(until)

    def _finish(self) -> None:
        self._tell(list(self._held.until()), self.journey.line + 1)
        if self.journey.rows and self._labelled:
            self._sink.complete(self.journey.latest)
        self.journey.ended = True
