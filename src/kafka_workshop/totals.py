"""How counts and money by kind and by state are told."""

from collections import Counter

from kafka_workshop.domain.transaction import Transaction

# Card-not-present and online transactions may name no place.
NO_STATE = "--"


def state_of(transaction: Transaction) -> str:
    """Return the state (UF) where the transaction happened, `--` if it names none."""
    return transaction.location.uf if transaction.location is not None else NO_STATE


def shown(counts: Counter[str]) -> str:
    """Return counts as text, the largest first, ties by name.

    >>> shown(Counter({"pix": 3, "boleto": 1, "card_present": 3}))
    'card_present=3 pix=3 boleto=1'
    """
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return " ".join(f"{name}={count}" for name, count in ordered)


def money(minor_units: int) -> str:
    """Return an amount in minor units as text in units.

    >>> money(123405)
    '1234.05'
    """
    return f"{minor_units // 100}.{minor_units % 100:02d}"
