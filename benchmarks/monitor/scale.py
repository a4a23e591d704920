"""How much is measured."""

from typing import NamedTuple


class Scale(NamedTuple):
    """What the command line says.

    Attributes:
        transactions: in a backlog; a restore has as many profiles, the rival reads twice as many.
        seconds: how long each of the live parts takes; None: each part's own default.
        rounds: how often what is compared is repeated; medians count.
    """

    transactions: int
    seconds: float | None
    rounds: int
