"""What an alert's account did around it: a bounded part of the partition that raised the alert."""

from dataclasses import dataclass
from typing import Protocol

from kafka_workshop.console.reading import Query, Report, Stop
from kafka_workshop.console.records import Record
from kafka_workshop.domain.alert import Alert, Source

# So many offsets before the one that raised the alert, and after it.
BEFORE, AFTER = 3_000, 200
SHOWN = 50


class Reads(Protocol):
    """Reads a topic, as `reading.Reader` does."""

    def read(self, query: Query) -> Report:
        """Return what `query` asks for."""
        ...


@dataclass(frozen=True)
class Recent:
    """The newest of an account's or place's records around an alert, and what was read for them.

    Attributes:
        records: newest first, `SHOWN` at most.
        found: how many there were.
        scanned: messages read; `first` and `last` are the offsets at both ends of the reading.
        stopped: why it ended there.
    """

    records: tuple[Record, ...]
    found: int
    scanned: int
    first: int
    last: int
    stopped: Stop


def recent(reader: Reads, alert: Alert, source: Source) -> Recent:
    """Read around the source of an alert and keep what has its account, or place, as the key.

    Raises:
        Refused: the topic or partition does not exist, or no broker answered in time.
    """
    start = max(0, source.offset - BEFORE)
    count = source.offset + AFTER + 1 - start
    report = reader.read(Query(source.topic, "offset", source.partition, start, count))
    until = source.offset + AFTER
    records = sorted((r for r in report.records if r.offset <= until), key=lambda r: -r.offset)
    keys = {alert.account_id.encode(), alert.subject.encode()}
    theirs = [record for record in records if record.key in keys]
    first, last = (records[-1].offset, records[0].offset) if records else (start, start)
    return Recent(tuple(theirs[:SHOWN]), len(theirs), report.read, first, last, report.stopped)
