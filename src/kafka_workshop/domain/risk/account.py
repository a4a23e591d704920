"""The account's side of a transaction's features, from what its profile holds."""

from functools import lru_cache

from kafka_workshop.domain.local_time import local, national_zone, zone_of
from kafka_workshop.domain.movement import (
    CARD_ONLINE,
    CREDIT,
    PIX_PERSON,
    TRANSFER,
    Moment,
)
from kafka_workshop.domain.profile import LOG_UNIT, Profile, logarithm
from kafka_workshop.domain.risk import sides
from kafka_workshop.domain.risk.sides import MOST, AccountSide, rough
from kafka_workshop.domain.transaction import Uf
from kafka_workshop.domain.travel import travelled
from kafka_workshop.domain.window import total

DAY, HOUR = 86_400, 3_600
_DAYS = 31  # thirty whole days, and the one that has not ended
_ENOUGH = 3  # amounts, for a mean
_MOST_RATIO = 1_600
_MINIMUM_KM = 100  # nearer places tell nothing: clocks differ
_FIRST_HOURS = 7
_SATURDAY = 5
_OF_WAY = {CARD_ONLINE: sides.ONLINE, PIX_PERSON: sides.TO_PERSON, TRANSFER: sides.TO_PERSON}
_OF_WAY[CREDIT] = sides.CREDIT


def account_side(profile: Profile, moment: Moment) -> AccountSide:
    """Return what a transaction is to its account.

    `profile` is as it was before the transaction, but for the counts of attempts. What only the
    score needs, the days' payments, is learnt here.
    """
    second = moment.second
    return AccountSide(
        _ratio(profile, moment),
        *_windows(profile, moment),
        rough(moment.idle),
        total(profile.minutes),
        _speed(profile, moment),
        _recent(profile.inflows, second),
        _recent(profile.outflows, second),
        _flags(profile, moment),
    )


def _ratio(profile: Profile, moment: Moment) -> int:
    mean = profile.mean(moment.way, _ENOUGH)
    if mean == 0:
        return 0
    apart = logarithm(moment.transaction.amount) - logarithm(mean)
    return max(-_MOST_RATIO, min(_MOST_RATIO, apart * 100 // LOG_UNIT))


def _windows(profile: Profile, moment: Moment) -> tuple[int, int, int, int, int, int]:
    """Return tenths of payments and `rough` means of 1, 7 and 30 days, and learn this payment.

    Days are those of UTC. Of the oldest day counts as large a part as the window still covers, as
    if its payments had been spread over it evenly.
    """
    amount, spent = moment.transaction.amount, profile.spent
    back = _day_of(spent, moment.second)
    left = DAY - moment.second % DAY
    counts, sums = spent[1 + 2 * back :: 2], spent[2 + 2 * back :: 2]
    known = len(counts)
    found: list[int] = []
    means: list[int] = []
    for days in (1, 7, 30):
        tenths, total_amount = 10 + 10 * sum(counts[:days]), amount + sum(sums[:days])
        if known > days:
            tenths += 10 * counts[days] * left // DAY
            total_amount += sums[days] * left // DAY
        found.append(min(tenths, MOST))
        means.append(rough(10 * total_amount // tenths))
    if moment.approved and moment.way != CREDIT and known:
        spent[1 + 2 * back] += 1
        spent[2 + 2 * back] += amount
    return (found[0], found[1], found[2], means[0], means[1], means[2])


def _day_of(spent: list[int], second: int) -> int:
    """Make room for a second's day, the newest first; return how many days back it is.

    `spent` is the newest day, then for each day from it backwards how many payments and their sum.
    """
    day = second // DAY
    if not spent:
        spent[:] = [day, 0, 0]
        return 0
    passed = day - spent[0]
    if passed > 0:
        spent[1:1] = [0] * (2 * min(passed, _DAYS))
        del spent[1 + 2 * _DAYS :]
        spent[0] = day
        return 0
    missing = 1 - passed - len(spent) // 2
    if missing > 0 and -passed < _DAYS:
        spent += [0] * (2 * missing)
    return -passed


def _speed(profile: Profile, moment: Moment) -> int:
    here, before = moment.here, profile.place
    if not here or not before:
        return 0
    found = travelled(before, here, _MINIMUM_KM)
    return min(found[1], MOST) if found else 0


def _recent(flows: list[int], second: int) -> int:
    """Return how many of the movements with new counterparties were within the last day."""
    return sum(second - DAY < at <= second for at in flows[::3]) if flows else 0


def _flags(profile: Profile, moment: Moment) -> int:
    second, location = moment.second, moment.transaction.location
    flags = _hour(location.uf if location else None, second // HOUR) | _OF_WAY.get(moment.way, 0)
    if moment.device and profile.is_new_device(moment.device, second):
        flags |= sides.NEW_DEVICE
    if moment.counterparty:
        known = profile.payers if moment.way == CREDIT else profile.payees
        if profile.is_new(known, moment.counterparty, second):
            flags |= sides.NEW_BENEFICIARY
    if not moment.approved:
        flags |= sides.DECLINED
    return flags if profile.is_settled(second) else flags | sides.UNSETTLED


@lru_cache(maxsize=8_192)
def _hour(uf: Uf | None, hour: int) -> int:
    """Return the flags of an hour since the epoch: zones in Brazil differ by whole hours."""
    when = local(hour * HOUR * 1000, zone_of(uf) if uf else national_zone())
    weekend = sides.WEEKEND if when.weekday() >= _SATURDAY else 0
    return weekend | (sides.NIGHT if when.hour < _FIRST_HOURS else 0)
