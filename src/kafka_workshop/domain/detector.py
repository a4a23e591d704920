"""The detector: a fold of one account's transactions, in the order of their offsets.

State and one transaction give the new state and the alerts. Time comes from the transaction alone.
What holds, however the input is batched or split by account:

- A transaction whose id is among the account's last 32 is counted, and ignored otherwise.
- A late transaction (older than the account's newest) updates the state and raises nothing.
- After an alert a rule stays silent about the account for the rule's window: one alert for a rule,
  account and window. The window starts with the first transaction of the evidence, and after the
  last alert: so no two alerts of a rule and account share an id.
"""

from typing import NamedTuple

from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.misuse import misused_after
from kafka_workshop.domain.movement import WAYS, moment_of
from kafka_workshop.domain.profile import Profile, digest_of, is_expired, restore, snapshot
from kafka_workshop.domain.risk.account import account_side
from kafka_workshop.domain.risk.sides import AccountSide
from kafka_workshop.domain.rulebook import RuleBook
from kafka_workshop.domain.rules import Parameters, Rule
from kafka_workshop.domain.rules.raising import Trip, alert_of
from kafka_workshop.domain.transaction import Transaction


class _Active(NamedTuple):
    rule: Rule
    slot: int
    window: int
    parameters: Parameters


class Verdict(NamedTuple):
    """What a transaction is to its account.

    Attributes:
        repeated: it was there before, and counts for nothing.
        copied_at: terminals where its card may have been copied; none unless it looks misused.
        side: its account's features; None of a repeated one, and where nobody wants them.
    """

    profile: Profile
    alerts: list[Alert]
    repeated: bool = False
    copied_at: tuple[str, ...] = ()
    side: AccountSide | None = None


class Detector:
    """Applies the rules of a rule book; holds no state of its own.

    Without `features` there are none for a score, and the state has nothing that only they need.
    """

    def __init__(self, book: RuleBook, *, features: bool = True) -> None:
        self.version = book.rules_version
        self._features = features
        self._misuse = book.misuse
        active = [
            _Active(rule, rule.slot, parameters.window, parameters)
            for rule, parameters in book.active()
        ]
        # By way, and by whether it was approved: so a transaction meets only the rules it concerns.
        self._concerned = [
            [
                tuple(a for a in active if way in a.rule.ways and (approved or a.rule.declined))
                for approved in (False, True)
            ]
            for way in range(WAYS)
        ]

    def fold(self, profile: Profile, transaction: Transaction) -> tuple[Profile, list[Alert]]:
        """Return the account's new state and the alerts of the transaction; see `judge`."""
        verdict = self.judge(profile, transaction)
        return verdict.profile, verdict.alerts

    def judge(self, profile: Profile, transaction: Transaction) -> Verdict:
        """Return what the transaction is to its account.

        The profile is changed in place, or a fresh one is begun. Should a rule raise, the profile
        is half changed: restore it from its snapshot, as `fold_encoded` does by its nature.
        """
        digest = digest_of(transaction.transaction_id)
        if profile.is_repeated(digest):
            profile.repeats += 1
            return Verdict(profile, [], repeated=True)
        if is_expired(profile, transaction.occurred_at):
            profile = Profile()
        moment = moment_of(transaction, profile.latest)
        profile.count_attempt(moment)
        side = account_side(profile, moment) if self._features else None
        alerts: list[Alert] = []
        for active in self._concerned[moment.way][moment.approved]:
            finding = active.rule.evaluate(profile, moment, active.parameters)
            if finding is not None and not moment.late:
                last = profile.alerted[active.slot]
                if last == 0 or moment.second > last + active.window:
                    profile.alerted[active.slot] = moment.second
                    since = max(finding.since, last + 1)
                    trip = Trip(
                        transaction.account_id, transaction.transaction_id, transaction.occurred_at
                    )
                    alerts.append(alert_of(active.rule, finding, since, trip, self.version))
        copied_at = misused_after(profile, moment, self._misuse) if self._misuse else ()
        profile.learn(moment, digest)
        return Verdict(profile, alerts, copied_at=copied_at, side=side)

    def fold_encoded(
        self, encoded: bytes | None, transaction: Transaction
    ) -> tuple[bytes, list[Alert]]:
        """Do the same with the state as bytes; None is an account never seen."""
        encoded, verdict = self.judge_encoded(encoded, transaction)
        return encoded, verdict.alerts

    def judge_encoded(
        self, encoded: bytes | None, transaction: Transaction
    ) -> tuple[bytes, Verdict]:
        """Return the new state as bytes, and the verdict; None is an account never seen."""
        verdict = self.judge(Profile() if encoded is None else restore(encoded), transaction)
        return snapshot(verdict.profile), verdict
