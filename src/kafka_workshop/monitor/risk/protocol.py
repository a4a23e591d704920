"""The protocol of the Fraud Detection Handbook: which days are judged, and what each figure is.

Seven days of training, seven of delay, seven of test. A model was trained with what occurred in
the first and was known when the last began. Judged are the days of test, as an investigator meets
them: who is already known to be defrauded is not looked at again.

Source: Y.-A. Le Borgne et al., Reproducible Machine Learning for Credit Card Fraud Detection, 2022,
chapters 4 and 5. Its published figures, on the data that it simulates, are in `PUBLISHED`.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from msgspec import Struct

from kafka_workshop.domain.label import Label
from kafka_workshop.domain.local_time import local, national_zone
from kafka_workshop.monitor.risk.metrics import Judged, Point, average_precision, curve, roc_auc


class Published(NamedTuple):
    """What the Handbook found with a model; the best of all is the best of four foldings."""

    model: str
    auc_roc: float
    average_precision: float
    card_precision: float


PUBLISHED = (
    Published("logistic regression", 0.871, 0.606, 0.291),
    Published("random forest", 0.867, 0.658, 0.287),
    Published("XGBoost", 0.869, 0.687, 0.303),
)


class Rules(NamedTuple):
    """Lengths in whole days of Brasília; `top` accounts are looked at each day."""

    train_days: int = 7
    delay_days: int = 7
    test_days: int = 7
    top: int = 100


class Scored(NamedTuple):
    """What the protocol needs of a transaction's score; `occurred_at` in milliseconds UTC."""

    transaction_id: str
    account_id: str
    occurred_at: int
    score: float


class Day(Struct, frozen=True):
    """A day of test: the accounts looked at, and how many of those were defrauded on it."""

    day: date
    transactions: int
    frauds: int
    looked_at: int
    defrauded: int

    @property
    def precision(self) -> float:
        """Their share of the accounts that were looked at."""
        return self.defrauded / self.looked_at if self.looked_at else 0.0


class Found(Struct, frozen=True):
    """What the protocol says; the curve is that of precision against recall, all days together."""

    days: tuple[Day, ...]
    top: int
    auc_roc: float
    average_precision: float
    curve: tuple[Point, ...]

    @property
    def card_precision(self) -> float:
        """The mean of the days' precision at k."""
        return sum(day.precision for day in self.days) / len(self.days)

    @property
    def transactions(self) -> int:
        """How many were judged."""
        return sum(day.transactions for day in self.days)

    @property
    def frauds(self) -> int:
        """How many of those were fraud."""
        return sum(day.frauds for day in self.days)


class NoDay(ValueError):
    """No whole day has both scores and all its labels."""


class OneClass(ValueError):
    """On the days of test there is no fraud, or nothing else."""


def evaluate(
    scores: Iterable[Scored], labels: Iterable[Label], complete_until: int, rules: Rules
) -> Found:
    """Return what the last days of test show whose labels are complete.

    `complete_until`: of what occurred up to then, milliseconds UTC, each fraud is labelled.

    Raises:
        NoDay: the scores have no whole day up to then.
        OneClass: nothing can be told apart.
    """
    by_day = defaultdict[date, list[Scored]](list)
    for score in scores:
        by_day[day_of(score.occurred_at)].append(score)
    days = _days(by_day, complete_until, rules.test_days)
    accused = _Labels(labels, begin_of(days[0] - timedelta(rules.delay_days + rules.train_days)))
    judged: list[Judged] = []
    rows = [_judge_day(day, by_day[day], accused, rules.top, judged) for day in days]
    try:
        points = curve(judged)
    except ValueError as error:
        raise OneClass(str(error)) from None
    return Found(tuple(rows), rules.top, roc_auc(points), average_precision(points), tuple(points))


def day_of(instant: int) -> date:
    """Return the day in Brasília of milliseconds UTC."""
    return local(instant, national_zone()).date()


def begin_of(day: date) -> int:
    """Return when a day begins in Brasília, milliseconds UTC."""
    begin = datetime(day.year, day.month, day.day, tzinfo=national_zone())
    return int(begin.timestamp()) * 1000


def _days(by_day: Iterable[date], complete_until: int, most: int) -> list[date]:
    # The first day with scores may have begun before them: retention takes them by the segment.
    known = sorted(by_day)[1:]
    closed = [day for day in known if begin_of(day + timedelta(1)) <= complete_until]
    if not closed:
        raise NoDay
    return closed[-most:]


class _Labels:
    """Which transactions were fraud, and since when an account is known to be defrauded."""

    def __init__(self, labels: Iterable[Label], since: int) -> None:
        self._frauds: set[tuple[str, str]] = set()
        self._known: dict[str, int] = {}
        for label in labels:
            self._frauds.add((label.account_id, label.transaction_id))
            # What was before the training nobody remembers, as in the Handbook: otherwise in a
            # year of data hardly an account would be left to look at.
            if label.occurred_at >= since:
                self.know(label.account_id, label.available_at)

    def know(self, account: str, at: int) -> None:
        """Take in that an account is known from an instant on."""
        self._known[account] = min(at, self._known.get(account, at))

    def is_fraud(self, score: Scored) -> bool:
        return (score.account_id, score.transaction_id) in self._frauds

    def is_known(self, account: str, at: int) -> bool:
        return self._known.get(account, at + 1) <= at


def _judge_day(
    day: date, scores: Iterable[Scored], labels: _Labels, top: int, judged: list[Judged]
) -> Day:
    """Return what a day shows; its transactions are added to `judged`."""
    begin, end = begin_of(day), begin_of(day + timedelta(1))
    highest: dict[str, float] = {}
    struck: set[str] = set()
    seen = frauds = 0
    for score in scores:
        if labels.is_known(score.account_id, begin):
            continue
        fraud, seen = labels.is_fraud(score), seen + 1
        judged.append((score.score, fraud))
        highest[score.account_id] = max(score.score, highest.get(score.account_id, 0.0))
        if fraud:
            frauds += 1
            struck.add(score.account_id)
    chosen = sorted(highest, key=lambda account: (-highest[account], account))[:top]
    found = [account for account in chosen if account in struck]
    for account in found:
        labels.know(account, end)  # whoever looked at it knows it from now on
    return Day(day, seen, frauds, len(chosen), len(found))
