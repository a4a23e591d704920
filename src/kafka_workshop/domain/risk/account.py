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
from kafka_workshop.domain.risk.sides import AccountSide, rough
from kafka_workshop.domain.transaction import Uf
from kafka_workshop.domain.travel import travelled
from kafka_workshop.domain.window import total

DAY = 86_400
_DAYS = 31  # thirty whole days, and the one that has not ended
_NOTHING = [0] * _DAYS
# A day of `Profile.spent` is the sum of its payments, in minor units, and below that, in so many
# bits, their number: 31 days of the most that are counted have room in them.
_BITS, MOST_A_DAY = 14, 500
_NUMBER = (1 << _BITS) - 1
_ENDS = (2, 8, 31)  # of the windows of 1, 7 and 30 days, in days backwards from that one
_ENOUGH = 3  # amounts, for a mean
_MOST_RATIO = 1_600
_MINIMUM_KM = 100  # nearer places tell nothing: clocks differ
_MOST_KMH = 2_000  # beyond that nobody needs to know how fast
_FIRST_SECONDS = 7 * 3_600  # of a day
_WEEKEND = frozenset({2, 3})  # the epoch began on a Thursday
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
    if mean < 1:
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
    second = moment.second
    at = 1 + _back(spent, second // DAY)
    payment = (moment.transaction.amount << _BITS) + 1
    if len(spent) == 2 and at == 1:  # there is no other day: as in the first hours
        today = spent[1] + payment
        number = today & _NUMBER
        numbers, means = [10 * number] * 3, [rough((today >> _BITS) // number)] * 3
    else:
        numbers, means = _summed(spent[at:], second % DAY, payment)
    counts = moment.approved and moment.way != CREDIT
    if counts and at < len(spent) and spent[at] & _NUMBER < MOST_A_DAY:
        spent[at] += payment
    return numbers + means


def _summed(days: list[int], gone: int, total: int) -> tuple[list[int], list[int]]:
    """Return the windows over days, the newest first, of which `gone` seconds have passed."""
    numbers, means, known, begin = [], [], len(days), 0
    for end in _ENDS:
        total += sum(days[begin:end])
        begin, number = end, total & _NUMBER
        outside = 10 * (days[end - 1] & _NUMBER) * gone // DAY if end <= known else 0
        numbers.append(10 * number - outside)
        means.append(rough((total >> _BITS) // number))
    return numbers, means


def _back(spent: list[int], day: int) -> int:
    """Make room for a day; return how many days before the newest one it is."""
    if not spent:
        spent[:] = [day, 0]
        return 0
    back = spent[0] - day
    if back < 0:
        spent[0] = day
        spent[1:1] = _NOTHING[:-back]
        if len(spent) > 1 + _DAYS:
            del spent[1 + _DAYS :]
        return 0
    if back < _DAYS and len(spent) < 2 + back:
        spent += [0] * (2 + back - len(spent))
    return back


def _speed(before: list[int], here: list[int]) -> int:
    found = travelled(before, here, _MINIMUM_KM) if before else None
    return min(found[1], _MOST_KMH) if found else 0


def _recent(flows: list[int], after: int) -> int:
    """Return how many movements with new counterparties, backwards from the last, are of a day."""
    if not flows or flows[-3] <= after:
        return 0
    times = flows[-3::-3]
    return next((n for n, at in enumerate(times) if at <= after), len(times))


def _flags(profile: Profile, moment: Moment) -> int:
    second, location, way = moment.second, moment.transaction.location, moment.way
    here = second + _offset(location.uf if location else None, second // DAY)
    flags = _OF_WAY[way]
    if here % DAY < _FIRST_SECONDS:
        flags |= sides.NIGHT
    if here // DAY % 7 in _WEEKEND:
        flags |= sides.WEEKEND
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
def _offset(uf: Uf | None, day: int) -> int:
    """Return by how many seconds a state's clock is ahead of UTC on a day since the epoch."""
    offset = local(day * DAY * 1000, zone_of(uf) if uf else national_zone()).utcoffset()
    return int(offset.total_seconds()) if offset else 0
