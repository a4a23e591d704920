"""The newest dead letters of each topic and when they were redriven, folded from records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.dlq.letter import Letter, Source
from kafka_workshop.messaging.dlq.survey import Survey

# Of each partition of a dead-letter topic, and of the topic of markers.
NEWEST, NEWEST_MARKERS = 5_000, 60_000
LIMIT = 20_000
Condition = Literal["waiting", "redriven", "came_back", "incomplete"]
CONDITIONS: tuple[Condition, ...] = ("waiting", "redriven", "came_back", "incomplete")


@dataclass(frozen=True)
class Letters:
    """What is known of the dead letters now.

    Attributes:
        version: grows with every change.
        boxes: by the topic that the messages came from: its letters, nothing in them changes.
    """

    version: int = 0
    boxes: Mapping[str, Survey] = field(default_factory=dict)


def condition_of(letter: Letter, survey: Survey) -> Condition:
    """Return how it stands with a letter; what was redriven is that before all else."""
    if letter.source in survey.redriven:
        return "redriven"
    if letter.omitted:
        return "incomplete"
    return "came_back" if letter.redrive_count else "waiting"


class Box:
    """Folds the records of one dead-letter topic and of its markers; holds the newest `limit`."""

    def __init__(self, topic: str, limit: int = LIMIT) -> None:
        self._limit = limit
        self._survey = Survey(topic)
        self._shown: Survey | None = None

    def add(self, record: Message) -> None:
        """Take in a record of the dead-letter topic."""
        self._shown = None
        self._survey.add(record)
        letters = self._survey.letters
        if len(letters) > 2 * self._limit:
            newest = self._survey.of_class(None)[-self._limit :]
            self._survey.letters = {letter.source: letter for letter in newest}

    def mark(self, record: Message) -> None:
        """Take in a record of the topic of markers."""
        self._shown = None
        self._survey.mark(record)
        redriven = self._survey.redriven
        if len(redriven) > 2 * NEWEST_MARKERS:
            self._survey.redriven = _newest(redriven)

    def forget_letters(self) -> None:
        """Begin the letters anew, because their topic did."""
        self._shown = None
        self._survey = Survey(self._survey.topic, redriven=self._survey.redriven)

    def forget_markers(self) -> None:
        """Begin the markers anew, because their topic did."""
        self._shown = None
        self._survey.redriven = {}

    @property
    def changed(self) -> bool:
        """Whether anything has come since it was last shown."""
        return self._shown is None

    def shown(self) -> Survey:
        """Return what is known as a value of its own."""
        if self._shown is None:
            known = self._survey
            letters, redriven = dict(known.letters), dict(known.redriven)
            self._shown = Survey(known.topic, letters, redriven, known.repeated, known.foreign)
        return self._shown


def _newest(redriven: dict[Source, int]) -> dict[Source, int]:
    return dict(list(redriven.items())[-NEWEST_MARKERS:])
