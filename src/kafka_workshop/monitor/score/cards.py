"""Card precision at k: of the accounts that one would look at each day, how many were defrauded.

After the card precision of Le Borgne et al., Reproducible Machine Learning for Credit Card Fraud
Detection, 2022, chapter 4: there every card has a score; here only who has an alert is looked at,
so of fewer than k all are.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from kafka_workshop.domain.local_time import local, national_zone
from kafka_workshop.monitor.score.known import Fraud, Raised
from kafka_workshop.monitor.score.result import CardPrecision


def card_precision(
    alerts: Iterable[Raised], labels: Iterable[Fraud], complete_until: int, k: int
) -> CardPrecision:
    """Return the precision over the days of Brasília that ended by `complete_until`.

    Each day's accounts are ranked by the highest score of the alerts raised on it, ties by id. Who
    was known to be defrauded when the day began is left out.
    """
    highest: dict[date, dict[str, float]] = defaultdict(dict)
    for alert in alerts:
        if alert.place:
            continue  # a terminal is looked at, not the account
        scores = highest[_day(alert.end)]
        scores[alert.account_id] = max(alert.score, scores.get(alert.account_id, 0.0))
    struck: set[tuple[date, str]] = set()
    known: dict[str, int] = {}
    for label in labels:
        struck.add((_day(label.occurred_at), label.account_id))
        since = known.get(label.account_id, label.available_at)
        known[label.account_id] = min(since, label.available_at)
    days = looked_at = defrauded = 0
    for day, scores in highest.items():
        begin, end = _begin(day), _begin(day + timedelta(days=1))
        if end > complete_until:
            continue
        fresh = [a for a in scores if known.get(a, end) > begin]
        chosen = sorted(fresh, key=lambda account: (-scores[account], account))[:k]
        days += 1
        looked_at += len(chosen)
        defrauded += sum((day, account) in struck for account in chosen)
    return CardPrecision(k, days, looked_at, defrauded)


def _day(instant: int) -> date:
    return local(instant, national_zone()).date()


def _begin(day: date) -> int:
    begin = datetime(day.year, day.month, day.day, tzinfo=national_zone())
    return int(begin.timestamp()) * 1000
