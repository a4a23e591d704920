"""Follows every topic of dead letters that there is, and the markers of what was redriven."""

from collections.abc import Callable

from kafka_workshop.console.dlq.known import NEWEST, NEWEST_MARKERS, Box, Letters
from kafka_workshop.console.following import Followed, Follower
from kafka_workshop.console.keeper import Stopped, Stopping
from kafka_workshop.console.state import View
from kafka_workshop.messaging.topics import dead_letter_topic, redriven_topic

_SUFFIX = dead_letter_topic("")
# Each is a topic with its markers: somebody may name a thousand of his topics like ours.
MOST_TOPICS = 20


def sources_of(view: View) -> tuple[str, ...] | None:
    """Return the topics that have dead letters, by name; `None` before anything is known."""
    if view.snapshot is None:
        return None
    named = (topic.name for topic in view.topics if topic.name.endswith(_SUFFIX))
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in named if name != _SUFFIX))


class LetterFollower:
    """Follows the dead letters of the topics that `sources` names; from one thread."""

    def __init__(
        self, servers: tuple[str, ...], sources: Callable[[], tuple[str, ...] | None]
    ) -> None:
        self._servers, self._sources = servers, sources
        self._follower: Follower | None = None
        self._boxes: dict[str, Box] = {}
        self._shown = Letters()

    def look(self, stopping: Stopping) -> Letters:
        """Read what has come; at first all there is.

        Raises:
            Stopped: it was `stopping` meanwhile, or nobody knows yet which topics there are.
            Unavailable: no broker answered, or a partition has no leader now.
        """
        sources = self._sources()
        if sources is None:
            raise Stopped
        self._choose(sources[:MOST_TOPICS])
        if self._follower is not None:
            self._follower.read(stopping)
        if any(box.changed for box in self._boxes.values()) or self._gone():
            boxes = {name: box.shown() for name, box in self._boxes.items()}
            self._shown = Letters(self._shown.version + 1, boxes)
        return self._shown

    def _gone(self) -> bool:
        return self._shown.boxes.keys() != self._boxes.keys()

    def _choose(self, sources: tuple[str, ...]) -> None:
        if tuple(self._boxes) == sources:
            return
        self.close()
        self._boxes = {name: Box(name) for name in sources}
        if self._boxes:
            followed = [each for box in self._boxes.items() for each in _followed(*box)]
            self._follower = Follower(self._servers, *followed)

    def close(self) -> None:
        """Let go of the connections."""
        follower, self._follower = self._follower, None
        if follower is not None:
            follower.close()


def _followed(topic: str, box: Box) -> tuple[Followed, Followed]:
    letters, markers = dead_letter_topic(topic), redriven_topic(topic)
    return (
        Followed(letters, box.add, box.forget_letters, NEWEST),
        Followed(markers, box.mark, box.forget_markers, NEWEST_MARKERS),
    )
