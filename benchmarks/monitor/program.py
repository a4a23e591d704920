"""`consume.py` with something replaced, as a process of its own.

    python -m benchmarks.monitor.program [--commit SECONDS] [--minimal | --alone]

The commit interval; or the minimal rule in place of all; or all of them `--alone`, without scores
and without what stage merchant is told. Its loop, stage and settings are those of `consume.py`.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping

from benchmarks.monitor.minimal import far_above
from consume import consume
from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.merchant.event import PlaceEvent
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.messaging.client import Message
from kafka_workshop.monitor import account
from kafka_workshop.monitor.stage import policy
from kafka_workshop.monitor.stage.values import Folded, Output
from kafka_workshop.program import run


class LonelyFold(account.AccountFold):
    """Folds transactions with all rules, scores none, and tells stage merchant nothing."""

    scores = False

    def told(self, events: Iterable[PlaceEvent]) -> Iterator[Output]:
        """Yield nothing."""
        del events
        return iter(())


class MinimalFold(account.AccountFold):
    """Folds transactions with the minimal rule."""

    def fold(
        self, state: bytes | None, event: Transaction, message: Message
    ) -> Folded[list[Alert]]:
        """Return the account's count and sum, and an alert if the amount is far above."""
        del message
        encoded, alerts = far_above(state, event)
        return Folded(encoded, account.alert_records(self._topics, alerts), alerts)

    def obsolete(self, states: Mapping[bytes, bytes]) -> list[bytes]:
        """Return nobody: a count is never told from none."""
        del states
        return []


def main() -> None:
    """Replace what was asked for, and run the consumer."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.monitor.program")
    parser.add_argument("--commit", type=float)
    rules = parser.add_mutually_exclusive_group()
    rules.add_argument("--minimal", action="store_true")
    rules.add_argument("--alone", action="store_true")
    options = parser.parse_args()
    if options.commit:
        policy.ALERT_S = policy.CAUGHT_UP_S = policy.BACKLOG_S = options.commit
    if options.minimal or options.alone:
        account.AccountFold = MinimalFold if options.minimal else LonelyFold  # type: ignore[misc]
    sys.exit(run(consume))


if __name__ == "__main__":
    main()
