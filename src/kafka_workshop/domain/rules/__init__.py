"""The account rules, one a file; `REGISTRY` has them all, in the order of their slots."""

from kafka_workshop.domain.rules import (
    account_takeover,
    amount_anomaly,
    card_testing,
    dormant_reactivation,
    fan_in,
    fan_out,
    impossible_travel,
    pass_through,
    pix_limits,
    structuring,
    velocity,
)
from kafka_workshop.domain.rules.contract import (
    AnyRule,
    Finding,
    Limits,
    Parameter,
    Parameters,
    Rule,
)

__all__ = ["REGISTRY", "AnyRule", "Finding", "Limits", "Parameter", "Parameters", "Rule"]

_MODULES = (
    *(velocity, amount_anomaly, impossible_travel, card_testing, account_takeover, structuring),
    *(pass_through, fan_in, fan_out, dormant_reactivation, pix_limits),
)
REGISTRY: dict[str, Rule] = {module.RULE.name: module.RULE for module in _MODULES}
