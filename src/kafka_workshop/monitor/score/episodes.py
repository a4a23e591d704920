"""Episodes: the labels that belong together, and which alerts lie across them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from kafka_workshop.domain.label import Scenario
from kafka_workshop.monitor.score.known import Fraud, Raised


class Span(NamedTuple):
    """The part of an account, or terminal, in an episode: from its first to its last label."""

    first: int
    last: int

    def overlaps(self, alert: Raised) -> bool:
        """Return whether the alert's window and this have an instant in common."""
        return alert.start <= self.last and self.first <= alert.end

    def contains(self, instant: int) -> bool:
        """Return whether an instant, milliseconds UTC, lies in it."""
        return self.first <= instant <= self.last


class Episode(NamedTuple):
    """One episode.

    Attributes:
        available_at: when the first of its labels became available, milliseconds UTC.
        last: event time of its last labelled transaction, milliseconds UTC.
        spans: account -> its part; `terminals`: the same of the terminals that its labels name.
    """

    scenario: Scenario
    available_at: int
    last: int
    spans: Mapping[str, Span]
    terminals: Mapping[str, Span]


def episodes_of(labels: Iterable[Fraud]) -> list[Episode]:
    """Return the episodes, in no order."""
    together: dict[tuple[Scenario, str], list[Fraud]] = defaultdict(list)
    for label in labels:
        together[label.scenario, label.episode_id].append(label)
    return [_episode(scenario, own) for (scenario, _), own in together.items()]


def _episode(scenario: Scenario, labels: list[Fraud]) -> Episode:
    return Episode(
        scenario,
        min(label.available_at for label in labels),
        max(label.occurred_at for label in labels),
        _spans((label.account_id, label.occurred_at) for label in labels),
        _spans((label.terminal_id, label.occurred_at) for label in labels if label.terminal_id),
    )


def _spans(labelled: Iterable[tuple[str, int]]) -> dict[str, Span]:
    times: dict[str, list[int]] = defaultdict(list)
    for key, instant in labelled:
        times[key].append(instant)
    return {key: Span(min(own), max(own)) for key, own in times.items()}


class Matches:
    """Which alerts lie across which episodes.

    One about an account, if its window overlaps an episode of the account. One about a place, if
    its window overlaps an episode whose labels name the place, or if the transaction that tripped
    it belongs to an episode: labels name no merchant on the internet.
    """

    def __init__(self, alerts: Iterable[Raised], episodes: Iterable[Episode]) -> None:
        self._of_account: dict[str, list[Raised]] = defaultdict(list)
        self._of_place: dict[str, list[Raised]] = defaultdict(list)
        for alert in alerts:
            self._of_account[alert.account_id].append(alert)
            if alert.place:
                self._of_place[alert.place].append(alert)
        self._accounts: dict[str, list[Span]] = defaultdict(list)
        self._terminals: dict[str, list[Span]] = defaultdict(list)
        for episode in episodes:
            for spans, own in (
                (self._accounts, episode.spans),
                (self._terminals, episode.terminals),
            ):
                for key, span in own.items():
                    spans[key].append(span)

    def is_right(self, alert: Raised) -> bool:
        """Return whether the alert lies across an episode."""
        return any(
            _concerns(alert, span) for span in self._accounts.get(alert.account_id, ())
        ) or any(span.overlaps(alert) for span in self._terminals.get(alert.place, ()))

    def in_time(self, episode: Episode) -> Iterator[Raised]:
        """Yield the alerts across an episode that were raised before it was known."""
        for account, span in episode.spans.items():
            for alert in self._of_account.get(account, ()):
                if alert.end < episode.available_at and _concerns(alert, span):
                    yield alert
        for terminal, span in episode.terminals.items():
            for alert in self._of_place.get(terminal, ()):
                if alert.end < episode.available_at and span.overlaps(alert):
                    yield alert


def _concerns(alert: Raised, span: Span) -> bool:
    """Return whether an alert lies across the part of the account that tripped it."""
    return span.contains(alert.end) if alert.place else span.overlaps(alert)
