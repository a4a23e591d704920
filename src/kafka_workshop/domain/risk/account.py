"""The account's side of a transaction's features, from what its profile holds."""

from functools import lru_cache

from kafka_workshop.domain.local_time import local, national_zone, zone_of
from kafka_workshop.domain.movement import (
    CARD_ONLINE,
    CREDIT,
    PIX_PERSON,
    TRANSFER,
    WAYS,
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
_ENDS = (2, 8, 31)  # of the windows of 1, 7 and 30 days, in days backwards from that one
_ENOUGH = 3  # amounts, for a mean
_MOST_RATIO = 1_600
_MINIMUM_KM = 100  # nearer places tell nothing: clocks differ
_FIRST_HOURS = 7
_SATURDAY = 5
_BY_WAY = {CARD_ONLINE: sides.ONLINE, PIX_PERSON: sides.TO_PERSON, TRANSFER: sides.TO_PERSON}
_OF_WAY = [(_BY_WAY | {CREDIT: sides.CREDIT}).get(way, 0) for way in range(WAYS)]


def account_side(profile: Profile, moment: Moment) -> AccountSide:
    """Return what a transaction is to its account.

    `profile` is as it was before the transaction, but for the counts of attempts. What only the
    score needs, the days' payments, is learnt here.
    """
    second = moment.second
    one, seven, thirty, mean_1, mean_7, mean_30 = _windows(profile.spent, moment)
    return AccountSide(
        _ratio(profile, moment),
        one,
        seven,
        thirty,
        mean_1,
        mean_7,
        mean_30,
        rough(moment.idle),
        total(profile.minutes),
        _speed(profile.place, moment.here) if moment.here else 0,
        _recent(profile.inflows, second - DAY),
        _recent(profile.outflows, second - DAY),
        _flags(profile, moment),
    )


def _ratio(profile: Profile, moment: Moment) -> int:
    mean = profile.mean(moment.way, _ENOUGH)
    if mean == 0:
        return 0
    apart = (logarithm(moment.transaction.amount) - logarithm(mean)) * 100 // LOG_UNIT
    if -_MOST_RATIO < apart < _MOST_RATIO:
        return apart
    return _MOST_RATIO if apart > 0 else -_MOST_RATIO


def _windows(spent: list[int], moment: Moment) -> list[int]:
    """Return tenths of payments in 1, 7 and 30 days, and `rough` means; learn this payment.

    Days are those of UTC. Of the oldest day counts as large a part as the window still covers, as
    if its payments had been spread over it evenly; in the mean it counts as a whole.
    """
    second, money = moment.second, moment.transaction.amount
    back = _back(spent, second // DAY)
    counts, sums = spent[1 + 2 * back :: 2], spent[2 + 2 * back :: 2]
    known, gone, number, begin = len(counts), second % DAY, 1, 0
    numbers, means = [], []
    for end in _ENDS:
        if begin < known:
            number += sum(counts[begin:end])
            money += sum(sums[begin:end])
            begin = end
        outside = 10 * counts[end - 1] * gone // DAY if end <= known else 0
        numbers.append(10 * number - outside)
        means.append(rough(money // number))
    if moment.approved and moment.way != CREDIT and known:
        spent[1 + 2 * back] += 1
        spent[2 + 2 * back] += moment.transaction.amount
    return numbers + means


def _back(spent: list[int], day: int) -> int:
    """Make room for a day; return how many days before the newest one it is.

    `spent` is the newest day, then for each day from it backwards how many payments and their sum.
    """
    if not spent:
        spent[:] = [day, 0, 0]
        return 0
    back = spent[0] - day
    if back < 0:
        spent[:1] = [day, *[0] * (2 * min(-back, _DAYS))]
        del spent[1 + 2 * _DAYS :]
        return 0
    if back < _DAYS and len(spent) < 3 + 2 * back:
        spent += [0] * (3 + 2 * back - len(spent))
    return back


def _speed(before: list[int], here: list[int]) -> int:
    found = travelled(before, here, _MINIMUM_KM) if before else None
    return min(found[1], MOST) if found else 0


def _recent(flows: list[int], after: int) -> int:
    """Return how many movements with new counterparties, backwards from the last, are of a day."""
    if not flows or flows[-3] <= after:
        return 0
    times = flows[-3::-3]
    return next((n for n, at in enumerate(times) if at <= after), len(times))


def _flags(profile: Profile, moment: Moment) -> int:
    second, location, way = moment.second, moment.transaction.location, moment.way
    flags = _hour(location.uf if location else None, second // HOUR) | _OF_WAY[way]
    if not moment.approved:
        flags |= sides.DECLINED
    if not profile.is_settled(second):
        return flags | sides.UNSETTLED  # nothing is new to it
    device, other, horizon = moment.device, moment.counterparty, profile.horizon(second)
    # Most are known, which is found out sooner.
    if device and profile.devices.get(device, second) > horizon:
        flags |= sides.NEW_DEVICE if profile.is_new_device(device, second) else 0
    if other:
        known = profile.payers if way == CREDIT else profile.payees
        flags |= sides.NEW_BENEFICIARY if known.get(other, second) > horizon else 0
    return flags


@lru_cache(maxsize=8_192)
def _hour(uf: Uf | None, hour: int) -> int:
    """Return the flags of an hour since the epoch: zones in Brazil differ by whole hours."""
    when = local(hour * HOUR * 1000, zone_of(uf) if uf else national_zone())
    weekend = sides.WEEKEND if when.weekday() >= _SATURDAY else 0
    return weekend | (sides.NIGHT if when.hour < _FIRST_HOURS else 0)
