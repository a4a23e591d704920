"""The merchant rules, one a file; `MERCHANT_RULES` has them all, in the order of their slots."""

from kafka_workshop.domain.merchant.rules import (
    merchant_card_testing,
    merchant_compromise,
    terminal_risk,
)
from kafka_workshop.domain.merchant.rules.contract import MerchantRule

__all__ = ["MERCHANT_RULES", "MerchantRule"]

_MODULES = (merchant_compromise, merchant_card_testing, terminal_risk)
MERCHANT_RULES: dict[str, MerchantRule] = {module.RULE.name: module.RULE for module in _MODULES}
