"""The smallest rule with state: an amount far above the mean of the account's amounts so far.

Both engines import it, so it knows the domain only.
"""

from struct import Struct

from kafka_workshop.domain.alert import Alert, Evidence, alert_id
from kafka_workshop.domain.transaction import Transaction

RULE = "far-above"
TIMES = 30
_STATE = Struct(">QQ")  # how many amounts, and their sum in minor units


def far_above(state: bytes | None, transaction: Transaction) -> tuple[bytes, list[Alert]]:
    """Return the account's new count and sum, and an alert if the amount is far above the mean."""
    count, total = _STATE.unpack(state) if state else (0, 0)
    amount = transaction.amount
    alerts = [_alert(transaction, count)] if count and amount * count > TIMES * total else []
    return _STATE.pack(count + 1, total + amount), alerts


def _alert(transaction: Transaction, count: int) -> Alert:
    at, account = transaction.occurred_at, transaction.account_id
    return Alert(
        # Several transactions of an account may share their instant: the count tells them apart.
        alert_id=alert_id(f"{RULE}-{count}", account, at),
        rule=RULE,
        account_id=account,
        severity="low",
        score=0.25,
        evidence=Evidence(en=RULE, pt=RULE, numbers={"count": count}),
        window_start=at,
        window_end=at,
        transaction_id=transaction.transaction_id,
        rules_version=RULE,
    )
