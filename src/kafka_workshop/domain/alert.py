"""What an alert says: which rule, about whom, how bad, and the evidence in words and numbers."""

from hashlib import blake2b
from typing import Literal

from msgspec import Struct

from kafka_workshop.domain.transaction import Instant

Severity = Literal["low", "medium", "high"]
Number = int | float
# The band of scores that each severity has; a rule's score lies within its own.
SCORES: dict[Severity, tuple[float, float]] = {
    "low": (0.25, 0.5),
    "medium": (0.5, 0.75),
    "high": (0.75, 1.0),
}


class Source(Struct, frozen=True):
    """Where the transaction stands that raised the alert: what the stage knows, not the fold."""

    topic: str
    partition: int
    offset: int


class Evidence(Struct, frozen=True):
    """What tripped the rule, as a sentence in both languages and as the numbers in it.

    Amounts are minor units of BRL; the other units stand in the rule's sentence.
    """

    en: str
    pt: str
    numbers: dict[str, Number]


class Alert(Struct, frozen=True, eq=False, omit_defaults=True, kw_only=True):
    """One rule's word about one account, or about one place, in one window.

    Two alerts are equal if they say the same: what the stage adds (`source`) and the version of
    the rules are outside equality.

    Attributes:
        account_id: whose transaction tripped the rule.
        place: the terminal, or the merchant on the internet, that it is about; None: the account.
        policy: whether the rule is a limit to keep and not a sign of fraud; scored apart.
        score: 0 to 1, comparable between rules; see `score_of`.
        window_start, window_end: first and last event time of the evidence, milliseconds UTC.
        transaction_id: the transaction that tripped the rule.
    """

    alert_id: str
    rule: str
    account_id: str
    severity: Severity
    score: float
    evidence: Evidence
    window_start: Instant
    window_end: Instant
    transaction_id: str
    rules_version: str
    policy: bool = False
    place: str | None = None
    source: Source | None = None

    @property
    def subject(self) -> str:
        """Who it is about: the place, or the account."""
        return self.place or self.account_id

    def _said(self) -> tuple[object, ...]:
        return (
            *(
                self.alert_id,
                self.rule,
                self.account_id,
                self.place,
                self.severity,
                self.score,
                self.policy,
            ),
            *(self.evidence, self.window_start, self.window_end, self.transaction_id),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Alert) and self._said() == other._said()

    def __hash__(self) -> int:
        return hash(self.alert_id)


def alert_id(rule: str, key: str, window_start: int) -> str:
    """Return the id, the same on every machine: 16 hexadecimal digits.

    >>> alert_id("velocity", "A0000001", 1_750_000_000_000)
    '714a0ecdf2624ecd'
    """
    return blake2b(f"{rule}|{key}|{window_start}".encode(), digest_size=8).hexdigest()


def score_of(severity: Severity, strength: float) -> float:
    """Return the score: the lower end of the severity's band at the threshold, then towards 1.

    `strength` is how many times the threshold was reached, at least 1: at twice the threshold the
    score is in the middle of the band, and it never leaves it.

    >>> score_of("high", 1.0), score_of("high", 2.0), score_of("low", 1000.0)
    (0.75, 0.875, 0.4998)
    """
    low, high = SCORES[severity]
    return round(low + (high - low) * (1 - 1 / max(1.0, strength)), 4)
