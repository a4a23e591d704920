"""Episodes: the labels that belong together, and which alerts lie across them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from kafka_workshop.domain.label import Scenario
from kafka_workshop.monitor.score.known import Fraud, Raised


class Span(NamedTuple):
    """One account's part in an episode: from its first to its last labelled transaction."""

    first: int
    last: int

    def overlaps(self, alert: Raised) -> bool:
        """Return whether the alert's window and this have an instant in common."""
        return alert.start <= self.last and self.first <= alert.end


class Episode(NamedTuple):
    """One episode.

    Attributes:
        available_at: when the first of its labels became available, milliseconds UTC.
        last: event time of its last labelled transaction, milliseconds UTC.
        spans: account -> its part.
    """

    scenario: Scenario
    available_at: int
    last: int
    spans: Mapping[str, Span]


def episodes_of(labels: Iterable[Fraud]) -> list[Episode]:
    """Return the episodes, in no order."""
    together: dict[tuple[Scenario, str], list[Fraud]] = defaultdict(list)
    for label in labels:
        together[label.scenario, label.episode_id].append(label)
    return [_episode(scenario, own) for (scenario, _), own in together.items()]


def _episode(scenario: Scenario, labels: list[Fraud]) -> Episode:
    times: dict[str, list[int]] = defaultdict(list)
    for label in labels:
        times[label.account_id].append(label.occurred_at)
    return Episode(
        scenario,
        min(label.available_at for label in labels),
        max(label.occurred_at for label in labels),
        {account: Span(min(own), max(own)) for account, own in times.items()},
    )


class Matches:
    """Which alerts lie across which episodes."""

    def __init__(self, alerts: Iterable[Raised], episodes: Iterable[Episode]) -> None:
        self._alerts: dict[str, list[Raised]] = defaultdict(list)
        for alert in alerts:
            self._alerts[alert.account_id].append(alert)
        self._spans: dict[str, list[Span]] = defaultdict(list)
        for episode in episodes:
            for account, span in episode.spans.items():
                self._spans[account].append(span)

    def is_right(self, alert: Raised) -> bool:
        """Return whether the alert's window overlaps an episode of its account."""
        return any(span.overlaps(alert) for span in self._spans.get(alert.account_id, ()))

    def in_time(self, episode: Episode) -> Iterator[Raised]:
        """Yield the alerts across an episode that were raised before it was known."""
        for account, span in episode.spans.items():
            for alert in self._alerts.get(account, ()):
                if alert.end < episode.available_at and span.overlaps(alert):
                    yield alert
