"""The score as the console knows it: read on, judged, and stored where others see it."""

from collections.abc import Callable
from dataclasses import dataclass

from kafka_workshop.console.keeper import Rhythm, Seen, Stopped, Stopping
from kafka_workshop.logs import Logger
from kafka_workshop.monitor.score.judge import judge
from kafka_workshop.monitor.score.result import Score
from kafka_workshop.monitor.score.sources import Topics

# To judge a hundred thousand alerts takes a second or two: then it is done less often.
RHYTHM = Rhythm(seconds=5.0, rest=9.0)
STALE_SECONDS = 60.0


@dataclass(frozen=True)
class Scored:
    """A score, and what it could not be taken from.

    Attributes:
        missing: names of those of its topics that don't exist yet.
        labels: the name of the labels' topic.
        undecodable: records that are no alert and no label.
    """

    score: Score
    missing: tuple[str, ...] = ()
    labels: str = ""
    undecodable: int = 0


class Scores:
    """Takes the score of a group about a topic, reading only what is new; from one thread."""

    def __init__(self, servers: tuple[str, ...], topic: str, group: str) -> None:
        self._topics = Topics(servers, topic, group)

    def look(self, stopping: Stopping) -> Scored:
        """Read on and judge what is known; what was read when it stops is kept.

        Raises:
            Stopped: it was `stopping` meanwhile.
            BrokersUnavailable: no broker answered.
            Unavailable: a partition has no leader now, or nothing came for half a minute.
        """

        def on_read(_count: int) -> None:
            if stopping():
                raise Stopped

        topics = self._topics
        known = topics.read_on(on_read)
        on_read(0)
        missing = tuple(topics.missing)
        return Scored(judge(known), missing, topics.labels, topics.undecodable)


class Publisher:
    """Stores a score whenever it is another one, once there is anything to judge."""

    def __init__(self, put: Callable[[Score], None], logger: Logger) -> None:
        self._put, self._logger = put, logger
        self._stored: Score | None = None
        self._failing = False

    def offer(self, seen: Seen[Scored]) -> None:
        """Store the score if it is new; what fails is tried again after the next look."""
        score = seen.value.score if seen.value else None
        if score is None or not score.is_mature or score == self._stored:
            return
        try:
            self._put(score)
        except Exception as error:  # noqa: BLE001 - the page goes on, whatever became of its copy
            self._complain(str(error) or repr(error))
            return
        if self._failing:
            self._logger.info("score_published")
        self._failing, self._stored = False, score

    def _complain(self, reason: str) -> None:
        if not self._failing:
            self._logger.warning("score_not_published", reason=reason)
        self._failing = True
