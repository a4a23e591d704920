"""A row of a file as a transaction, and as a label if it was fraud: pure and deterministic.

Identifiers that fit are kept; longer ones become digests, so that the same file gives the same ids
whenever it is replayed. A digest has no key: it keeps a card number out of sight, not from somebody
who tries all numbers, so real ones are to be replaced before they get here.
"""

import re
from base64 import b32encode
from collections.abc import Mapping as Row
from decimal import Decimal
from hashlib import blake2b

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

DAY_MS = 86_400_000
_FRAUD = {"1": True, "0": False, "1.0": True, "0.0": False, "true": True, "false": False}
_ID, _ACCOUNT, _PLACE = 16, 8, 6  # characters, as the domain has them
# Bounded before they are numbers: a decimal's exponent may stand for gigabytes of digits.
_AMOUNT = re.compile(r"\+?[0-9]{1,7}(\.[0-9]{1,2}0{0,20})?")
_NUMBER = re.compile(r"[0-9]{1,13}(\.[0-9]{1,20})?")
_DAYS = re.compile(r"[0-9]{1,3}(\.0)?")


class BadRow(Exception):
    """A row says no transaction; `str()` is the reason, for the file of rejects."""


def converted(
    row: Row[str, str], mapping: Mapping, line: int = 0
) -> tuple[Transaction, Label | None]:
    """Return what a row says; `line` names it if the file does not.

    Raises:
        BadRow: it can't be a transaction; the reason names the column and its value.
    """
    columns, kind = mapping.columns, _kind(row, mapping)
    place, merchant = _place(row, mapping)
    transaction = Transaction(
        schema_version=SCHEMA_VERSION,
        transaction_id=identifier(_text(row, columns.id), _ID) if columns.id else f"line{line}",
        occurred_at=_instant(row, mapping),
        account_id=identifier(_text(row, columns.account), _ACCOUNT),
        kind=kind,
        amount=_minor_units(row, columns.amount),
        currency="BRL",
        channel="pos" if kind == "card_present" else "web",
        status="approved",
        holder=Holder("-", masked_cpf(0)),  # a file of transactions names no holders
        merchant=merchant,
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
    text = row[column].strip()
    if not text:
        raise BadRow(tr("{column} is empty", "{column} está vazia", column=column))
    return text


def _wrong(column: str, text: str, allowed: str) -> BadRow:
    return BadRow(f"{column}={text[:40]!r}: {allowed}")


def _instant(row: Row[str, str], mapping: Mapping) -> int:
    column, text = mapping.columns.time, _text(row, mapping.columns.time)
    try:
        at = mapping.time.iso_ms(text) if mapping.time.format == "iso" else _counted(text, mapping)
    except (ValueError, OverflowError):
        at = -1
    if not 0 <= at <= 9_999_999_999_999 - 366 * DAY_MS:
        allowed = tr(
            "an instant ({form}) since 1970",
            "um instante ({form}) desde 1970",
            form=mapping.time.format,
        )
        raise _wrong(column, text, allowed)
    return at


def _counted(text: str, mapping: Mapping) -> int:
    if not _NUMBER.fullmatch(text):
        return -1
    scale = 1 if mapping.time.format == "epoch_ms" else 1000
    start = mapping.time.iso_ms(mapping.time.start) if mapping.time.start else 0
    return start + int(Decimal(text) * scale)


def _minor_units(row: Row[str, str], column: str) -> int:
    """Return an amount with a decimal point in minor units, exactly: nothing is rounded."""
    text = _text(row, column)
    amount = int(Decimal(text) * 100) if _AMOUNT.fullmatch(text) else 0
    if amount == 0:
        allowed = tr(
            "an amount from 0.01 to 9999999.99 with two decimals at most",
            "um valor de 0.01 a 9999999.99 com no máximo duas casas decimais",
        )
        raise _wrong(column, text, allowed)
    return amount


def _kind(row: Row[str, str], mapping: Mapping) -> CardKind:
    column = mapping.columns.kind
    said = row[column].strip() if column else ""
    return mapping.kind.values.get(said, mapping.kind.default)


def _place(row: Row[str, str], mapping: Mapping) -> tuple[str, Merchant]:
    """Return the terminal and the merchant; where one of them is not named, it is the other."""
    terminal, shop = _named(row, *mapping.place), _named(row, *mapping.shop)
    name = shop or terminal
    merchant = Merchant(
        identifier(name, _PLACE), bounded(name, MAX_NAME_BYTES) or "-", mapping.constants.mcc
    )
    return identifier(terminal or shop, _PLACE), merchant


def _named(row: Row[str, str], column: str | None, constant: str | None) -> str:
    return _text(row, column) if column else constant or ""


def _label(row: Row[str, str], mapping: Mapping, said: Transaction) -> Label | None:
    column = mapping.columns.fraud
    if column is None:
        return None
    text = _text(row, column)
    if text.lower() not in _FRAUD:
        raise _wrong(column, text, "0, 1, true, false")
    if not _FRAUD[text.lower()]:
        return None
    return Label(
        schema_version=LABEL_VERSION,
        episode_id=said.transaction_id,
        scenario=_scenario(row, mapping),
        transaction_id=said.transaction_id,
        account_id=said.account_id,
        occurred_at=said.occurred_at,
        available_at=said.occurred_at + _delay_days(row, mapping) * DAY_MS,
        terminal_id=said.terminal_id,
    )


def _scenario(row: Row[str, str], mapping: Mapping) -> Scenario:
    column, labels = mapping.columns.scenario, mapping.labels
    said = row[column].strip() if column else ""
    return labels.scenarios.get(said, labels.scenario)


def _delay_days(row: Row[str, str], mapping: Mapping) -> int:
    column, longest = mapping.columns.delay_days, mapping.labels.delay_days
    if column is None:
        return longest
    text = _text(row, column)
    days = int(Decimal(text)) if _DAYS.fullmatch(text) else 0
    if not 0 < days <= longest:
        allowed = tr(
            "days from 1 to {longest} (labels.delay_days)",
            "dias de 1 a {longest} (labels.delay_days)",
            longest=longest,
        )
        raise _wrong(column, text, allowed)
    return days
