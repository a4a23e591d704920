"""Whether a card that was used on the internet looks misused, and where it may have been copied.

One such purchase is no alert: people buy large things with new telephones. Several after visits of
the same terminal are what the rule `merchant_compromise` looks for, whose parameters these are.
"""

from kafka_workshop.domain.merchant.rules.merchant_compromise import MerchantCompromise
from kafka_workshop.domain.movement import CARD_ONLINE, Moment
from kafka_workshop.domain.profile import DAY, Profile


def misused_after(
    profile: Profile, moment: Moment, parameters: MerchantCompromise
) -> tuple[str, ...]:
    """Return the terminals that the card was used at before; none if it does not look misused.

    `profile` is that before the transaction: a device is new to it for a day.
    """
    if moment.way != CARD_ONLINE or not moment.approved or moment.late:
        return ()
    if not profile.is_new_device(moment.device, moment.second):
        return ()
    mean = profile.mean(moment.way, parameters.history)
    if mean == 0 or moment.transaction.amount <= parameters.factor * mean:
        return ()
    after = moment.second - parameters.visit_days * DAY
    return tuple(terminal for terminal, at in profile.visited.items() if at > after)
