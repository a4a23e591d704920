"""What a merchant rule is: as an account rule, but about a place.

`evaluate(place, seen, parameters)` sees the place with this event already in it. A rule that needs
a memory of its own updates its field of the place there; nothing else may be changed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kafka_workshop.domain.merchant.place import Place, Seen
from kafka_workshop.domain.rules.contract import AnyRule, Finding

Evaluate = Callable[[Place, Seen, Any], Finding | None]


@dataclass(frozen=True, kw_only=True)
class MerchantRule(AnyRule):
    """One rule about places."""

    evaluate: Evaluate
