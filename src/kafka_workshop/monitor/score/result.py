"""What a score says, as values that are their own JSON: counts, from which the shares follow."""

from typing import Any

import msgspec
from msgspec import Struct

from kafka_workshop.domain.label import Scenario
from kafka_workshop.domain.rulebook import RULES

_PLACES = {name: place for place, name in enumerate(RULES)}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def in_order(rule: tuple[str, bool]) -> tuple[bool, int, str]:
    """Sort rules (name, policy) as the registry has them: policies last, foreign ones behind."""
    name, policy = rule
    return policy, _PLACES.get(name, len(_PLACES)), name


class RuleScore(Struct, frozen=True):
    """One rule: how many alerts, and how many of them lie across an episode of their account.

    `alone` is its marginal contribution: the episodes that no other rule caught in time.
    """

    rule: str
    policy: bool
    alerts: int
    right: int
    alone: int = 0

    @property
    def precision(self) -> float | None:
        """The share that is right; None without alerts."""
        return _share(self.right, self.alerts)


class ScenarioScore(Struct, frozen=True):
    """One scenario: how many episodes, how many were caught in time, and by which rules."""

    scenario: Scenario
    episodes: int
    caught: int
    by_rule: dict[str, int]

    @property
    def recall(self) -> float | None:
        """The share that was caught; None without episodes."""
        return _share(self.caught, self.episodes)


class CardPrecision(Struct, frozen=True):
    """Of the first `k` accounts of each of so many `days`, how many were defrauded that day."""

    k: int
    days: int
    looked_at: int
    defrauded: int

    @property
    def precision(self) -> float | None:
        """The share of those looked at; None if there was nobody to look at."""
        return _share(self.defrauded, self.looked_at)


class BudgetScore(Struct, frozen=True):
    """What is caught if at most `per_day` alerts of a day are looked at, the highest first.

    `looked_at` and `right` are alerts, `caught` and `episodes` episodes.
    """

    per_day: int
    looked_at: int
    right: int
    caught: int
    episodes: int

    @property
    def precision(self) -> float | None:
        """The share of those looked at that is right; None without alerts."""
        return _share(self.right, self.looked_at)

    @property
    def recall(self) -> float | None:
        """The share of the episodes that is caught; None without episodes."""
        return _share(self.caught, self.episodes)


class Score(Struct, frozen=True):
    """The whole score; only what occurred up to `complete_until` counts.

    Attributes:
        since, complete_until: event times, milliseconds UTC; complete_until is 0 as long as
            nobody has said how far labels are complete.
        days: for how many days of event time it speaks.
        rules: those with an alert, policies among them.
        scenarios: those with an episode; caught is what rules did that are no policy.
        waiting: alerts that are too new to judge.
        budgets: what so many alerts a day catch; none in what an older version stored.
    """

    since: int
    complete_until: int
    days: float
    rules: tuple[RuleScore, ...]
    scenarios: tuple[ScenarioScore, ...]
    cards: CardPrecision
    waiting: int
    budgets: tuple[BudgetScore, ...] = ()

    @property
    def is_mature(self) -> bool:
        """Whether there is anything to judge yet."""
        return bool(self.rules or self.scenarios)

    @property
    def alerts(self) -> int:
        """Alerts of all rules that are no policy."""
        return sum(rule.alerts for rule in self.rules if not rule.policy)

    @property
    def right(self) -> int:
        """Those among them that lie across an episode."""
        return sum(rule.right for rule in self.rules if not rule.policy)

    @property
    def precision(self) -> float | None:
        """Alert precision, policies apart."""
        return _share(self.right, self.alerts)

    @property
    def recall(self) -> float | None:
        """Episode recall over all scenarios."""
        caught = sum(scenario.caught for scenario in self.scenarios)
        return _share(caught, sum(scenario.episodes for scenario in self.scenarios))

    def a_day(self, alerts: int) -> float | None:
        """Return a number of alerts as a rate a day of event time."""
        return alerts / self.days if self.days else None


def as_json(score: Score) -> dict[str, Any]:
    """Return the score for programs: its counts, and the shares that follow from them."""
    built: dict[str, Any] = msgspec.to_builtins(score)
    for row, rule in zip(built["rules"], score.rules, strict=True):
        row |= {"precision": rule.precision, "a_day": score.a_day(rule.alerts)}
    for row, scenario in zip(built["scenarios"], score.scenarios, strict=True):
        row["recall"] = scenario.recall
    for row, budget in zip(built["budgets"], score.budgets, strict=True):
        row |= {"precision": budget.precision, "recall": budget.recall}
    built["cards"]["precision"] = score.cards.precision
    return built | {
        "recall": score.recall,
        "precision": score.precision,
        "alerts": score.alerts,
        "alerts_a_day": score.a_day(score.alerts),
    }
