"""Transactions that lack only their number and instant, with the fields that each kind has."""

from kafka_workshop.domain.transaction import (
    SCHEMA_VERSION,
    Counterparty,
    DeclineReason,
    Kind,
    Merchant,
    Transaction,
)
from kafka_workshop.simulator.population import Account, Device, Terminal


def paid_online(
    account: Account, kind: Kind, amount: int, device: Device, to: Merchant | Counterparty
) -> Transaction:
    """Return money sent from a device, at home."""
    return Transaction(
        schema_version=SCHEMA_VERSION,
        transaction_id="-",
        occurred_at=0,
        account_id=account.id,
        kind=kind,
        amount=amount,
        currency="BRL",
        channel=device.channel,
        status="approved",
        holder=account.holder,
        merchant=to if isinstance(to, Merchant) else None,
        counterparty=to if isinstance(to, Counterparty) else None,
        device_id=device.id,
        ip=device.ip,
        location=account.home,
    )


def card_absent(
    account: Account,
    amount: int,
    device: Device,
    site: Merchant,
    refused: DeclineReason | None = None,
) -> Transaction:
    """Return a card's use on the internet."""
    return Transaction(
        schema_version=SCHEMA_VERSION,
        transaction_id="-",
        occurred_at=0,
        account_id=account.id,
        kind="card_not_present",
        amount=amount,
        currency="BRL",
        channel=device.channel,
        status="declined" if refused else "approved",
        holder=account.holder,
        merchant=site,
        device_id=device.id,
        ip=device.ip,
        decline_reason=refused,
        card=account.card,
    )


def card_present(account: Account, amount: int, terminal: Terminal) -> Transaction:
    """Return a card's use at a shop's terminal."""
    return Transaction(
        schema_version=SCHEMA_VERSION,
        transaction_id="-",
        occurred_at=0,
        account_id=account.id,
        kind="card_present",
        amount=amount,
        currency="BRL",
        channel="pos",
        status="approved",
        holder=account.holder,
        merchant=terminal.merchant,
        terminal_id=terminal.id,
        location=terminal.location,
        card=account.card,
    )


def received(account: Account, kind: Kind, amount: int, payer: Counterparty) -> Transaction:
    """Return money that came in: from outside, or the credit leg of a transfer within the bank."""
    return Transaction(
        schema_version=SCHEMA_VERSION,
        transaction_id="-",
        occurred_at=0,
        account_id=account.id,
        kind=kind,
        amount=amount,
        currency="BRL",
        channel="clearing",
        status="approved",
        holder=account.holder,
        leg="credit",
        counterparty=payer,
    )
