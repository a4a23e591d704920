"""A row of a file as a transaction, and as a label if it was fraud: pure and deterministic.

Identifiers that fit are kept; longer ones become digests, so that the same file gives the same ids
whenever it is replayed. A digest has no key: it keeps a card number out of sight, not from somebody
who tries all numbers, so real ones are to be replaced before they get here.
"""

from base64 import b32encode
from collections.abc import Mapping as Row
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from hashlib import blake2b

import msgspec

from kafka_workshop.domain.label import LABEL_VERSION, Label, Scenario
from kafka_workshop.domain.transaction import (
    MAX_NAME_BYTES,
    SCHEMA_VERSION,
    Holder,
    Merchant,
    Transaction,
    bounded,
    masked_cpf,
)
from kafka_workshop.language import tr
from kafka_workshop.replay.mapping import CardKind, Mapping

_DAY_MS = 86_400_000
_FRAUD = {"1": True, "0": False, "true": True, "false": False, "": False}
_ID, _ACCOUNT, _PLACE = 16, 8, 6  # characters, as the domain has them


class BadRow(Exception):
    """A row says no transaction; `str()` is the reason, for the file of rejects."""


def converted(row: Row[str, str], mapping: Mapping) -> tuple[Transaction, Label | None]:
    """Return what a row says.

    Raises:
        BadRow: it can't be a transaction; the reason names the column and its value.
    """
    columns = mapping.columns
    at, kind = _instant(row, mapping), _kind(row, mapping)
    place = identifier(_text(row, columns.terminal), _PLACE)
    transaction = Transaction(
        schema_version=SCHEMA_VERSION,
        transaction_id=identifier(_text(row, columns.id), _ID),
        occurred_at=at,
        account_id=identifier(_text(row, columns.account), _ACCOUNT),
        kind=kind,
        amount=_minor_units(row, columns.amount),
        currency="BRL",
        channel="pos" if kind == "card_present" else "web",
        status="approved",
        holder=Holder("-", masked_cpf(0)),  # a file of transactions names no holders
        merchant=_merchant(row, mapping),
        terminal_id=place if kind == "card_present" else None,
    )
    return transaction, _label(row, mapping, transaction)


def identifier(text: str, most: int) -> str:
    """Return a text as an identifier of at most `most` characters: itself, or its digest.

    >>> identifier("4961", 6), identifier("2703186189652095", 8)
    ('4961', 'QOFMRXT3')
    """
    if len(text) <= most and text.isascii() and text.isalnum():
        return text
    return b32encode(blake2b(text.encode(), digest_size=10).digest()).decode("ascii")[:most]


def _text(row: Row[str, str], column: str) -> str:
    text = (row.get(column) or "").strip()
    if not text:
        raise BadRow(tr("{column} is empty", "{column} está vazia", column=column))
    return text


def _wrong(column: str, text: str, allowed: str) -> BadRow:
    return BadRow(f"{column}={text[:40]!r}: {allowed}")


def _instant(row: Row[str, str], mapping: Mapping) -> int:
    column, text = mapping.columns.time, _text(row, mapping.columns.time)
    try:
        at = _iso(text) if mapping.time.format == "iso" else _counted(text, mapping)
    except (ValueError, OverflowError, InvalidOperation):
        at = -1
    if not 0 <= at <= 9_999_999_999_999 - 366 * _DAY_MS:
        allowed = tr("an instant as {form}", "um instante como {form}", form=mapping.time.format)
        raise _wrong(column, text, allowed)
    return at


def _iso(text: str) -> int:
    when = datetime.fromisoformat(text)
    zoned = when if when.tzinfo else when.replace(tzinfo=UTC)
    return round(zoned.timestamp() * 1000)


def _counted(text: str, mapping: Mapping) -> int:
    scale = 1 if mapping.time.format == "epoch_ms" else 1000
    return mapping.time.start_ms + int(Decimal(text) * scale)


def _minor_units(row: Row[str, str], column: str) -> int:
    """Return an amount with a decimal point in minor units, exactly: nothing is rounded."""
    text = _text(row, column)
    try:
        amount = Decimal(text).scaleb(2)
        exact = amount.is_finite() and amount == amount.to_integral_value()
    except InvalidOperation:
        exact = False
    if not exact or not 0 < amount <= 999_999_999:
        allowed = tr(
            "an amount from 0.01 to 9999999.99 with two decimals at most",
            "um valor de 0.01 a 9999999.99 com no máximo duas casas decimais",
        )
        raise _wrong(column, text, allowed)
    return int(amount)


def _kind(row: Row[str, str], mapping: Mapping) -> CardKind:
    column = mapping.columns.kind
    said = (row.get(column) or "").strip() if column else ""
    return mapping.kind.values.get(said, mapping.kind.default)


def _merchant(row: Row[str, str], mapping: Mapping) -> Merchant:
    said = _text(row, mapping.columns.merchant or mapping.columns.terminal)
    name = bounded(said, MAX_NAME_BYTES) or "-"
    return Merchant(identifier(said, _PLACE), name, mapping.mcc)


def _label(row: Row[str, str], mapping: Mapping, said: Transaction) -> Label | None:
    column = mapping.columns.fraud
    text = (row.get(column) or "").strip().lower() if column else ""
    if text not in _FRAUD:
        raise _wrong(column or "", text, "0, 1, true, false")
    if not _FRAUD[text]:
        return None
    return Label(
        schema_version=LABEL_VERSION,
        episode_id=said.transaction_id,
        scenario=_scenario(row, mapping),
        transaction_id=said.transaction_id,
        account_id=said.account_id,
        occurred_at=said.occurred_at,
        available_at=said.occurred_at + mapping.labels.delay_days * _DAY_MS,
        terminal_id=said.terminal_id,
    )


def _scenario(row: Row[str, str], mapping: Mapping) -> Scenario:
    column, labels = mapping.columns.scenario, mapping.labels
    said = (row.get(column) or "").strip() if column else ""
    return labels.scenarios.get(said, labels.scenario)


def as_lines(transaction: Transaction, label: Label | None) -> bytes:
    """Return the JSON lines of `monitor backtest --file`: the label, then its transaction."""
    told = [label, transaction] if label is not None else [transaction]
    return b"".join(msgspec.json.encode(each) + b"\n" for each in told)
