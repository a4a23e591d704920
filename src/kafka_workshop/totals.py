"""How many transactions, and how much money, by kind and by state."""

from collections import Counter

from kafka_workshop.domain.transaction import Transaction

# Card-not-present and online transactions may name no place.
NO_STATE = "--"


class Totals:
    """Running totals of a consumer; amounts in minor units of BRL."""

    def __init__(self) -> None:
        self.count = 0
        self.amount = 0
        self.count_by_kind: Counter[str] = Counter()
        self.count_by_uf: Counter[str] = Counter()

    def add(self, transaction: Transaction) -> None:
        """Count one transaction."""
        self.count += 1
        self.amount += transaction.amount
        self.count_by_kind[transaction.kind] += 1
        self.count_by_uf[state_of(transaction)] += 1


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
