"""The alert budget: what people catch who can look at so many alerts a day, the highest first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from kafka_workshop.domain.local_time import local, national_zone
from kafka_workshop.monitor.score.episodes import Episode, Matches
from kafka_workshop.monitor.score.known import Raised
from kafka_workshop.monitor.score.result import BudgetScore

BUDGETS = (5, 10, 20, 50, 100)  # alerts a day


def budget_scores(
    alerts: Iterable[Raised], episodes: Iterable[Episode], matches: Matches, until: int
) -> tuple[BudgetScore, ...]:
    """Return what each budget of `BUDGETS` buys; policies are no part of it.

    A day of Brasília's alerts are ranked by their score, ties by id. Only what was raised up to
    `until`, milliseconds UTC, is counted as looked at; `episodes` are those whose labels are all
    there. One is caught if an alert that was looked at came in time.
    """
    ranks = _ranks(alerts)
    counted = [
        (rank, matches.is_right(alert)) for alert, rank in ranks.items() if alert.end <= until
    ]
    firsts = [_first(episode, matches, ranks) for episode in episodes]
    return tuple(
        BudgetScore(
            per_day,
            looked_at=sum(rank <= per_day for rank, _ in counted),
            right=sum(right for rank, right in counted if rank <= per_day),
            caught=sum(first is not None and first <= per_day for first in firsts),
            episodes=len(firsts),
        )
        for per_day in BUDGETS
    )


def _ranks(alerts: Iterable[Raised]) -> dict[Raised, int]:
    """Return the place of each alert among those of its day, from 1."""
    zone = national_zone()
    days: dict[date, list[Raised]] = defaultdict(list)
    for alert in alerts:
        if not alert.policy:
            days[local(alert.end, zone).date()].append(alert)
    for own in days.values():
        own.sort(key=lambda alert: (-alert.score, alert.alert_id))
    return {alert: rank for own in days.values() for rank, alert in enumerate(own, start=1)}


def _first(episode: Episode, matches: Matches, ranks: Mapping[Raised, int]) -> int | None:
    return min((ranks[alert] for alert in matches.in_time(episode)), default=None)
