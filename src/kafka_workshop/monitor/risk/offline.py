"""The scores of a past without the stream: the same features, by the same two folds.

Place by place the order among accounts matters little (see `Place.side`). A member of the stage
keeps the order of sending (see `monitor.stage.merging`), so the scores are those of the stream as
long as no member is a week ahead of another.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from kafka_workshop.domain.detector import Detector
from kafka_workshop.domain.label import Label
from kafka_workshop.domain.merchant.detector import MerchantDetector
from kafka_workshop.domain.merchant.event import PlaceEvent, fraud_of, payment_of
from kafka_workshop.domain.merchant.place import Place
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.risk import NO_PLACE, Model, Score, scored, vector
from kafka_workshop.domain.rulebook import RULES, RuleBook, default_rules
from kafka_workshop.domain.transaction import Transaction


def scores(
    transactions: Iterable[Transaction], labels: Iterable[Label], model: Model
) -> Iterator[Score]:
    """Yield the score of each transaction, in their order; a repeated one has none.

    `transactions` come in the order of their event time. `labels` come in any order, and are all
    read first; each is told as soon as a transaction is not older than its `available_at`.
    """
    past = _Past()
    coming = deque(sorted(labels, key=lambda label: (label.available_at, label.transaction_id)))
    for transaction in transactions:
        while coming and coming[0].available_at <= transaction.occurred_at:
            said = fraud_of(coming.popleft())
            if said is not None:
                past.tell(said)
        features = past.features(transaction)
        if features is not None:
            yield scored(transaction, features, model)


def no_rules() -> RuleBook:
    """Return the rule book without any rule: the features need none."""
    plain = default_rules()
    return RuleBook(plain.version, plain.parameters, tuple(RULES))


class _Past:
    """The state of all accounts and places."""

    def __init__(self) -> None:
        self._accounts, self._places = Detector(no_rules()), MerchantDetector(no_rules())
        self._profiles: dict[str, Profile] = {}
        self._place: dict[str, Place] = {}

    def tell(self, said: PlaceEvent) -> None:
        """Take in what happened at a place."""
        place = self._place.get(said.place) or Place()
        self._place[said.place] = self._places.judge(place, *said).place

    def features(self, transaction: Transaction) -> tuple[float, ...] | None:
        """Take a transaction in and return its features; None of a repeated one."""
        account = transaction.account_id
        profile = self._profiles.get(account) or Profile()
        verdict = self._accounts.judge(profile, transaction)
        self._profiles[account] = verdict.profile
        if verdict.side is None:
            return None
        said = payment_of(transaction, verdict.side)
        if said is None:
            return vector(transaction.amount, verdict.side)
        place = self._places.judge(self._place.get(said.place) or Place(), *said)
        self._place[said.place] = place.place
        return vector(transaction.amount, verdict.side, place.side or NO_PLACE)
