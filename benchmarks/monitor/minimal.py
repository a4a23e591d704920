"""The smallest rule with state: every hundredth transaction of an account raises an alert.

Both engines import it, so it knows the domain only.
"""

from kafka_workshop.domain.alert import Alert, Evidence, alert_id
from kafka_workshop.domain.transaction import Transaction

RULE = "every-hundredth"
EVERY = 100
_BYTES = 8


def every_hundredth(
    state: bytes | None, transaction: Transaction, every: int = EVERY
) -> tuple[bytes, list[Alert]]:
    """Return the account's new count, and an alert with every hundredth."""
    count = int.from_bytes(state or b"", "big") + 1
    encoded = count.to_bytes(_BYTES, "big")
    return encoded, [] if count % every else [_alert(transaction, count)]


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
