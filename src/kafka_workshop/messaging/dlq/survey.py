"""What the dead-letter topic holds, each source once: counted by error class, chosen to redrive.

Pure: no Kafka. Payloads are not kept, so that a survey fits in memory whatever the letters hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.dlq.letter import Letter, Source, letter_of


@dataclass(frozen=True, slots=True)
class ClassCount:
    """The letters of one error class; times are milliseconds UTC."""

    error_class: str
    letters: int
    redriven: int
    came_back: int
    first_ms: int
    last_ms: int


@dataclass
class Survey:
    """The distinct letters of one topic, and when each was redriven (milliseconds UTC).

    A consumer that is killed between dead-lettering a message and committing it dead-letters it
    again: letters of one source are one letter, and `repeated` counts the others. Records that are
    no letters of the topic are only counted, in `foreign`.
    """

    topic: str
    letters: dict[Source, Letter] = field(default_factory=dict)
    redriven: dict[Source, int] = field(default_factory=dict)
    repeated: int = 0
    foreign: int = 0

    def add(self, record: Message) -> None:
        """Take in a record of the dead-letter topic."""
        letter = letter_of(record, self.topic)
        if letter is None:
            self.foreign += 1
        elif letter.source in self.letters:
            self.repeated += 1
            first = self.letters[letter.source]
            self.letters[letter.source] = min(first, letter, key=_age)
        else:
            self.letters[letter.source] = letter

    def mark(self, record: Message) -> None:
        """Take in a record of the topic of markers: its key is the source of what was redriven."""
        source = Source.parse((record.key or b"").decode(errors="replace"))
        if source is not None and record.value is not None:
            self.redriven[source] = record.timestamp_ms

    def of_class(self, error_class: str | None) -> list[Letter]:
        """Return the letters of an error class (of all, without one), the oldest first."""
        found = (x for x in self.letters.values() if error_class in (None, x.error_class))
        return sorted(found, key=_age)

    def by_class(self) -> list[ClassCount]:
        """Return what each error class has, most letters first."""
        classes = {letter.error_class for letter in self.letters.values()}
        counts = (self._count(name, self.of_class(name)) for name in classes)
        return sorted(counts, key=lambda c: (-c.letters, c.error_class))

    def _count(self, error_class: str, letters: list[Letter]) -> ClassCount:
        return ClassCount(
            error_class,
            len(letters),
            sum(letter.source in self.redriven for letter in letters),
            sum(letter.redrive_count > 0 for letter in letters),
            letters[0].time_ms,
            letters[-1].time_ms,
        )

    def choose(
        self, error_class: str | None, again: bool, only: frozenset[Source] | None = None
    ) -> "Choice":
        """Return what a redrive sends: of an error class (of all, without one), or `only` some.

        What was redriven never goes twice. What came back from an earlier redrive goes only if
        `again`, so that a message which still can't be decoded does not go round for ever.
        """
        wanted = [x for x in self.of_class(error_class) if only is None or x.source in only]
        left = [x for x in wanted if x.source not in self.redriven]
        came_back = [x for x in left if x.redrive_count > 0 and not again]
        rest = [x for x in left if x.redrive_count == 0 or again]
        omitted = [x for x in rest if x.omitted]
        return Choice([x for x in rest if not x.omitted], len(came_back), len(omitted))


@dataclass(frozen=True, slots=True)
class Choice:
    """The letters to send, the oldest first, and how many others are left out and why."""

    letters: list[Letter]
    came_back: int
    omitted: int

    def by_class(self) -> dict[str, int]:
        """Return error class -> how many, in alphabetical order."""
        return counted(letter.error_class for letter in self.letters)


def counted(names: Iterable[str]) -> dict[str, int]:
    """Return how often each name comes, in alphabetical order.

    >>> counted(["b", "a", "b"])
    {'a': 1, 'b': 2}
    """
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items()))


def _age(letter: Letter) -> tuple[int, int, int]:
    return (letter.time_ms, letter.partition, letter.offset)
