"""One pass over the past, with any number of rule books side by side.

As the stages do, it folds each account's transactions in the order in which they come, tells the
places of them, and holds the state encoded; so the same transactions give the alerts that the
stream gives, by id. Those about places depend on the order among accounts, too, which in the stream
is that of `monitor.by-merchant`.
"""

import heapq
from collections.abc import Callable, Iterable

from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.detector import Detector
from kafka_workshop.domain.label import CompleteUntil, Label
from kafka_workshop.domain.merchant.detector import MerchantDetector
from kafka_workshop.domain.merchant.event import PlaceEvent, fraud_of
from kafka_workshop.domain.rulebook import RuleBook
from kafka_workshop.domain.telling import told_of
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.monitor.score.known import Known

# A label stands before the transaction that it speaks of.
Event = Transaction | Label | CompleteUntil
Progress = Callable[[int], None]
_REPORT_EVERY = 10_000


def silent(_count: int) -> None:
    """Hear how many transactions were folded, and do nothing."""


class Trial:
    """What one rule book makes of the past.

    Attributes:
        alerts: of the account rules, as they were raised; `place_alerts` of the merchant rules.
        known: the same for the score, with the labels.
    """

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.alerts: list[Alert] = []
        self.place_alerts: list[Alert] = []
        self.known = Known()
        self._detector = Detector(book, features=False)
        self._merchant_detector = MerchantDetector(book)
        self._states: dict[str, bytes] = {}
        self._places: dict[str, bytes] = {}

    def take(self, transaction: Transaction) -> None:
        """Fold a transaction, and tell the places."""
        account = transaction.account_id
        self._states[account], verdict = self._detector.judge_encoded(
            self._states.get(account), transaction
        )
        self.alerts += verdict.alerts
        for alert in verdict.alerts:
            self.known.add_alert(alert)
        for event in told_of(transaction, verdict):
            self.tell(event)

    def tell(self, said: PlaceEvent) -> None:
        """Fold what happened at a place."""
        place = said.place
        self._places[place], alerts = self._merchant_detector.fold_encoded(
            self._places.get(place), *said
        )
        self.place_alerts += alerts
        for alert in alerts:
            self.known.add_alert(alert)


class Backtest:
    """Runs rule books over events.

    Attributes:
        transactions, labelled: how many there were, and how many of them are labelled.
        since, until: event times of the first and the last, milliseconds UTC.
        has_labels: whether anybody told which transactions were fraud.
    """

    def __init__(self, books: Iterable[RuleBook]) -> None:
        self.trials = [Trial(book) for book in books]
        self.transactions = self.labelled = 0
        self.since = self.until = 0
        self.has_labels = False
        self._labels: dict[str, Label] = {}
        # Labels that nobody knows yet: when they will be known, in that order.
        self._coming: list[tuple[int, str, PlaceEvent]] = []
        self._complete_until: int | None = None

    def run(self, events: Iterable[Event], progress: Progress = silent) -> None:
        """Fold the events; `progress` hears now and then how many transactions that were."""
        for event in events:
            if isinstance(event, Transaction):
                self._take(event)
                if self.transactions % _REPORT_EVERY == 0:
                    progress(self.transactions)
            elif isinstance(event, Label):
                self.has_labels = True
                self._labels[event.transaction_id] = event
                self._expect(event)
            else:
                self.has_labels = True
                self._complete_until = max(self._complete_until or 0, event.until)
        self._finish()

    def _expect(self, label: Label) -> None:
        said = fraud_of(label)
        if said is not None:
            heapq.heappush(self._coming, (label.available_at, label.transaction_id, said))

    def _take(self, transaction: Transaction) -> None:
        self.transactions += 1
        at = transaction.occurred_at
        while self._coming and self._coming[0][0] <= at:
            said = heapq.heappop(self._coming)[2]
            for trial in self.trials:
                trial.tell(said)
        self.since, self.until = min(self.since or at, at), max(self.until, at)
        for trial in self.trials:
            trial.take(transaction)
        # Only labels of what was folded count: nobody is asked for what lies outside the range.
        label = self._labels.pop(transaction.transaction_id, None)
        if label is not None:
            self.labelled += 1
            for trial in self.trials:
                trial.known.add_label(label)

    def _finish(self) -> None:
        """Who labels without saying how far has labelled everything."""
        complete = self.until if self._complete_until is None else self._complete_until
        for trial in self.trials:
            trial.known.since = self.since
            trial.known.complete_until = min(complete, self.until) if self.has_labels else 0
